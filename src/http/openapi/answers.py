"""A believable answer for each call: real documents, so that an example cannot miss a field."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from src.events.checkout import CheckoutState
from src.events.customer import Address, Profile
from src.events.money import Money
from src.events.pricing import PricedLine, ShippingChoice, Totals
from src.http.controllers.addresses import KeptAddress
from src.http.controllers.customers import CustomerDocument
from src.http.controllers.logins import LoginDocument
from src.http.controllers.published_keys import PublicKeyDocument, PublicKeysDocument
from src.http.controllers.shipping_methods import ShippingChoices
from src.http.controllers.webhooks import Stored
from src.http.documents.cart import CartDocument
from src.http.documents.checkout import (
    CheckoutDocument,
    CheckoutOptions,
    PaymentIntentDocument,
)
from src.http.documents.order import FullOrder
from src.http.letter_requests import LetterRequestDocument
from src.http.login_tokens import TokensDocument
from src.http.openapi.analytics_answers import ANALYTICS_ANSWERS
from src.http.openapi.asks import RAZORPAY_ORDER, RAZORPAY_PAYMENT
from src.http.openapi.journey_answers import JOURNEY_ANSWERS
from src.http.openapi.refusals import CART, ORDER, SESSION
from src.http.openapi.schemas import SCHEMAS
from src.http.openapi.staff_answers import STAFF_ANSWERS
from src.http.openapi.stock_answers import STOCK_ANSWERS
from src.projections.order_document import OrderDocument, OrderLine, OrderShipping, PaidWith
from src.queries.order_refunds import OrderRefund
from src.queries.page import Page
from src.queries.products import ProductAnswer
from src.queries.timeline import Moment, StaffMoment

NOW = datetime(2026, 1, 15, 6, 30, tzinfo=UTC)
PERSON, NUMBER = "cust_e9p5hg", "K7M2Q-4XD3N"


def inr(amount: int) -> Money:
    """Return so many paise."""
    return Money(amount, "INR")


_LINE = PricedLine(
    sku="CHAI-250",
    name="Masala chai, 250 g",
    quantity=2,
    unit_price=inr(24_900),
    line_total=inr(49_800),
    discount=inr(0),
    weight_grams=270,
)
_SHIPPING = ShippingChoice(code="standard", name="Standard", price=inr(5_000))
_TOTALS = Totals(subtotal=inr(49_800), discount=inr(0), shipping=inr(5_000), total=inr(54_800))
_CART = CartDocument(
    cart_id=CART,
    state=CheckoutState.CART_PENDING,
    items=(_LINE,),
    coupon=None,
    totals=replace(_TOTALS, shipping=None, total=inr(49_800)),
    checkout_session_id=None,
    order_id=None,
)
_EMPTY = replace(
    _CART,
    items=(),
    totals=Totals(subtotal=inr(0), discount=inr(0), shipping=None, total=inr(0)),
)
_INTENT = PaymentIntentDocument(
    id=RAZORPAY_ORDER,
    amount=54_800,
    currency="INR",
    key_id="rzp_test_mK7pQ2xW9dR4tY",
    status="created",
    checkout_options=CheckoutOptions(timeout=1_790),
)
_STARTED = CheckoutDocument(
    checkout_session_id=SESSION,
    cart_id=CART,
    state=CheckoutState.CHECKOUT_STARTED,
    expires_at=NOW + timedelta(minutes=30),
    items=(_LINE,),
    coupon=None,
    shipping=_SHIPPING,
    totals=_TOTALS,
    payment_intent=None,
    order_id=None,
    order_number=None,
    ended=None,
)
_PENDING = replace(_STARTED, state=CheckoutState.PAYMENT_PENDING, payment_intent=_INTENT)
_COMPLETED = replace(
    _PENDING,
    state=CheckoutState.ORDER_CREATED,
    payment_intent=msgspec.structs.replace(_INTENT, status="paid"),
    order_id=ORDER,
    order_number=NUMBER,
)
_ADDRESS = Address(
    name="Asha Rao",
    phone="+91 80 2345 6789",
    line1="14 Lake View Road",
    line2=None,
    city="Bengaluru",
    state="Karnataka",
    postal_code="560001",
    country="IN",
)
_KEPT = KeptAddress(address_id="addr_q3v7ye", **msgspec.structs.asdict(_ADDRESS))
_ORDER = OrderDocument(
    order_id=ORDER,
    order_number=NUMBER,
    status="placed",
    placed_at=NOW,
    fulfilments=(),
    cancelled_reason=None,
    refunded=inr(0),
    customer_id=PERSON,
    guest=False,
    cart_id=CART,
    checkout_session_id=SESSION,
    items=(
        OrderLine(
            sku=_LINE.sku,
            name=_LINE.name,
            quantity=_LINE.quantity,
            unit_price=_LINE.unit_price,
            line_total=_LINE.line_total,
            discount=_LINE.discount,
        ),
    ),
    coupon=None,
    shipping=OrderShipping(code="standard", name="Standard", price=inr(5_000)),
    totals=_TOTALS,
    payment=PaidWith(
        provider="razorpay",
        razorpay_order_id=RAZORPAY_ORDER,
        razorpay_payment_id=RAZORPAY_PAYMENT,
        amount=inr(54_800),
        method="upi",
    ),
)
_FULL_ORDER = FullOrder(
    **msgspec.structs.asdict(_ORDER),
    refunds=(),
    contact=Profile(email="asha@example.com", name="Asha Rao", phone="+91 80 2345 6789"),
    shipping_address=_ADDRESS,
    billing_address=None,
)
_REFUND = OrderRefund(
    refund_id="refund_t8k2wq",
    amount=inr(24_900),
    status="requested",
    cause="staff",
    reason="One cup came broken.",
    razorpay_refund_id=None,
    requested_at=NOW,
)
_CANCELLED = replace(
    _FULL_ORDER,
    status="cancelled",
    cancelled_reason="The last box was damaged.",
    refunded=inr(54_800),
    refunds=(
        replace(
            _REFUND,
            amount=inr(54_800),
            cause="order-cancelled",
            reason="The last box was damaged.",
        ),
    ),
)
_PRODUCT = ProductAnswer(
    sku="CHAI-250",
    name="Masala chai, 250 g",
    price=inr(24_900),
    weight_grams=270,
    available=118,
)
_TOLD = [
    Moment(position=41, recorded_at=NOW, event="CheckoutStarted", text="The checkout was started."),
    Moment(position=45, recorded_at=NOW, event="OrderCreated", text="The order was created."),
]
_TOLD_TO_STAFF = [
    StaffMoment(
        position=52,
        recorded_at=NOW,
        event="OrderFulfilled",
        text="A parcel of the order left (DTDC-118204).",
        actor="staff:operator:asha because: The cups travel apart.",
    )
]

BY_CALL: Mapping[str, object] = {
    "open_cart": replace(_EMPTY, session_id="5b1f0c6d7e8a92b3c4d5e6f708192a3b4c5d6e7f801"),
    "remove_item": _EMPTY,
    "apply_coupon": replace(
        _CART,
        items=(replace(_LINE, discount=inr(4_980)),),
        coupon="DIWALI10",
        totals=Totals(subtotal=inr(49_800), discount=inr(4_980), shipping=None, total=inr(44_820)),
    ),
    "start_checkout": _STARTED,
    "create_payment_intent": _PENDING,
    "cancel_checkout": replace(_STARTED, state=CheckoutState.CART_PENDING, ended="cancelled"),
    "get_timeline": {"items": _TOLD},
    "admin_get_timeline": {"items": _TOLD_TO_STAFF},
    "list_addresses": Page([_KEPT], None),
    "list_products": Page([_PRODUCT], "eyJhZnRlciI6IkNIQUktMjUwIn0"),
    "list_own_orders": Page([_ORDER], None),
    "admin_list_orders": Page([_ORDER], None),
    "cancel_order": _CANCELLED,
    "admin_cancel_order": _CANCELLED,
    "admin_fulfil_order": replace(_FULL_ORDER, status="fulfilled", fulfilments=("DTDC-118204",)),
    "admin_refund_order": _REFUND,
    "admin_list_order_refunds": Page(
        [replace(_REFUND, status="processed", razorpay_refund_id="rfnd_FP8R8EGjGbPkVb")], None
    ),
    "revise_me": CustomerDocument(
        customer_id=PERSON, email="asha@example.com", name="Asha Rao", phone=None
    ),
    **STAFF_ANSWERS,
    **ANALYTICS_ANSWERS,
    **JOURNEY_ANSWERS,
    **STOCK_ANSWERS,
}
"""By operation id, and by status where it matters."""
_BY_DOCUMENT: tuple[object, ...] = (
    _CART,
    _COMPLETED,
    _KEPT,
    _FULL_ORDER,
    _PRODUCT,
    CustomerDocument(
        customer_id=PERSON, email="asha@example.com", name="Asha Rao", phone="+91 80 2345 6789"
    ),
    TokensDocument(
        access_token="eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJhY2Nlc3MifQ.c2lnbmF0dXJl",  # noqa: S106  # signed by nobody
        refresh_token="eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJyZWZyZXNoIn0.c2lnbmF0dXJl",  # noqa: S106  # as above
        expires_in=900,
    ),
    PublicKeysDocument(
        [PublicKeyDocument(kid="kYm2bq0SxAFxAhUC", x="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    ),
    LoginDocument(
        access_token="eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJhY2Nlc3MifQ.c2lnbmF0dXJl",  # noqa: S106  # signed by nobody
        refresh_token="eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJyZWZyZXNoIn0.c2lnbmF0dXJl",  # noqa: S106  # as above
        expires_in=900,
        cart_id=CART,
    ),
    LetterRequestDocument(),
    ShippingChoices([_SHIPPING]),
    Stored("razorpay-h2c6rt"),
)
_BY_NAME = {type(each).__name__: each for each in _BY_DOCUMENT}


def answer_example(call: str, status: str, schema: dict[str, Any]) -> Any:  # noqa: ANN401  # any document
    """Return what a call may answer; None where nobody has invented it."""
    name = str(schema.get("$ref", "")).removeprefix(SCHEMAS)
    found = BY_CALL.get(f"{call} {status}", BY_CALL.get(call, _BY_NAME.get(name)))
    return None if found is None else msgspec.to_builtins(found)


_FIGURES = 'khata_http_requests_total{method="GET",route="/products",status="200"} 41.0\n'
_EVENTS = (
    'id: 47\nevent: PaymentConfirmed\ndata: {"razorpay_payment_id": "pay_IH4NVgf4Dreq1l"}\n\n'
    f'id: 48\nevent: OrderCreated\ndata: {{"order_id": "{ORDER}", "order_number": "{NUMBER}"}}\n\n'
)
_TEXTS = {"metrics": ("text/plain", _FIGURES), "watch_checkout": ("text/event-stream", _EVENTS)}


def text_answer(call: str) -> dict[str, Any] | None:
    """Describe an answer that is not JSON; None for all others."""
    if call not in _TEXTS:
        return None
    kind, example = _TEXTS[call]
    return {kind: {"schema": {"type": "string"}, "example": example}}
