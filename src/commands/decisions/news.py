"""What a provider says, of whatever it speaks: the one door of webhook, callback and poll."""

from collections.abc import Iterable

from src.commands.decisions.disputes import report_dispute
from src.commands.decisions.refund_news import report_refund
from src.commands.decisions.settlement import report_payment
from src.commands.gateway import DisputeReport, PaymentReport, PaymentStatus, RefundReport, Report
from src.commands.view import Fact, View

_FORWARD = list(PaymentStatus)


def report(view: View, said: Report) -> list[Fact]:
    """Write down what is new, and everything that follows from it."""
    match said:
        case PaymentReport():
            return report_payment(view, said)
        case RefundReport():
            return report_refund(view, said)
        case DisputeReport():
            return report_dispute(view, said)


def report_all(view: View, reports: Iterable[Report]) -> list[Fact]:
    """Take payments before what became of their money, and the most advanced payment first.

    A failed attempt must not end what another has paid.
    """
    facts: list[Fact] = []
    for said in sorted(reports, key=_turn):
        facts += report(view.assuming(facts), said)
    return facts


def _turn(said: Report) -> tuple[int, int]:
    match said:
        case PaymentReport():
            return 0, -_FORWARD.index(said.status)
        case RefundReport():
            return 1, 0
        case DisputeReport():
            return 2, 0
