-- Who may do what; said anew at every migration, so that a new role or table is covered.
-- The role's name comes in the setting khata.app_role. Where the application is
-- the owner itself, granting changes nothing and nothing is taken away.
revoke all on schema khata, keys, edge, read, models, models_next, models_old from public;
revoke all on all tables in schema khata, keys, edge from public;
revoke execute on all functions in schema khata from public;
-- Also where a restored book brought no rights along: its functions ask whoever calls them.
grant usage on schema notary to public;

do $$
declare
    app constant name := current_setting('khata.app_role');
    reader constant name := 'khata_read';
begin
    execute format('grant usage on schema khata, keys, edge to %I', app);
    execute format('grant usage, create on schema read, models, models_next, models_old to %I', app);
    execute format('grant select, insert, update, delete on models.snapshots, models.shop to %I', app);
    execute format('grant select on all tables in schema khata to %I', app);
    execute format('grant execute on function khata.append, khata.hold to %I', app);
    execute format('grant select, insert, update, delete on all tables in schema keys, edge to %I', app);

    -- Without it the application cannot see how old another role's view of the database is; it
    -- counts such views all the same. Most owners may not grant it: then a superuser has to.
    if pg_has_role(current_user, 'pg_read_all_stats', 'member with admin option') then
        execute format('grant pg_read_all_stats to %I', app);
    end if;

    if exists (select from pg_roles where rolname = reader) then
        -- The views in it belong to the application, which lets the reader read each when it
        -- makes it; what they are made from lies in schemas where the reader may not look.
        execute format('grant usage on schema read to %I', reader);
        execute format('revoke all on schema models, models_next, models_old from %I', reader);
        -- It was let read the tables there before it had views. Those of the application are
        -- closed by the application itself.
        execute format('revoke all on models.snapshots, models.shop from %I', reader);
        execute format('alter default privileges in schema models, models_next, models_old revoke all on tables from %I', reader);
    end if;
end $$;
