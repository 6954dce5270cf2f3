"""What keeps a shop from its work: each trouble by name, in a sentence, and how to mend it.

Not ready is only what this process cannot serve with; everything else is told,
and buyers are served all the same. Anybody may read it: no sentence quotes a fact.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from src.events.migrated import newest
from src.events.notary_rows import NotaryHealth
from src.events.outbox_publisher import Standing
from src.projections.catalogue import ANALYSTS
from src.projections.lag import Lag
from src.queries.upkeep import LATE_SECONDS, Upkeep


class Part(StrEnum):
    """What may be in trouble."""

    DATABASE = "database"
    REDIS = "redis"
    MIGRATIONS = "migrations"
    KEYS = "keys"
    PROJECTIONS = "projections"
    NOTARY = "notary"
    OUTBOX = "outbox"
    WORKER = "worker"
    WEBHOOKS = "webhooks"
    ERRANDS = "errands"
    MAIL = "mail"
    PROCESS = "process"


class Trouble(Struct, frozen=True, kw_only=True):
    """Something that a person should see to."""

    part: Part
    says: str
    mend: str
    is_fatal: bool = False
    """Whether this process cannot serve."""


DATABASE_AWAY = Trouble(
    part=Part.DATABASE,
    says="the database does not answer",
    mend="start PostgreSQL, or see with `khata doctor` what is wrong with DATABASE_URL",
    is_fatal=True,
)
REDIS_AWAY = Trouble(
    part=Part.REDIS,
    says="Redis does not answer, which costs speed and live events alone",
    mend="start it, or see with `khata doctor` what is wrong with REDIS_URL",
)
STOPPING = Trouble(
    part=Part.PROCESS,
    says="stopping",
    mend="send requests to another process; this one was told to stop",
    is_fatal=True,
)
OWNED = Trouble(
    part=Part.DATABASE,
    says="application owns the book",
    mend="give KHATA_OWNER_DATABASE_URL the owner, DATABASE_URL another role, and migrate",
)


def of_read_models(lags: Sequence[Lag]) -> Iterator[Trouble]:
    """A read model that has stopped shows what is no longer so; analysts' keep no buyer out."""
    for each in lags:
        if each.stopped_at is not None:
            yield Trouble(
                part=Part.PROJECTIONS,
                says=f"read model {each.name} has stopped",
                mend=f"see the log for why at {each.stopped_at}; then restart the worker, or run "
                f"`khata rebuild {each.name}`",
                is_fatal=each.name not in _FOR_ANALYSTS,
            )


def of_late_read_models(behind_seconds: Mapping[str, float]) -> Iterator[Trouble]:
    """A worker that hangs holds its lock all the same, and shows in this alone."""
    late = {name: age for name, age in behind_seconds.items() if age > LATE_SECONDS}
    if late:
        yield Trouble(
            part=Part.PROJECTIONS,
            says=f"read models are {max(late.values()):.0f} s behind: {', '.join(sorted(late))}",
            mend="restart the worker if its log is silent; one that is being built catches up",
        )


def of_notary(notary: NotaryHealth) -> Iterator[Trouble]:
    """It says what is wrong with the book; buyers are served all the same."""
    if notary.stopped_at is not None:
        yield Trouble(
            part=Part.NOTARY,
            says=f"the notary has stopped at {notary.stopped_at}: {notary.reason}",
            mend="run `khata audit verify`, and find out who altered the book",
        )


def of_outbox(outbox: Standing | None) -> Iterator[Trouble]:
    """Other systems miss facts; buyers do not."""
    if outbox is not None and outbox.trouble is not None:
        yield Trouble(
            part=Part.OUTBOX,
            says=outbox.trouble,
            mend="give Khata a Redis of its own in REDIS_URL, or rename that key",
        )


def of_keys(lost: Sequence[str]) -> Iterator[Trouble]:
    """What runs has its keys; what is started next does not find them."""
    for variable in lost:
        yield Trouble(
            part=Part.KEYS,
            says=f"{variable} is not to be read any more",
            mend=f"restore what {variable} names from a backup before anything is restarted",
        )


def of_upkeep(found: Upkeep) -> Iterator[Trouble]:
    """Whether the database fits this code, and whether a worker keeps up."""
    yield from _of_migrations(found.migrated, newest())
    if not found.is_fed:
        yield Trouble(
            part=Part.WORKER,
            says="no worker is at work: lists are old, and nothing expires",
            mend="start `khata worker`",
        )
    yield from _late(found.late_sessions, "sessions are over and hold their stock", Part.WORKER)
    yield from _late(found.late_deliveries, "webhook deliveries wait", Part.WEBHOOKS)
    yield from _late(found.late_errands, "refunds and captures wait for Razorpay", Part.ERRANDS)
    yield from _late(found.late_letters, "letters wait to be sent", Part.MAIL)


def _of_migrations(has: str, wanted: str) -> Iterator[Trouble]:
    if has < wanted:
        yield Trouble(
            part=Part.MIGRATIONS,
            says=f"the database is at version {int(has)}, and this Khata needs {int(wanted)}",
            mend="run `khata migrate`",
            is_fatal=True,
        )
    elif has > wanted:
        yield Trouble(
            part=Part.MIGRATIONS,
            says=f"the database is at version {int(has)}, and this Khata knows {int(wanted)}",
            mend="update this process to the Khata that migrated",
        )


def _late(count: int, what: str, part: Part) -> Iterator[Trouble]:
    if count:
        yield Trouble(part=part, says=f"{count} {what} for too long", mend=_MENDS[part])


_FOR_ANALYSTS = frozenset(each.NAME for each in ANALYSTS)
_MENDS = {
    Part.WORKER: "see the worker's log for what it cannot expire",
    Part.WEBHOOKS: "see the worker's log for what it cannot settle",
    Part.ERRANDS: "see whether Razorpay answers with `khata doctor`, and the worker's log",
    Part.MAIL: "see with `khata doctor` what is wrong with SMTP_URL, and the worker's log",
}
