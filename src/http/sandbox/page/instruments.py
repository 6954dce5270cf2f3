"""What a customer can pay with here, all of it invented.

Only these cards are taken: nobody should find out that a real one works here.
"""

import re
from typing import Any, NamedTuple, cast, get_args

from msgspec import Struct

from src.http.sandbox.entities import Card, Payment, Upi
from src.http.sandbox.methods import Method
from src.http.sandbox.page.visit import Form

ACCEPTED_VPA, DECLINED_VPA = "success@razorpay", "failure@razorpay"
_VPA = re.compile(r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}")
_EXPIRY = re.compile(r"(0[1-9]|1[0-2]) ?/ ?(\d\d)")
_CVV = re.compile(r"\d{3,4}")
CARD_NAME_CHARACTERS_MAX = 100


class InventedCard(NamedTuple):
    number: str
    network: str
    is_declined: bool = False


INVENTED_CARDS = (
    InventedCard("4111111111111111", "Visa"),
    InventedCard("5555555555554444", "MasterCard"),
    InventedCard("4000000000000002", "Visa", is_declined=True),
)
BANKS = {
    "HDFC": "HDFC Bank",
    "ICIC": "ICICI Bank",
    "KKBK": "Kotak Mahindra Bank",
    "SBIN": "State Bank of India",
    "UTIB": "Axis Bank",
}
WALLETS = {"airtelmoney": "Airtel Money", "mobikwik": "MobiKwik", "payzapp": "PayZapp"}
FIELDS: dict[Method, tuple[str, ...]] = {
    "upi": ("vpa",),
    "card": ("card[number]", "card[expiry]", "card[cvv]", "card[name]"),
    "netbanking": ("bank",),
    "wallet": ("wallet",),
}


class Instrument(Struct, frozen=True):
    method: Method
    label: str
    """As the bank's screen names it."""
    details: dict[str, Any]
    """Fields of the payment."""
    is_declined: bool = False
    """Whether the bank never takes it."""

    def of(self, payment: Payment) -> dict[str, Any]:
        """The fields as that payment has them; a card keeps the id that it was given."""
        if self.method != "card":
            return self.details
        assert isinstance(payment.card, Card)
        card = self.details["card"]
        return {"card": Card(id=payment.card.id, type="debit", issuer=None, **card)}


class Unreadable(Exception):
    """A field of the form that somebody has to look at again."""

    def __init__(self, field: str, says: str) -> None:
        super().__init__(field, says)
        self.field = field
        self.says = says


def method_of(form: Form) -> Method:
    method = form.get("method")
    return cast("Method", method) if method in get_args(Method) else "upi"


def instrument_of(form: Form, today: tuple[int, int]) -> Instrument:
    """What is paid with; `today` is the year and the month. Raises Unreadable."""
    match method_of(form):
        case "upi":
            return _upi(form.get("vpa", ""))
        case "card":
            return _card(form, today)
        case "netbanking":
            return _one_of(BANKS, "netbanking", "bank", form)
        case "wallet":
            return _one_of(WALLETS, "wallet", "wallet", form)


def _upi(vpa: str) -> Instrument:
    if not _VPA.fullmatch(vpa):
        raise Unreadable("vpa", f"A UPI ID looks like {ACCEPTED_VPA}.")
    upi = Upi(payer_account_type="bank_account", vpa=vpa, flow="intent")
    return Instrument("upi", f"UPI, {vpa}", {"vpa": vpa, "upi": upi}, vpa == DECLINED_VPA)


def _card(form: Form, today: tuple[int, int]) -> Instrument:
    number = re.sub(r"[ -]", "", form.get("card[number]", ""))
    known = next((card for card in INVENTED_CARDS if card.number == number), None)
    if known is None:
        raise Unreadable("card[number]", "Only the test cards named below are taken here.")
    expiry = _EXPIRY.fullmatch(form.get("card[expiry]", ""))
    if expiry is None:
        raise Unreadable("card[expiry]", "An expiry looks like 08/31: month, then year.")
    if (2000 + int(expiry[2]), int(expiry[1])) < today:
        raise Unreadable("card[expiry]", "This card has expired.")
    if not _CVV.fullmatch(form.get("card[cvv]", "")):
        raise Unreadable("card[cvv]", "A CVV has three or four digits.")
    name = form.get("card[name]", "")[:CARD_NAME_CHARACTERS_MAX]
    card = {"name": name, "last4": number[-4:], "network": known.network}
    label = f"{known.network} card ending in {number[-4:]}"
    return Instrument("card", label, {"card": card}, known.is_declined)


def _one_of(choices: dict[str, str], method: Method, field: str, form: Form) -> Instrument:
    chosen = form.get(field, "")
    if chosen not in choices:
        raise Unreadable(field, "Choose one of the list.")
    return Instrument(method, choices[chosen], {field: chosen})
