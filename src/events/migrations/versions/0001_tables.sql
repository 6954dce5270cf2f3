-- Four schemas: khata is the book, keys opens what the book keeps sealed,
-- edge remembers requests, read holds what can be rebuilt from the book.
-- The schema khata itself is made before, to hold the version of this very list.
create schema keys;
create schema edge;
create schema read;

-- The head of each book: one row, updated by every append. The low fillfactor
-- keeps its new versions on the same page, so that no index is touched.
create table khata.books (
    book        int         primary key check (book > 0),
    position    bigint      not null default 0 check (position >= 0),
    recorded_at timestamptz not null default to_timestamp(0),
    chain       bytea       not null default decode(repeat('00', 32), 'hex')
                            check (octet_length(chain) = 32)
) with (fillfactor = 10);

-- Payload is json, not jsonb: it keeps the exact bytes, so that anyone can hash them again.
create table khata.events (
    book           int         not null,
    position       bigint      not null check (position > 0),
    stream         text        collate "C" not null check (length(stream) between 3 and 200),
    version        int         not null check (version > 0),
    type           text        collate "C" not null check (length(type) between 1 and 100),
    schema_version smallint    not null check (schema_version > 0),
    event_id       uuid        not null,
    recorded_at    timestamptz not null,
    command_id     uuid        not null,
    correlation_id uuid        not null,
    causation_id   uuid,
    actor          text        collate "C" not null check (length(actor) between 1 and 300),
    payload        json        not null,
    leaf           bytea       not null check (octet_length(leaf) = 32),
    primary key (book, position),
    unique (book, stream, version)
);

-- One row an append: its range, the hash over its leaves, and the chain up to here.
create table khata.appends (
    book           int         not null,
    first_position bigint      not null check (first_position > 0),
    last_position  bigint      not null check (last_position >= first_position),
    recorded_at    timestamptz not null,
    root           bytea       not null check (octet_length(root) = 32),
    chain          bytea       not null check (octet_length(chain) = 32),
    primary key (book, first_position)
);

create function khata.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'khata: % on %.% refused, the book is append-only', tg_op, tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete or truncate on khata.events
    for each statement execute function khata.refuse_change();
create trigger append_only before update or delete or truncate on khata.appends
    for each statement execute function khata.refuse_change();
-- Always: also when a session claims to be a replica.
alter table khata.events enable always trigger append_only;
alter table khata.appends enable always trigger append_only;

-- A destroyed key leaves its row, so that the same id is never given a new key.
create table keys.person_keys (
    book         int         not null,
    key_id       text        collate "C" not null check (length(key_id) between 1 and 200),
    wrapped      bytea,
    created_at   timestamptz not null default clock_timestamp(),
    destroyed_at timestamptz,
    primary key (book, key_id),
    check ((wrapped is null) = (destroyed_at is not null))
);

create table keys.installation (
    book    int   not null,
    name    text  collate "C" not null check (length(name) between 1 and 100),
    wrapped bytea not null,
    primary key (book, name)
);

create table edge.idempotency (
    book        int         not null,
    key         text        collate "C" not null check (length(key) between 1 and 500),
    fingerprint bytea       not null,
    command_id  uuid        not null,
    lease_until timestamptz not null,
    finished_at timestamptz,
    answer      bytea,
    created_at  timestamptz not null default clock_timestamp(),
    primary key (book, key)
);
create index idempotency_by_age on edge.idempotency (created_at);
