-- Letters that somebody asked for and nobody has sent yet. Whether they are for
-- anybody is found out later, so that whoever asks cannot tell by the answer.
-- The address is sealed; a mailbox is named by the hash that the book has of it.
create table edge.letters (
    book       int         not null,
    letter_id  uuid        not null,
    kind       text        collate "C" not null check (length(kind) between 1 and 40),
    mailbox    text        collate "C" not null check (length(mailbox) between 1 and 100),
    about      text        collate "C" not null check (length(about) <= 100),
    address    bytea       not null,
    asked_at   timestamptz not null,
    tries      int         not null default 0 check (tries >= 0),
    is_offered boolean     not null default false,
    next_at    timestamptz not null,
    primary key (book, letter_id)
);
-- Whoever asks again while the first letter still waits gets that one.
create unique index letters_once on edge.letters (book, mailbox, kind, about);
create index letters_due on edge.letters (book, next_at);

-- What became of letters; for watchers alone.
create table edge.letter_outcomes (
    book    int    not null,
    kind    text   collate "C" not null,
    outcome text   collate "C" not null check (length(outcome) between 1 and 40),
    letters bigint not null check (letters > 0),
    primary key (book, kind, outcome)
);
