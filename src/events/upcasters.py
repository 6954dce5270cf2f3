"""Old shapes of facts, lifted one version at a time before they are decoded.

A changed event gets the next `schema_version` in `catalogue.VERSIONS` and one
function here, from the old JSON object to the new one. Nothing older than an
upcaster is ever rewritten in the book.
"""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def _captured_by_razorpay(opened: Json) -> Json:
    """Before it could be chosen, Razorpay took all money by itself."""
    return {**opened, "capture": "automatic"}


UPCASTERS: dict[tuple[str, int], Callable[[Json], Json]] = {
    ("PaymentOrderOpened", 1): _captured_by_razorpay,
}
"""By event name and the version that is lifted: `("CartOpened", 1)` gives version 2."""


class UnknownFactError(Exception):
    """The book holds a fact that this version of Khata cannot read; a newer one wrote it."""


def lifted(
    name: str,
    version: int,
    newest: int,
    payload: Json,
    upcasters: dict[tuple[str, int], Callable[[Json], Json]] = UPCASTERS,
) -> Json:
    """Lift a payload step by step to the newest version."""
    for step in range(version, newest):
        upcast = upcasters.get((name, step))
        if upcast is None:
            raise UnknownFactError(f"{name} version {step} has no upcaster to version {step + 1}")
        payload = upcast(payload)
    return payload
