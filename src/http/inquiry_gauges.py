"""The figures of asking Razorpay about what nobody told the end of."""

from collections.abc import Iterator

from src.events.inquiry import InquiryKind, Outcome
from src.queries.inquiries import Inquiries
from src.telemetry import Gauge

SAYS = {
    InquiryKind.INTENT: "unrecorded_intents",
    InquiryKind.PAYMENT: "unpaid_intents",
    InquiryKind.REFUND: "unended_refunds",
}
"""In the words of the metrics."""


def of_inquiries(asked: Inquiries) -> Iterator[Gauge]:
    """Every kind and outcome has its figure, also while it is 0."""
    for kind, word in SAYS.items():
        label = {"about": word}
        yield Gauge(
            "khata_inquiries_open",
            "What Razorpay is being asked about, a quarter of an hour after its beginning "
            "and later, since nobody has told the end of it.",
            asked.open[kind].open,
            label,
        )
        yield Gauge(
            "khata_oldest_inquiry_seconds",
            "Age of the oldest of what Razorpay is being asked about; 0 for none.",
            asked.open[kind].oldest_seconds,
            label,
        )
        for outcome in Outcome:
            yield Gauge(
                "khata_inquiries",
                "How often Razorpay was asked about what nobody told the end of.",
                asked.outcomes.get((kind, outcome), 0),
                {**label, "outcome": outcome.value},
                only_grows=True,
            )
