-- What the notary keeps: signed checkpoints, the roots of whole subtrees, and alarms.
-- All of it can only be added to, and only through the two functions below.
create table khata.checkpoints (
    book    int         not null,
    size    bigint      not null check (size > 0),
    note    text        not null check (length(note) <= 2000),
    kept_at timestamptz not null default clock_timestamp(),
    primary key (book, size)
);

-- The root of the place-th subtree of 256 ^ level leaves. Leaves themselves stand
-- beside the events, so a proof reads at most 256 rows for every factor of 256.
create table khata.tree_nodes (
    book  int      not null,
    level smallint not null check (level > 0),
    place bigint   not null check (place >= 0),
    hash  bytea    not null check (octet_length(hash) = 32),
    primary key (book, level, place)
);

create table khata.notary_alarms (
    book      int         not null,
    raised_at timestamptz not null default clock_timestamp(),
    position  bigint      not null,
    reason    text        not null check (length(reason) <= 500),
    primary key (book, raised_at)
);

do $$
declare
    kept text;
begin
    foreach kept in array array['checkpoints', 'tree_nodes', 'notary_alarms'] loop
        execute format('create trigger append_only before update or delete or truncate on khata.%I'
                       ' for each statement execute function khata.refuse_change()', kept);
        execute format('alter table khata.%I enable always trigger append_only', kept);
    end loop;
end $$;

-- Whoever may append to the book may notarise it: the functions ask for that right
-- themselves, so that it follows the role wherever grants.sql gives it.
create schema notary;
grant usage on schema notary to public;

create function notary.refuse_others() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
    append constant oid := (select oid from pg_proc where proname = 'append'
                            and pronamespace = 'khata'::regnamespace);
begin
    if not has_function_privilege(session_user, append, 'execute') then
        raise exception 'khata: % may not notarise the book', session_user
            using errcode = 'insufficient_privilege';
    end if;
end $$;

-- Keep a checkpoint together with the subtrees that were completed since the last one.
create function notary.keep(
    which_book int, tree_size bigint, signed text, levels smallint[], places bigint[], hashes bytea[]
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    perform notary.refuse_others();
    if tree_size <= (select coalesce(max(size), 0) from khata.checkpoints where book = which_book)
        or tree_size > (select position from khata.books where book = which_book)
    then
        raise exception 'khata: a checkpoint of size % does not follow', tree_size
            using errcode = 'invalid_parameter_value';
    end if;
    insert into khata.tree_nodes (book, level, place, hash)
        select which_book, level, place, hash from unnest(levels, places, hashes) as node(level, place, hash);
    insert into khata.checkpoints (book, size, note) values (which_book, tree_size, signed);
end $$;

create function notary.alarm(which_book int, at_position bigint, because text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    perform notary.refuse_others();
    insert into khata.notary_alarms (book, position, reason)
        values (which_book, at_position, left(because, 500));
end $$;
