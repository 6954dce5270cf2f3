"""/v1/settlements: what was paid out, and what it was made of."""

from datetime import datetime, timedelta, timezone
from typing import NoReturn

from src.http.sandbox.account import Account
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.entities import Collection, Settlement, collection
from src.http.sandbox.refusals import invalid, no_route

RECON_COUNT_MAX = 1_000
DECEMBER = 12
INDIA = timezone(timedelta(hours=5, minutes=30))
"""Whose days and months Razorpay counts."""


def list_all(account: Account, call: Call) -> Collection:
    return collection(account.entities.page(Settlement, page(call.query(*PAGING)), {}, lags=False))


def fetch(account: Account, call: Call) -> Settlement:
    call.query()
    return account.entities.get(Settlement, call.ids[0])


def on_demand(_account: Account, _call: Call) -> NoReturn:
    """Payouts on demand have no routes here, though this one looks like a settlement's id."""
    raise no_route()


def recon(account: Account, call: Call) -> Collection:
    """Everything that was settled in one month, or on one of its days."""
    query = call.query("year", "month", "day", "count", "skip")
    wanted = page(query, count_max=RECON_COUNT_MAX)
    begin, end = _period(query)
    return collection(account.settled.between(begin, end, wanted.count, wanted.skip))


def _period(query: dict[str, list[str]]) -> tuple[int, int]:
    """Its first second, and the first one after it."""
    year = _digits(query, "year", (4,), "The year must be 4 digits.")
    month = _digits(query, "month", (1, 2), "The month is not a valid month.")
    if not 1 <= month <= DECEMBER:
        raise invalid("The month is not a valid month.", "month")
    if "day" not in query:
        after = (year, month + 1) if month < DECEMBER else (year + 1, 1)
        return _midnight(year, month, 1), _midnight(*after, 1)
    day = _digits(query, "day", (1, 2), "The day must be between 1 and 2 digits.")
    begin = _midnight(year, month, day)
    return begin, begin + int(timedelta(days=1).total_seconds())


def _digits(query: dict[str, list[str]], name: str, lengths: tuple[int, ...], refusal: str) -> int:
    text = query.get(name, [""])[-1]
    if not (text.isascii() and text.isdigit() and len(text) in lengths):
        raise invalid(refusal, name)
    return int(text)


def _midnight(year: int, month: int, day: int) -> int:
    try:
        return int(datetime(year, month, day, tzinfo=INDIA).timestamp())
    except ValueError:
        raise invalid("The day is not a valid day.", "day") from None
