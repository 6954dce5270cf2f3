"""What `khata sample` is asked for, and how much of it may be asked."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from src.cli.complaint import Complaint

ORDERS_MAX = 1_000_000
DAYS_MAX = 1_095
ORDERS_PER_DAY_MAX = 20_000
SEED_MAX = 2**31 - 1
MISUSED = 2


class Request(Struct, frozen=True, kw_only=True):
    """A past to be made."""

    orders: int
    """About so many: what is sold out is not bought, and late money may still buy."""
    days: int
    seed: int
    until: datetime
    """UTC; the past ends here."""

    @property
    def since(self) -> datetime:
        """When the shop opens."""
        return self.until - timedelta(days=self.days)


def checked(orders: int, days: int, seed: int, until: str | None, now: datetime) -> Request:
    """Return what is asked for; raises Complaint with what is wrong with it."""
    _within("--orders", orders, ORDERS_MAX)
    _within("--days", days, DAYS_MAX)
    _within("--seed", seed, SEED_MAX)
    if orders > days * ORDERS_PER_DAY_MAX:
        raise _misused(f"--orders: a day has at most {ORDERS_PER_DAY_MAX:,} of them; more --days")
    return Request(orders=orders, days=days, seed=seed, until=_end(until, now))


def _within(name: str, number: int, highest: int) -> None:
    if not 1 <= number <= highest:
        raise _misused(f"{name} is a whole number from 1 to {highest:,}, not {number:,}")


def _end(text: str | None, now: datetime) -> datetime:
    if text is None:
        return now.replace(minute=0, second=0, microsecond=0)
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        raise _misused("--until is a time like 2026-11-23T00:00:00Z") from None
    if until.tzinfo is None:
        raise _misused("--until needs its zone: add Z for UTC, or +05:30 for India")
    if until > now:
        raise _misused(f"--until lies in the future: it is {now:%Y-%m-%dT%H:%M:%SZ} now")
    return until.astimezone(UTC)


def _misused(why: str) -> Complaint:
    return Complaint(why, exit_code=MISUSED)
