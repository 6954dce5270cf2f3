"""The calls of the payment window; they need the key's id and no secret, as in the browser."""

from collections.abc import Callable
from time import gmtime

from msgspec.structs import replace

from src.http.sandbox import bank
from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.document import Document
from src.http.sandbox.entities import Order, Payment
from src.http.sandbox.methods import DECLINED, REASONS
from src.http.sandbox.page import documents, outcomes, screens
from src.http.sandbox.page.admission import TurnedAway, admitted, known_order
from src.http.sandbox.page.instruments import Instrument, Unreadable, instrument_of
from src.http.sandbox.page.screens import Screen
from src.http.sandbox.page.visit import Form, Visit, form_of, visit_of
from src.http.sandbox.webhooks import Happening, announce

Page = Callable[[Account, Call], Document]
Show = Callable[[Account, Visit, Order, Form], Screen]


def script(_account: Account, _call: Call) -> Document:
    return documents.script("checkout.js")


def page_script(_account: Account, _call: Call) -> Document:
    return documents.script("page.js")


def page_styles(_account: Account, _call: Call) -> Document:
    return documents.styles("page.css")


def theme(_account: Account, call: Call) -> Document:
    return documents.theme(form_of(call).get("colour", ""))


def closed(_account: Account, call: Call) -> Document:
    """What is left of a tab that was closed."""
    return screens.window(visit_of(form_of(call)), outcomes.vanished())


def embedded(account: Account, call: Call) -> Document:
    """The first screen, in a frame of the shop's page or by itself."""
    return _shown(account, call, _choose)


def ask_bank(account: Account, call: Call) -> Document:
    """Somebody chose how to pay: over to the bank."""
    return _shown(account, call, _ask)


def decide(account: Account, call: Call) -> Document:
    """The bank decides: this is where a payment begins, and mostly ends."""
    return _shown(account, call, _decide)


def answer_late(account: Account, call: Call) -> Document:
    """The bank, which had not answered, says yes."""
    return _shown(account, call, _answer_late, known_order)


def _shown(
    account: Account,
    call: Call,
    show: Show,
    admit: Callable[[Account, Visit], Order] = admitted,
) -> Document:
    form = form_of(call)
    visit = visit_of(form)
    try:
        order = admit(account, visit)
        return screens.window(visit, show(account, visit, order, form), order)
    except TurnedAway as no:
        return screens.window(visit, outcomes.turned_away(visit, no), status=no.status)


def _choose(_account: Account, visit: Visit, order: Order, form: Form) -> Screen:
    return screens.methods(visit, order, form)


def _ask(account: Account, visit: Visit, order: Order, form: Form) -> Screen:
    try:
        instrument = _instrument(account, form)
    except Unreadable as wrong:
        return screens.methods(visit, order, form, wrong)
    return screens.bank(visit, order, instrument, form)


def _decide(account: Account, visit: Visit, order: Order, form: Form) -> Screen:
    try:
        instrument = _instrument(account, form)
    except Unreadable as wrong:
        return screens.methods(visit, order, form, wrong)
    decision = form.get("decision", "")
    if decision not in screens.DECISIONS or (instrument.is_declined and decision in screens.YES):
        return screens.bank(visit, order, instrument, form)
    payment = _attempt(account, visit, order, instrument)
    reason = form.get("reason", "")
    reason = reason if reason in REASONS else DECLINED
    announce(account, _happened(account, payment, decision, reason))
    return _outcome(account, visit, payment.id, vanishes=decision == "vanish")


def _answer_late(account: Account, visit: Visit, order: Order, form: Form) -> Screen:
    payment = account.entities.find(Payment, form.get("payment_id", ""))
    if payment is None or payment.order_id != order.id:
        raise TurnedAway("Unknown payment", "This order has no such payment.", 404)
    if payment.status in {"created", "failed"}:
        announce(account, _happened(account, payment, "pay"))
    return _outcome(account, visit, payment.id)


def _instrument(account: Account, form: Form) -> Instrument:
    today = gmtime(account.clock.now())
    return instrument_of(form, (today.tm_year, today.tm_mon))


def _attempt(account: Account, visit: Visit, order: Order, instrument: Instrument) -> Payment:
    """A payment that knows what the customer typed, and what the shop said of them."""
    bare = bank.attempt(account, order, instrument.method)
    payment = replace(
        bare,
        email=visit.fields.get("prefill[email]", bare.email),
        contact=visit.fields.get("prefill[contact]", bare.contact),
        description=visit.fields.get("description"),
        notes=visit.notes or bare.notes,
        **instrument.of(bare),
    )
    account.entities.save(payment)
    return payment


def _happened(
    account: Account, payment: Payment, decision: str, reason: str = DECLINED
) -> list[Happening]:
    match decision:
        case "fail":
            return bank.decline(account, payment, reason)
        case "silent":
            return []
        case _:
            return bank.approve(account, payment, capture=True)


def _outcome(account: Account, visit: Visit, payment_id: str, *, vanishes: bool = False) -> Screen:
    payment = account.entities.get(Payment, payment_id)
    match payment.status:
        case "created":
            return outcomes.unanswered(visit, payment)
        case "failed":
            return outcomes.failed(visit, payment)
        case "refunded":
            return outcomes.sent_back(visit)
        case _ if vanishes:
            return outcomes.vanished()
        case _:
            return outcomes.paid(visit, payment, account.settings.key_secret)


CALLS: dict[str, Page] = {
    "GET /v1/checkout.js": script,
    "GET /v1/checkout/page.js": page_script,
    "GET /v1/checkout/page.css": page_styles,
    "GET /v1/checkout/theme.css": theme,
    "GET /v1/checkout/embedded": embedded,
    "POST /v1/checkout/embedded": embedded,
    "POST /v1/checkout/bank": ask_bank,
    "POST /v1/checkout/payments": decide,
    "POST /v1/checkout/late": answer_late,
    "GET /v1/checkout/closed": closed,
}
