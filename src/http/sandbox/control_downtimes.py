"""/_sandbox/downtimes: a bank, a network or an app stops working, and works again."""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.entities import Downtime
from src.http.sandbox.webhooks import Happening, announce
from src.http.sandbox.wishes import TEXT_CHARACTERS_MAX, Delivery, find, read, refuse

Severity = Literal["high", "medium", "low"]
DownMethod = Literal["card", "netbanking", "upi"]
Word = Annotated[str, Meta(min_length=1, max_length=TEXT_CHARACTERS_MAX)]
INSTRUMENTS: dict[DownMethod, dict[str, str]] = {
    "card": {"network": "VISA"},
    "netbanking": {"bank": "HDFC"},
    "upi": {"vpa_handle": "oksbi"},
}
INSTRUMENT_FIELDS: dict[DownMethod, tuple[str, ...]] = {
    "card": ("network", "issuer", "card_type"),
    "netbanking": ("bank",),
    "upi": ("vpa_handle", "psp", "flow"),
}


class Outage(Struct, frozen=True, forbid_unknown_fields=True):
    method: DownMethod = "upi"
    instrument: dict[str, Word] | None = None
    """What of it: a network or issuer, a bank, a handle, psp or flow."""
    severity: Severity = "high"
    scheduled: bool = False
    deliver: bool = True


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    severity: Severity
    deliver: bool = True


def begin(account: Account, call: Call) -> Downtime:
    wish, now = read(call, Outage), account.clock.seconds()
    instrument = wish.instrument or INSTRUMENTS[wish.method]
    if unknown := set(instrument) - set(INSTRUMENT_FIELDS[wish.method]):
        known = ", ".join(INSTRUMENT_FIELDS[wish.method])
        refuse(422, f"No {', '.join(sorted(unknown))} of {wish.method}. It has: {known}.")
    downtime = Downtime(
        id=account.ids.new("down_"), method=wish.method, begin=now, end=None, status="started",
        scheduled=wish.scheduled, severity=wish.severity, instrument=instrument, created_at=now,
        updated_at=now,
    )  # fmt: skip
    account.entities.add(downtime)
    return _announced(account, downtime, "started", deliver=wish.deliver)


def update(account: Account, call: Call) -> Downtime:
    """It goes on, better or worse."""
    wish, downtime = read(call, Change), _ongoing(account, call)
    now = account.clock.seconds()
    changed = replace(downtime, status="updated", severity=wish.severity, updated_at=now)
    account.entities.save(changed)
    return _announced(account, changed, "updated", deliver=wish.deliver)


def resolve(account: Account, call: Call) -> Downtime:
    wish, downtime = read(call, Delivery), _ongoing(account, call)
    now = account.clock.seconds()
    over = replace(downtime, status="resolved", end=now, updated_at=now)
    account.entities.save(over)
    return _announced(account, over, "resolved", deliver=wish.deliver)


def _ongoing(account: Account, call: Call) -> Downtime:
    downtime = find(account.entities, Downtime, call.ids[0], "payments/downtime")
    if downtime.status == "resolved":
        refuse(409, f"{downtime.id} is resolved. POST /_sandbox/downtimes begins another.")
    return downtime


def _announced(account: Account, downtime: Downtime, word: str, *, deliver: bool) -> Downtime:
    announce(account, [Happening(f"payment.downtime.{word}", (downtime,))], deliver=deliver)
    return downtime
