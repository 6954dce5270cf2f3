-- How far those have come who follow the book and act on what they find. Whoever
-- loses the row begins again: acting twice changes nothing more.
create table edge.reactions (
    book     int    not null,
    name     text   collate "C" not null check (length(name) between 1 and 100),
    position bigint not null check (position >= 0),
    primary key (book, name)
);

-- Whom or what a kept answer tells of, by id: a customer, a guest or a delivery.
-- Their answers are forgotten with them.
alter table edge.idempotency add column about text collate "C" check (length(about) between 1 and 200);
create index idempotency_about on edge.idempotency (book, about) where about is not null;
