"""Khata, a checkout and order ledger: start here.

A customer's wish enters through `http`, becomes a command, is decided against
the facts so far, and ends as new facts in the book. Five ideas, five folders:

`events` are facts: one module per stream says what can happen, which states
follow and how (`evolve`); beside them stand money, identifiers, and the book
itself in PostgreSQL with its session streams in Redis.

`commands` are intent: `decisions` holds the rules as pure functions from a
state and a command to new facts, `transact` reads, decides and appends, and
each command that talks to the world has a file of its own.

`projections` are memory: each module keeps one read model, and any of them can
be thrown away and rebuilt from the book.

`queries` are questions: each reads projections, or folds the past, and changes
nothing.

`http` is the edge, in and out: the API, what we say to Razorpay, the sandbox
that plays Razorpay on this machine, the letters that leave, and the pages.

Around them: `cli` is the command `khata`; `bootstrap` is the composition root,
the only place that reads the clock and makes up ids; `settings` reads the
`environment` once; `telemetry` is what we tell operators, `tracing` which work
caused which, by `trace_spans`, sent away by `trace_export`; `embedded` runs
PostgreSQL and Valkey as supervised children.

Follow one request: `http/middleware`, `http/controllers`, `commands/transact`,
`commands/decisions`, `events/ledger`, `projections`, `queries`.

Follow a person: `commands/decisions/people` and `proofs` say who is who,
`http/passwords`, `http/login_tokens` and `http/families` keep them logged in,
`http/auth` and `http/order_owners` let them at what is theirs.

Follow a letter: `http/letter_requests` puts it down, `events/letterbox` keeps it
sealed, `bootstrap/letters` finds its words and sends it, by `http/mail`.

Follow a crowd: `http/room` has a place for it or `http/shedding` says no,
`http/flood` counts requests, `http/doors` what may be guesses at a secret.
"""
