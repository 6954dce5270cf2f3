"""A believable body for each call that takes one. The people and products are invented."""

from collections.abc import Mapping
from typing import Any

from src.http.openapi.refusals import CART, SESSION
from src.http.settings import HttpSettings

_RUPEES_249 = {"amount": 24_900, "currency": "INR"}
_ADDRESS = {
    "line1": "14 Lake View Road",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}
RAZORPAY_ORDER, RAZORPAY_PAYMENT = "order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l"
SIGNATURE = "9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d"

_FROM_LETTER = {
    "email": "asha@example.com",
    "token": "kT3cX0m9wq2sV7b1nE5yRzJ4hG8uLdA6fPiQoMxWtKs",
    "new_password": "six chai before noon",
}

BODIES: Mapping[str, dict[str, Any]] = {
    "open_cart": {},
    "set_item": {"quantity": 2},
    "apply_coupon": {"code": "DIWALI10"},
    "start_checkout": {
        "cart_id": CART,
        "postal_code": "560001",
        "shipping_method": "standard",
        "expected_total": {"amount": 54_800, "currency": "INR"},
    },
    "cancel_checkout": {"reason": "ordered the wrong size"},
    "create_payment_intent": {
        "checkout_session_id": SESSION,
        "shipping_method": "standard",
        "email": "asha@example.com",
        "name": "Asha Rao",
        "phone": "+91 80 2345 6789",
        "shipping_address": _ADDRESS,
    },
    "verify_payment": {
        "razorpay_order_id": RAZORPAY_ORDER,
        "razorpay_payment_id": RAZORPAY_PAYMENT,
        "razorpay_signature": SIGNATURE,
    },
    "register": {
        "email": "asha@example.com",
        "password": "six chai before noon",
        "name": "Asha Rao",
        "phone": "+91 80 2345 6789",
    },
    "log_in": {"email": "asha@example.com", "password": "six chai before noon"},
    "bring_cart": {"cart_id": CART},
    "refresh": {"refresh_token": "eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJyZWZyZXNoIn0.c2lnbmF0dXJl"},
    "change_password": {
        "password": "six chai before noon",
        "new_password": "seven chai after noon",
    },
    "log_out": {"refresh_token": "eyJhbGciOiJFZERTQSJ9.eyJ1c2UiOiJyZWZyZXNoIn0.c2lnbmF0dXJl"},
    "log_out_everywhere": {},
    "look_up_order": {"order_number": "K7M2Q-4XD3N", "email": "asha@example.com"},
    "request_claim": {"email": "asha@example.com"},
    "claim": _FROM_LETTER,
    "forgotten_password": {"email": "asha@example.com"},
    "reset_password": _FROM_LETTER,
    "revise_me": {"phone": None},
    "keep_address": _ADDRESS,
    "change_address": {**_ADDRESS, "line2": "Flat 3, behind the post office"},
    "admin_list_product": {
        "name": "Masala chai, 250 g",
        "price": _RUPEES_249,
        "weight_grams": 270,
    },
    "admin_receive_stock": {"quantity": 120, "reference": "PO-2026-017"},
    "admin_adjust_stock": {"delta": -3, "reason": "three packets were torn"},
    "admin_define_coupon": {
        "kind": "percent",
        "value": 10,
        "minimum_subtotal": {"amount": 50_000, "currency": "INR"},
        "starts_at": "2026-10-18T00:00:00+05:30",
        "ends_at": "2026-11-10T00:00:00+05:30",
        "limit_total": 500,
        "limit_per_customer": 1,
    },
    "admin_define_method": {
        "name": "Standard",
        "rates": [
            {
                "postal_prefix": "56",
                "max_weight_grams": 5_000,
                "price": {"amount": 3_000, "currency": "INR"},
            },
            {
                "price": {"amount": 5_000, "currency": "INR"},
                "free_above": {"amount": 99_900, "currency": "INR"},
            },
        ],
    },
    "cancel_order": {"reason": "ordered the wrong size"},
    "admin_cancel_order": {"reason": "The last box was damaged."},
    "admin_fulfil_order": {"reference": "DTDC-118204"},
    "admin_refund_order": {
        "amount": {"amount": 24_900, "currency": "INR"},
        "reason": "One cup came broken.",
    },
    "admin_resolve_case": {"note": "Sent back by hand, reference RF-118."},
    "admin_replay_webhook": {},
}
"""By operation id."""

NEVER_EMPTY = frozenset(("create_payment_intent",))
"""Bodies of which some part is needed, though no single field is."""

_WEBHOOK = {
    "entity": "event",
    "event": "payment.captured",
    "contains": ["payment"],
    "payload": {
        "payment": {
            "entity": {
                "id": RAZORPAY_PAYMENT,
                "entity": "payment",
                "amount": 54_800,
                "currency": "INR",
                "status": "captured",
                "order_id": RAZORPAY_ORDER,
                "method": "upi",
                "captured": True,
            }
        }
    },
    "created_at": 1_768_458_900,
}

RAW_BODIES: Mapping[str, dict[str, Any]] = {
    "receive_razorpay": {
        "required": True,
        "description": (
            "The bytes that Razorpay signed, whatever they say, at most "
            f"{HttpSettings().webhook_body_bytes_max} of them. Events that are not known are "
            "stored too."
        ),
        "content": {
            "application/json": {
                "schema": {"title": "RazorpayEvent"},
                "example": _WEBHOOK,
            }
        },
    }
}
"""Bodies that are read to the byte, and not as a schema."""
