"""Figures of the way in: how late deliveries come, and how long they wait to be settled."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Histogram

SETTLE_BUCKETS_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LAG_BUCKETS_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0)
"""Razorpay tells times in whole seconds, and tries again for a day."""


class DeliveryFigures:
    """What the deliveries of one process tell of their way."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._settle = Histogram(
            "khata_delivery_settle_seconds",
            "Time from storing a webhook delivery until this process had settled it.",
            buckets=SETTLE_BUCKETS_SECONDS,
            registry=registry,
        )
        self._lag = Histogram(
            "khata_delivery_lag_seconds",
            "Time from when Razorpay says that something happened until its delivery was stored.",
            buckets=LAG_BUCKETS_SECONDS,
            registry=registry,
        )

    def settled(
        self, stored_at: datetime, settled_at: datetime, occurred_at: datetime | None
    ) -> None:
        """Count one delivery; one that tells no time has no lag, and clocks may disagree."""
        self._settle.observe(max(0.0, (settled_at - stored_at).total_seconds()))
        if occurred_at is not None:
            self._lag.observe(max(0.0, (stored_at - occurred_at).total_seconds()))
