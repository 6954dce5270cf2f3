"""What the customer sees before the bank has decided."""

from msgspec import Struct

from src.http.sandbox.document import Document
from src.http.sandbox.entities import Order
from src.http.sandbox.methods import DECLINED, REASONS
from src.http.sandbox.page import documents
from src.http.sandbox.page.instruments import (
    ACCEPTED_VPA,
    BANKS,
    FIELDS,
    INVENTED_CARDS,
    WALLETS,
    Instrument,
    Unreadable,
    method_of,
)
from src.http.sandbox.page.markup import NOTHING, Markup, fill, hidden, options
from src.http.sandbox.page.money import spelled
from src.http.sandbox.page.theme import colour
from src.http.sandbox.page.visit import Form, Visit

YES = ("pay", "vanish")
DECISIONS = (*YES, "fail", "silent")
HINTED = {"vpa", "card[number]"}


class Screen(Struct, frozen=True):
    title: str
    main: Markup


def window(visit: Visit, screen: Screen, order: Order | None = None, status: int = 200) -> Document:
    """A screen in its window, with the shop's name, the amount and the mark of the sandbox."""
    html = fill(
        "window.html",
        title=screen.title,
        main=screen.main,
        shop=visit.shop,
        origin=visit.origin,
        seconds=visit.fields.get("timeout", ""),
        colour=colour(visit.fields.get("theme[color]", "")).removeprefix("#"),
        picture=_picture(visit),
        about=_shown_if("about.html", visit.fields.get("description", "")),
        amount=_shown_if("amount.html", _due(order) if order else ""),
    )
    return documents.page(visit, html, status)


def methods(visit: Visit, order: Order, form: Form, wrong: Unreadable | None = None) -> Screen:
    chosen = method_of({"method": visit.fields.get("prefill[method]", ""), **form})
    values: Form = {f"{method}_open": "open" if method == chosen else "" for method in FIELDS}
    for names in FIELDS.values():
        for name in names:
            values |= _said(name, form.get(name) or _offered(visit, name), wrong)
    html = fill(
        "methods.html",
        **values,
        amount=_due(order),
        hidden=hidden(visit.fields),
        payer=_shown_if("payer.html", _payer(visit)),
        cancel=_shown_if("cancel.html", visit.cancel_url),
        banks=options(BANKS, values["bank"]),
        wallets=options(WALLETS, values["wallet"]),
    )
    return Screen("Choose how to pay", html)


def bank(visit: Visit, order: Order, instrument: Instrument, form: Form) -> Screen:
    carried = {name: form[name] for name in FIELDS[instrument.method] if name in form}
    says = "Nobody is asked but you: decide what the bank does with this payment."
    if instrument.is_declined:
        says = "This one is always declined: the bank can say no, or nothing at all."
    html = fill(
        "bank.html",
        instrument=instrument.label,
        says=says,
        hidden=hidden({**visit.fields, "method": instrument.method, **carried}),
        visit=hidden(visit.fields),
        approve=NOTHING if instrument.is_declined else fill("approve.html", amount=_due(order)),
        vanish=NOTHING if instrument.is_declined else fill("vanish.html"),
        reasons=options({reason: _spoken(reason) for reason in REASONS}, DECLINED),
    )
    return Screen("You are the bank", html)


def _said(name: str, value: str, wrong: Unreadable | None) -> Form:
    """A field's value, what is wrong with it, and the link between the two."""
    slug = name.replace("[", "_").rstrip("]")
    identity = slug.replace("_", "-")
    described = f"{identity}-hint" if name in HINTED else ""
    if wrong is None or wrong.field != name:
        about = f'aria-describedby="{described}"' if described else ""
        return {slug: value, f"{slug}_wrong": Markup(about), f"{slug}_says": NOTHING}
    about = f'aria-invalid="true" aria-describedby="{identity}-wrong {described}"'
    says = fill("wrong.html", id=identity, says=wrong.says)
    return {slug: value, f"{slug}_wrong": Markup(about), f"{slug}_says": says}


def _offered(visit: Visit, name: str) -> str:
    """What stands in a field at first, so that paying takes two clicks."""
    card = INVENTED_CARDS[0].number
    offers = {
        "vpa": visit.fields.get("prefill[vpa]", ACCEPTED_VPA),
        "card[number]": " ".join(card[at : at + 4] for at in range(0, len(card), 4)),
        "card[expiry]": "12/39",
        "card[cvv]": "123",
        "card[name]": visit.fields.get("prefill[name]", ""),
    }
    return offers.get(name, "")


def _payer(visit: Visit) -> str:
    known = (visit.fields.get(f"prefill[{name}]") for name in ("name", "email", "contact"))
    return " · ".join(each for each in known if each)


def _picture(visit: Visit) -> Markup:
    if visit.image:
        return fill("picture.html", image=visit.image)
    return fill("initial.html", letter=visit.shop[:1].upper())


def _shown_if(name: str, text: str) -> Markup:
    return fill(name, text=text) if text else NOTHING


def _due(order: Order) -> str:
    return spelled(order.amount_due or order.amount, order.currency)


def _spoken(reason: str) -> str:
    return reason.replace("_", " ").capitalize().replace("otp", "OTP")
