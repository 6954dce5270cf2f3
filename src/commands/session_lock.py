"""A lease on a cart while its payment is being arranged: it saves work, and decides nothing."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class SessionLock(Protocol):
    """Who asks Razorpay for an order does it alone, as a rule."""

    def hold(self, cart_id: str) -> AbstractAsyncContextManager[bool]:
        """Hold the lease, and say whether it is ours; somebody else may be at work if not."""
        ...
