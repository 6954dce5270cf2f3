-- Who stays logged in: a family of refresh tokens for each login. The book says who may log in;
-- a family that is lost logs one device out, and nothing more.
create table edge.families (
    book             int         not null,
    family           text        collate "C" not null check (length(family) between 1 and 64),
    person           text        collate "C" not null check (length(person) between 1 and 128),
    -- The tokens of one generation are the only ones that are taken.
    generation       int         not null default 1 check (generation >= 1),
    rotated_at       timestamptz not null default clock_timestamp(),
    -- How often the password had been changed when its owner logged in.
    password_changes int         not null check (password_changes >= 0),
    expires_at       timestamptz not null,
    primary key (book, family)
);
create index families_of_a_person on edge.families (book, person);
create index families_by_end on edge.families (book, expires_at);
