"""How long a payment may wait for its capture: as its order says, else as the account does.

Both periods begin with the payment. In the first it is captured by itself as soon
as the bank has said yes; until the second ends the merchant may capture it; then it
goes back (razorpay/markdown-docs payments/payments/capture-settings/api.md).
"""

from typing import Any

from msgspec import Struct

from src.http.sandbox import checks
from src.http.sandbox.refusals import invalid

AUTOMATIC_MINUTES_MIN = 12
MANUAL_MINUTES_MAX = 7_200
ACCOUNT_MINUTES = 3 * 24 * 60
"""What the account does without a word from the order."""


class CaptureTerms(Struct, frozen=True, kw_only=True):
    automatic_minutes: int = ACCOUNT_MINUTES
    """0: never by itself."""
    manual_minutes: int = ACCOUNT_MINUTES
    refund_speed: str = "normal"


def terms_of(request: dict[str, Any]) -> CaptureTerms:
    """The terms of an order that was created with this body."""
    settings = checks.as_object(request.get("payment"))
    if settings is None:
        by_itself = request.get("payment_capture") != 0
        return CaptureTerms() if by_itself else CaptureTerms(automatic_minutes=0)
    automatic = settings.get("capture") == "automatic"
    options = checks.as_object(settings.get("capture_options"))
    if options is None:
        return CaptureTerms() if automatic else CaptureTerms(automatic_minutes=0)
    return CaptureTerms(
        automatic_minutes=options["automatic_expiry_period"] if automatic else 0,
        manual_minutes=options.get("manual_expiry_period") or MANUAL_MINUTES_MAX,
        refund_speed=options.get("refund_speed", "normal"),
    )


def check(body: dict[str, Any]) -> None:
    """Refuse an order whose terms cannot be."""
    checks.flag("payment_capture", body.get("payment_capture", 1))
    if body.get("payment") is None:
        return
    settings = checks.as_object(body["payment"])
    if settings is None or settings.get("capture") not in ("automatic", "manual"):
        raise invalid("The selected capture is invalid.", "capture")
    checks.only_fields(settings, frozenset({"capture", "capture_options"}))
    if settings.get("capture_options") is not None:
        _check_options(settings["capture_options"], settings["capture"])


def _check_options(sent: object, capture: str) -> None:
    options = checks.as_object(sent)
    if options is None:
        raise invalid("The capture options must be an array.", "capture_options")
    checks.only_fields(
        options, frozenset({"automatic_expiry_period", "manual_expiry_period", "refund_speed"})
    )
    automatic = _minutes(options, "automatic_expiry_period")
    manual = _minutes(options, "manual_expiry_period")
    if capture == "automatic" and automatic is None:
        raise invalid(
            "The automatic expiry period field is required when capture is automatic.",
            "automatic_expiry_period",
        )
    _check_periods(automatic, manual)
    if options.get("refund_speed", "normal") not in checks.SPEEDS:
        raise invalid("The selected refund speed is invalid.", "refund_speed")


def _check_periods(automatic: int | None, manual: int | None) -> None:
    if automatic is not None and automatic < AUTOMATIC_MINUTES_MIN:
        raise invalid(
            f"The automatic expiry period must be at least {AUTOMATIC_MINUTES_MIN}.",
            "automatic_expiry_period",
        )
    if max(manual or 0, automatic or 0) > MANUAL_MINUTES_MAX:
        name = "manual" if (manual or 0) > MANUAL_MINUTES_MAX else "automatic"
        raise invalid(
            f"The {name} expiry period may not be greater than {MANUAL_MINUTES_MAX}.",
            f"{name}_expiry_period",
        )
    if manual is not None and manual < max(automatic or 0, 1):
        raise invalid(
            "The manual expiry period must be greater than or equal to the automatic expiry"
            " period.",
            "manual_expiry_period",
        )


def _minutes(options: dict[str, Any], name: str) -> int | None:
    minutes = options.get(name)
    if minutes is None or (isinstance(minutes, int) and not isinstance(minutes, bool)):
        return minutes
    raise invalid(f"The {name.replace('_', ' ')} must be an integer.", name)
