-- Hold the head of a book until the transaction ends, and say where it stands:
-- what is read meanwhile cannot move before it is written. The hold ends with the
-- connection, and when nothing is asked for longer than hold_idle_max.
create function khata.hold(which_book int, hold_idle_max interval) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    head_position bigint;
begin
    perform set_config('idle_in_transaction_session_timeout',
                       (extract(epoch from hold_idle_max) * 1000)::int::text, true);
    select position into head_position from khata.books where book = which_book for update;
    if not found then
        raise exception 'khata: there is no book %', which_book using errcode = 'no_data_found';
    end if;
    return head_position;
end $$;

-- The states of long streams, so that nobody folds them from birth. Each is worth
-- no more than the code that folded it: another code has another name for its own.
create table read.snapshots (
    book    int    not null,
    stream  text   collate "C" not null check (length(stream) between 3 and 200),
    folded  text   collate "C" not null check (length(folded) between 1 and 100),
    version int    not null check (version > 0),
    state   json   not null,
    primary key (book, stream)
);

-- Read models that are being built again, and those that were replaced.
create schema read_next;
create schema read_old;
