-- Who may do what; said anew at every migration, so that a new role or table is covered.
-- The role's name comes in the setting khata.app_role. Where the application is
-- the owner itself, granting changes nothing and nothing is taken away.
revoke all on schema khata, keys, edge, read from public;
revoke all on all tables in schema khata, keys, edge from public;
revoke execute on all functions in schema khata from public;

do $$
declare
    app constant name := current_setting('khata.app_role');
    reader constant name := 'khata_read';
begin
    execute format('grant usage on schema khata, keys, edge to %I', app);
    execute format('grant usage, create on schema read to %I', app);
    execute format('grant select on all tables in schema khata to %I', app);
    execute format('grant execute on function khata.append to %I', app);
    execute format('grant select, insert, update, delete on all tables in schema keys, edge to %I', app);

    if exists (select from pg_roles where rolname = reader) then
        execute format('grant usage on schema read to %I', reader);
        execute format('grant select on all tables in schema read to %I', reader);
        execute format('alter default privileges in schema read grant select on tables to %I', reader);
        -- Read models belong to the application; speaking for it takes membership. Without it
        -- the application says so itself when it makes its tables.
        if pg_has_role(current_user, app, 'usage') then
            execute format('alter default privileges for role %I in schema read grant select on tables to %I', app, reader);
        end if;
    end if;
end $$;
