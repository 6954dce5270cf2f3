-- What Razorpay is still to be asked about, and when next. A row that is lost is
-- found again in the book; asking twice changes nothing more.
create table edge.inquiries (
    book     int         not null,
    kind     text        collate "C" not null check (kind in ('intent', 'payment', 'refund')),
    key      text        collate "C" not null check (length(key) between 1 and 200),
    began_at timestamptz not null,
    asked    int         not null default 0 check (asked >= 0),
    next_at  timestamptz not null,
    primary key (book, kind, key)
);
create index inquiries_due on edge.inquiries (book, next_at);

-- How often was asked, and what came of it; for watchers alone.
create table edge.inquiry_outcomes (
    book      int    not null,
    kind      text   collate "C" not null,
    outcome   text   collate "C" not null check (length(outcome) between 1 and 40),
    inquiries bigint not null check (inquiries > 0),
    primary key (book, kind, outcome)
);
