"""Believable answers of the calls for those who run the shop and watch it run."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec.structs import asdict, replace

from src.events.case import CaseKind
from src.events.coupon import CouponKind
from src.events.money import Money
from src.events.outbox_publisher import Standing
from src.events.shipping import ShippingMethodDefined, ShippingRate
from src.http.controllers.health import Readiness
from src.http.documents.audit import CheckpointDocument, ConsistencyDocument, ProofDocument
from src.http.documents.coupon import CouponDocument
from src.http.documents.webhook import WebhookBody, WebhookDocument
from src.http.openapi.asks import RAZORPAY_ORDER, RAZORPAY_PAYMENT, SIGNATURE
from src.http.openapi.refusals import ORDER, SESSION
from src.projections.lag import Lag
from src.queries.cases import CaseAnswer
from src.queries.evidence import Evidence, Verified
from src.queries.feed import FeedPage, WrittenEvent
from src.queries.page import Page
from src.queries.payment_details import PaymentRefund
from src.queries.payments import PaymentAnswer
from src.queries.stock import StockAnswer
from src.queries.timeline import StaffMoment
from src.queries.webhooks import WebhookAnswer
from src.queries.why import CameBy, Reason, Why

_ID = UUID("5c2f41f0-3a0f-5b68-9d0e-8b1a4f9f6c11")
_NOW = datetime(2026, 1, 15, 6, 30, tzinfo=UTC)
_STOCK = StockAnswer(sku="CHAI-250", received=120, reserved=2, committed=0, available=118)
_COUPON = CouponDocument(
    code="DIWALI10",
    kind=CouponKind.PERCENT,
    value=10,
    minimum_subtotal=Money(50_000, "INR"),
    starts_at=datetime(2026, 10, 17, 18, 30, tzinfo=UTC),
    ends_at=datetime(2026, 11, 9, 18, 30, tzinfo=UTC),
    limit_total=500,
    limit_per_customer=1,
    held=3,
    used=41,
)
_METHOD = ShippingMethodDefined(
    code="standard",
    name="Standard",
    rates=(
        ShippingRate(price=Money(3_000, "INR"), postal_prefix="56", max_weight_grams=5_000),
        ShippingRate(price=Money(5_000, "INR"), free_above=Money(99_900, "INR")),
    ),
)
_CASE = CaseAnswer(
    case_id="case_m4f8wd",
    stream="payment-order_IEIaMR65cu6nz3",
    kind=CaseKind.WRONG_AMOUNT,
    reason="54700 INR was captured where 54800 INR was due",
    razorpay_order_id=RAZORPAY_ORDER,
    razorpay_payment_id=RAZORPAY_PAYMENT,
    amount=Money(54_700, "INR"),
    checkout_session_id=SESSION,
    opened_at=_NOW,
    age_seconds=5_400,
    status="open",
    resolved_at=None,
    note=None,
)
_RESOLVED = replace(
    _CASE,
    status="resolved",
    resolved_at=datetime(2026, 1, 15, 8, 0, tzinfo=UTC),
    note="Sent back by hand, reference RF-118.",
)
_PAYMENT = PaymentAnswer(
    razorpay_payment_id=RAZORPAY_PAYMENT,
    razorpay_order_id=RAZORPAY_ORDER,
    ours=True,
    checkout_session_id=SESSION,
    order_id=ORDER,
    amount=Money(54_800, "INR"),
    method="upi",
    status="captured",
    reason=None,
    taking="none",
    refunded=Money(24_900, "INR"),
    refunds=(
        PaymentRefund(
            refund_id="refund_t8k2wq",
            razorpay_refund_id="rfnd_FP8R8EGjGbPkVb",
            amount=Money(24_900, "INR"),
            status="processed",
            cause="staff",
        ),
    ),
    disputes=(),
    open_cases=(),
    first_seen=_NOW,
    changed_at=_NOW,
)
_FOREIGN = replace(
    _PAYMENT,
    razorpay_payment_id="pay_JK5MWhg5Esfr2m",
    razorpay_order_id="order_JFJbNS76dv7oa4",
    ours=False,
    checkout_session_id=None,
    order_id=None,
    refunded=Money(0, "INR"),
    refunds=(),
)
_PAYMENT_TOLD = [
    StaffMoment(
        position=38,
        recorded_at=_NOW,
        event="PaymentOrderOpened",
        text=f"₹548.00 is due on Razorpay's order {RAZORPAY_ORDER}.",
        actor="guest:cart_7h2k9q",
    ),
    StaffMoment(
        position=41,
        recorded_at=_NOW,
        event="PaymentCaptured",
        text=f"₹548.00 (UPI, {RAZORPAY_PAYMENT}) was captured.",
        actor="khata:inbox",
    ),
]
_DELIVERY = WebhookAnswer(
    webhook_id="razorpay-h2c6rt",
    provider="razorpay",
    event_id="IEIbNTr0WgVzQ8",
    name="payment.captured",
    razorpay_order_id=RAZORPAY_ORDER,
    status="handled",
    outcome="settled",
    reason=None,
    received_at=_NOW,
    handled_at=_NOW,
    sha256="3b1c0e8f5a7d92c4e6b8f0a1d3c5e7f9081a2b3c4d5e6f708192a3b4c5d6e7f8",
    secret_index=0,
)
_WEBHOOK = WebhookDocument(
    **asdict(_DELIVERY),
    headers={"X-Razorpay-Signature": SIGNATURE, "X-Razorpay-Event-Id": "IEIbNTr0WgVzQ8"},
    body=WebhookBody("eyJlbnRpdHkiOiJldmVudCJ9", '{"entity":"event"}'),
)
_READY = Readiness(
    ready=True,
    database="up",
    redis="up",
    notes=[],
    projections=[
        Lag(
            name="orders",
            version=1,
            position=48,
            behind=0,
            stopped_at=None,
            stopped_reason=None,
        )
    ],
    outbox=Standing(position=48, behind=0, trouble=None),
)

_HASH = "5ElmS7mqZr0f0V5W1Q2F3h9s8u7t6r5e4w3q2a1z0xM="
_ORIGIN = "khata/1f0e2d3c4b5a6978/1"
_CHECKPOINT = CheckpointDocument(
    size=48,
    root=_HASH,
    note=f"{_ORIGIN}\n48\n{_HASH}\n{_HASH}\n\n— {_ORIGIN} c2lnbmF0dXJl\n",
    key=f"{_ORIGIN}+0a1b2c3d+AWtleQ==",
)
_PROOF = ProofDocument(
    position=47, leaf_index=46, leaf=_HASH, hashes=[_HASH, _HASH], checkpoint=_CHECKPOINT
)
_CONSISTENCY = ConsistencyDocument(older=_CHECKPOINT, newer=_CHECKPOINT, hashes=[_HASH, _HASH])
_FEED = FeedPage(
    items=[
        WrittenEvent(
            position=12,
            stream="stock-CHAI-250",
            version=1,
            type="StockReceived",
            schema_version=1,
            event_id=_ID,
            recorded_at=_NOW,
            actor="staff:operator:asha",
            command_id=_ID,
            correlation_id=_ID,
            causation_id=None,
            fact={"quantity": 120, "reference": "PO-2026-017"},
        )
    ],
    next_after=48,
    head=48,
)

_WHY = Why(
    events=[
        Reason(
            position=41,
            recorded_at=_NOW,
            stream=f"payment-{RAZORPAY_ORDER}",
            version=3,
            event="PaymentCaptured",
            text=f"₹548.00 (UPI, {RAZORPAY_PAYMENT}) was captured.",
            fact={"razorpay_payment_id": RAZORPAY_PAYMENT},
            actor="khata:inbox",
            command_id=_ID,
            request=_ID,
            causation_id=_ID,
            came_by=CameBy.WEBHOOK,
            webhook_id=_DELIVERY.webhook_id,
        )
    ],
    webhooks=[
        Evidence(
            webhook_id=_DELIVERY.webhook_id,
            fact_id=_ID,
            sender_event_id=_DELIVERY.event_id,
            received_at=_NOW,
            position=40,
            request=_ID,
            sha256=_DELIVERY.sha256,
            signature=SIGNATURE,
            secret_index=0,
            name=_DELIVERY.name,
            verdict="applied",
            body=None,
            verified_again=Verified.YES,
        )
    ],
)

STAFF_ANSWERS: Mapping[str, Any] = {
    "admin_get_stock": _STOCK,
    "admin_receive_stock": _STOCK,
    "admin_adjust_stock": replace(_STOCK, received=117, available=115),
    "admin_get_coupon": _COUPON,
    "admin_define_coupon": replace(_COUPON, held=0, used=0),
    "admin_list_methods": Page([_METHOD], None),
    "admin_get_method": _METHOD,
    "admin_define_method": _METHOD,
    "admin_list_payments": Page([_PAYMENT, _FOREIGN], None),
    "admin_get_payment": _PAYMENT,
    "admin_get_payment_timeline": {"items": _PAYMENT_TOLD},
    "admin_list_cases": Page([_CASE], None),
    "admin_get_case": _CASE,
    "admin_resolve_case": _RESOLVED,
    "admin_list_webhooks": Page([_DELIVERY], None),
    "admin_get_webhook": _WEBHOOK,
    "admin_replay_webhook": _WEBHOOK,
    "audit_get_checkpoint": _CHECKPOINT,
    "audit_get_consistency": _CONSISTENCY,
    "audit_get_proof": _PROOF,
    "audit_list_events": _FEED,
    "audit_get_stream": _FEED,
    "audit_get_why": _WHY,
    "ready": _READY,
    "ready 503": replace(_READY, ready=False, database="down", projections=[], outbox=None),
    "live": {"status": "alive"},
}
"""By operation id."""
