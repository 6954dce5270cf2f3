"""Believable answers of the calls about payments and late money."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from src.queries.analytics.late_money import Ended, LateEnd, LateMoney, LatePayment, LateSum
from src.queries.analytics.payments import Failures, MethodTries, PaymentSuccess, Tries

_COUNTS: Mapping[str, Any] = {
    "attempts": 4,
    "captured": 3,
    "failed": 1,
    "returned": 0,
    "pending": 0,
    "success_rate": 0.75,
    "attempted_amount": 399_200,
    "captured_amount": 299_400,
}
_ASKED: Mapping[str, Any] = {
    "currency": "INR",
    "time_zone": "Asia/Kolkata",
    "first_day": date(2026, 1, 1),
    "last_day": date(2026, 1, 31),
}
_PAYMENTS = PaymentSuccess(
    **_ASKED,
    items=[MethodTries(method="upi", **_COUNTS)],
    failures=[Failures(reason="bank_declined", payments=1, amount=99_800, share=1.0)],
    total=Tries(**_COUNTS),
)
_LATE = LatePayment(
    razorpay_order_id="order_S4ZgXnS4Y5pXqT",
    razorpay_payment_id="pay_S4Zh2GzBq0yQ3d",
    checkout_session_id="chk_01JH8Q2V7W",
    session_ending="expired",
    method="upi",
    amount=99_800,
    captured_at=datetime(2026, 1, 15, 10, 31, tzinfo=UTC),
    end=LateEnd.ORDER,
    ended_at=datetime(2026, 1, 15, 10, 31, tzinfo=UTC),
    order_id="ord_01JH8Q9D3K",
    position=4_711,
)
_LATE_MONEY = LateMoney(
    **_ASKED,
    ends=[
        Ended(end=LateEnd.ORDER, payments=1, amount=99_800, median_seconds=0.0),
        *(
            Ended(end=end, payments=0, amount=0, median_seconds=None)
            for end in LateEnd
            if end is not LateEnd.ORDER
        ),
    ],
    items=[_LATE],
    total=LateSum(payments=1, amount=99_800),
)
LATE_MONEY_ANSWERS: Mapping[str, Any] = {
    "analytics_get_payment_success": _PAYMENTS,
    "analytics_get_late_money": _LATE_MONEY,
}
"""By operation id."""
