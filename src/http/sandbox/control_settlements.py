"""/_sandbox/settlements: pay out now, instead of two working days later."""

from msgspec import Struct

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.entities import Settlement
from src.http.sandbox.settlement_life import Row, settle
from src.http.sandbox.webhooks import announce
from src.http.sandbox.wishes import Delivery, read, refuse


class Settled(Struct, frozen=True):
    settlement: Settlement
    items: list[Row]


def pay_out(account: Account, call: Call) -> Settled:
    wish = read(call, Delivery)
    done = settle(account)
    if done is None:
        refuse(
            409,
            "Nothing to pay out: what was captured since the last settlement is no more than"
            " what was refunded and lost.",
        )
    settlement, rows, happened = done
    announce(account, happened, deliver=wish.deliver)
    return Settled(settlement, rows)
