"""What an id of Razorpay looks like.

The SDK puts ids into paths as they are, so that an id with a slash would ask
another question than the one meant; an id is checked before it is sent.
"""

import re

ORDER_ID = r"\Aorder_[A-Za-z0-9]{14}\Z"
PAYMENT_ID = r"\Apay_[A-Za-z0-9]{14}\Z"
REFUND_ID = r"\Arfnd_[A-Za-z0-9]{14}\Z"
DISPUTE_ID = r"\Adisp_[A-Za-z0-9]{14}\Z"
RAZORPAY_ID = re.compile(r"(order|pay|rfnd|disp)_[A-Za-z0-9]{14}")


def is_order_id(text: object) -> bool:
    """Whether this can be the id of a Razorpay order."""
    return _is_id(text, "order_")


def is_payment_id(text: object) -> bool:
    """Whether this can be the id of a Razorpay payment."""
    return _is_id(text, "pay_")


def _is_id(text: object, prefix: str) -> bool:
    return isinstance(text, str) and text.startswith(prefix) and bool(RAZORPAY_ID.fullmatch(text))
