"""Customers and coupons, for analysts: who came back, and what brought them; nobody's name."""

from src.projections.published.view import View

_BOOK = "The number of the shop's book."
VIEWS = (
    View(
        name="customers",
        comment="One row a customer, guest or account. No name, address or e-mail is here; a guest"
        " of one purchase is another customer at the next, until the mailbox is proven.",
        columns={
            "book": _BOOK,
            "customer_id": "As `read.orders` and `read.checkout_sessions` name the customer.",
            "kind": "`guest` or `account`.",
            "since": "When the customer was first known, UTC.",
            "account_id": "The customer who proved to be the same person; for an account itself;"
            " null for a guest of whom nobody knows it.",
            "claimed_at": "When that was proven, UTC; null where it never was.",
            "erased_at": "When the person was erased, UTC; null unless they were.",
            "position": "Of the fact that says so first.",
        },
        query="""
select known.book, known.customer_id, known.kind, known.since,
    case when known.kind = 'account' then known.customer_id else claim.account_id end
        as account_id,
    claim.claimed_at, known.erased_at, known.position
from models.customers as known
left join models.guest_claims as claim
    on claim.book = known.book and claim.guest_id = known.customer_id
""",
        models=("customers",),
        order=("customer_id",),
        born="position",
        time="since",
    ),
    View(
        name="coupons",
        comment="One row a coupon, under its last terms.",
        columns={
            "book": _BOOK,
            "code": "What customers type.",
            "kind": "`percent`, `fixed` or `free_shipping`.",
            "value": "Percent, or minor units of `currency`; means nothing for `free_shipping`.",
            "currency": "ISO 4217.",
            "minimum_subtotal_minor": "The smallest subtotal it counts for; null is any.",
            "starts_at": "From when on it counts, UTC; null is always.",
            "ends_at": "Until when it counts, UTC; null is for ever.",
            "limit_total": "So often it counts in all; null is no limit.",
            "limit_per_customer": "So often it counts for one customer; null is no limit.",
            "defined_at": "When these terms were set, UTC.",
            "position": "Of the fact that set them.",
        },
        query="""
select book, code, kind, value, currency, minimum_minor as minimum_subtotal_minor, starts_at,
    ends_at, limit_total, limit_per_customer, defined_at, position
from models.coupons
""",
        models=("coupons",),
        order=("code",),
        time="defined_at",
    ),
    View(
        name="coupon_redemptions",
        comment="One row a time that a checkout session held a coupon, and what came of it.",
        columns={
            "book": _BOOK,
            "code": "Of the coupon.",
            "checkout_session_id": "The session that held it.",
            "order_id": "The order that used it; null unless one did.",
            "status": "`held`, `used`, `released` (the session ended without an order) or"
            " `returned` (the order was cancelled, and it counts no more).",
            "reserved_at": "When the session began to hold it, UTC.",
            "changed_at": "When it came to this status, UTC.",
            "reserved_position": "Of the fact that began it.",
            "position": "Of the fact that it came to this status by.",
        },
        query="""
select book, code, checkout_session_id, order_id, status, reserved_at, changed_at,
    reserved_position, position
from models.redemptions
""",
        models=("coupons",),
        order=("code", "reserved_position"),
        born="reserved_position",
        time="reserved_at",
    ),
)
