"""Facts to read models from: whole stories of a shop, short to write and always the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from src.events.capture import CaptureMode
from src.events.cart import CartItemSet, CartLocked, CartOpened, CartOrdered
from src.events.checkout import (
    CheckoutExpired,
    CheckoutStarted,
    OrderCreated,
    PaymentConfirmed,
    PaymentIntentCreated,
    PaymentIntentRequested,
)
from src.events.customer import GuestIdentified
from src.events.identifiers import (
    CART,
    CHECKOUT,
    CUSTOMER,
    ORDER,
    PAYMENT,
    PRODUCT,
    STOCK,
    WEBHOOK,
    stream,
)
from src.events.money import Money
from src.events.order import OrderPayment, OrderPlaced
from src.events.payment import PaymentAuthorized, PaymentCaptured, PaymentOrderOpened
from src.events.ports import Sealed
from src.events.pricing import PricedLine, ShippingChoice, Totals, totals_of
from src.events.product import ProductListed
from src.events.stock import StockCommitted, StockReceived, StockReservationExpired, StockReserved
from src.events.webhook import WebhookHandled, WebhookReceived

Fact = tuple[str, Struct]
"""A stream and what happened on it."""

BOX = Sealed("person-1", "c2VhbGVk")
SECRET_BOX = "c2VhbGVk"
MAILBOX = "mailbox-hash"
EXPIRES_AT = datetime(2030, 1, 1, 12, 30, tzinfo=UTC)
SHIPPING = ShippingChoice(code="post", name="India Post", price=Money(4_900, "INR"))


def inr(amount: int) -> Money:
    return Money(amount, "INR")


def sku(n: int) -> str:
    return f"SKU-{n}"


def opening(products: int = 3) -> list[Fact]:
    """A shop with some products and plenty of each."""
    facts: list[Fact] = []
    for n in range(products):
        listed = ProductListed(
            sku=sku(n), name=f"Product {n}", price=inr(10_000 + n), weight_grams=500
        )
        facts.append((stream(PRODUCT, sku(n)), listed))
        received = StockReceived(sku=sku(n), quantity=1_000_000)
        facts.append((stream(STOCK, sku(n)), received))
    return facts


def line(n: int, quantity: int = 2) -> PricedLine:
    price = inr(10_000 + n)
    return PricedLine(
        sku=sku(n),
        name=f"Product {n}",
        quantity=quantity,
        unit_price=price,
        line_total=price * quantity,
        discount=inr(0),
        weight_grams=500,
    )


def started(name: str, lines: Sequence[PricedLine], expires_at: datetime) -> CheckoutStarted:
    return CheckoutStarted(
        checkout_session_id=f"chk_{name}",
        cart_id=f"cart_{name}",
        customer_id=None,
        currency="INR",
        lines=tuple(lines),
        coupon=None,
        shipping=None,
        expires_at=expires_at,
    )


def begun(
    name: str, products: Sequence[int] = (0, 1), expires_at: datetime = EXPIRES_AT
) -> list[Fact]:
    """A cart is filled and its checkout begins."""
    cart, checkout = stream(CART, f"cart_{name}"), stream(CHECKOUT, f"chk_{name}")
    opened = CartOpened(cart_id=f"cart_{name}", customer_id=None, currency="INR")
    lines = [line(n) for n in products]
    return [
        (cart, opened),
        *((cart, CartItemSet(sku=each.sku, quantity=each.quantity)) for each in lines),
        (cart, CartLocked(checkout_session_id=f"chk_{name}")),
        (checkout, started(name, lines, expires_at)),
        *((stream(STOCK, each.sku), _reserved(name, each)) for each in lines),
    ]


def expired(name: str, products: Sequence[int] = (0, 1)) -> list[Fact]:
    """The checkout that had begun is not paid in time."""
    ended = CheckoutExpired(expires_at=EXPIRES_AT)
    lines = [line(n) for n in products]
    return [
        (stream(CHECKOUT, f"chk_{name}"), ended),
        *((stream(STOCK, each.sku), _lapsed(name, each)) for each in lines),
    ]


def asked_for_money(name: str, products: Sequence[int] = (0, 1)) -> list[Fact]:
    """The buyer says who and where, and Razorpay makes its order."""
    checkout = stream(CHECKOUT, f"chk_{name}")
    due = _totals(products).total
    guest = GuestIdentified(customer_id=f"cus_{name}", mailbox=MAILBOX, profile=BOX)
    asked = PaymentIntentRequested(
        customer_id=f"cus_{name}",
        guest=True,
        mailbox=MAILBOX,
        contact=BOX,
        shipping_address=BOX,
        billing_address=None,
        shipping=SHIPPING,
        totals=_totals(products),
        wish="wish",
    )
    opened = PaymentOrderOpened(
        razorpay_order_id=f"order_{name}",
        checkout_session_id=f"chk_{name}",
        cart_id=f"cart_{name}",
        due=due,
        capture=CaptureMode.AUTOMATIC,
    )
    return [
        (stream(CUSTOMER, f"cus_{name}"), guest),
        (checkout, asked),
        (checkout, PaymentIntentCreated(razorpay_order_id=f"order_{name}", due=due)),
        (stream(PAYMENT, f"order_{name}"), opened),
    ]


def delivered(name: str, kind: str, outcome: str = "applied") -> list[Fact]:
    """Razorpay tells us something, and it is dealt with."""
    webhook = stream(WEBHOOK, f"{kind}-{name}")
    received = WebhookReceived(
        provider="razorpay",
        event_id=f"evt_{kind}_{name}",
        body=BOX,
        sha256="ab" * 32,
        signature="cd" * 32,
        secret_index=0,
    )
    about = f"order_{name}"
    handled = WebhookHandled(name=f"payment.{kind}", razorpay_order_id=about, outcome=outcome)
    return [(webhook, received), (webhook, handled)]


def paid(name: str, products: Sequence[int] = (0, 1)) -> list[Fact]:
    """The money comes, and the session becomes an order."""
    due = _totals(products).total
    checkout = stream(CHECKOUT, f"chk_{name}")
    lines = [line(n) for n in products]
    confirmed = PaymentConfirmed(
        razorpay_order_id=f"order_{name}", razorpay_payment_id=f"pay_{name}", amount=due
    )
    ordered = CartOrdered(checkout_session_id=f"chk_{name}", order_id=f"ord_{name}")
    return [
        (stream(PAYMENT, f"order_{name}"), _captured(name, due)),
        (checkout, confirmed),
        *((stream(STOCK, each.sku), _sold(name, each)) for each in lines),
        (stream(ORDER, f"ord_{name}"), placed(name, products)),
        (checkout, OrderCreated(order_id=f"ord_{name}", order_number=f"N-{name}")),
        (stream(CART, f"cart_{name}"), ordered),
    ]


def bought(name: str, products: Sequence[int] = (0, 1)) -> list[Fact]:
    """One whole order: 23 facts for two products."""
    due = _totals(products).total
    authorized = PaymentAuthorized(razorpay_payment_id=f"pay_{name}", amount=due, method="upi")
    return [
        *begun(name, products),
        *asked_for_money(name, products),
        *delivered(name, "authorized"),
        (stream(PAYMENT, f"order_{name}"), authorized),
        *delivered(name, "captured"),
        *paid(name, products),
    ]


def placed(
    name: str, products: Sequence[int] = (0, 1), customer_id: str | None = None
) -> OrderPlaced:
    return OrderPlaced(
        order_id=f"ord_{name}",
        order_number=f"N-{name}",
        cart_id=f"cart_{name}",
        checkout_session_id=f"chk_{name}",
        customer_id=customer_id or f"cus_{name}",
        guest=customer_id is None,
        mailbox=MAILBOX,
        contact=BOX,
        shipping_address=BOX,
        billing_address=None,
        lines=tuple(line(n) for n in products),
        coupon=None,
        shipping=SHIPPING,
        totals=_totals(products),
        payment=OrderPayment(
            razorpay_order_id=f"order_{name}",
            razorpay_payment_id=f"pay_{name}",
            amount=_totals(products).total,
            method="upi",
        ),
    )


def _totals(products: Sequence[int]) -> Totals:
    return totals_of(tuple(line(n) for n in products), SHIPPING, "INR")


def _captured(name: str, due: Money) -> PaymentCaptured:
    return PaymentCaptured(
        razorpay_payment_id=f"pay_{name}",
        amount=due,
        method=None,
        occurred_at=EXPIRES_AT - timedelta(minutes=20),
    )


def _reserved(name: str, each: PricedLine) -> StockReserved:
    return StockReserved(sku=each.sku, checkout_session_id=f"chk_{name}", quantity=each.quantity)


def _lapsed(name: str, each: PricedLine) -> StockReservationExpired:
    return StockReservationExpired(
        sku=each.sku, checkout_session_id=f"chk_{name}", quantity=each.quantity
    )


def _sold(name: str, each: PricedLine) -> StockCommitted:
    return StockCommitted(
        sku=each.sku,
        checkout_session_id=f"chk_{name}",
        quantity=each.quantity,
        order_id=f"ord_{name}",
    )
