"""The gauges of what stands open: cases by kind, sessions by state, and who works at them."""

from collections.abc import Iterator, Mapping

from src.events.case import CaseKind
from src.events.checkout import CheckoutState
from src.queries.figures import COUNTED_MAX
from src.queries.standing_figures import OpenCases
from src.queries.upkeep import Upkeep
from src.telemetry import Gauge

OPEN_STATES = (CheckoutState.CHECKOUT_STARTED, CheckoutState.PAYMENT_PENDING)


def of_cases(open_by_kind: Mapping[str, OpenCases]) -> Iterator[Gauge]:
    """Every kind has its figures, also while they are 0."""
    none = OpenCases(open=0, oldest_seconds=0.0)
    for kind in CaseKind:
        found = open_by_kind.get(kind, none)
        yield Gauge(
            "khata_open_cases_by_kind",
            f"Cases that wait for a person, by their kind; the oldest {COUNTED_MAX} are counted.",
            found.open,
            {"kind": kind.value},
        )
        yield Gauge(
            "khata_oldest_open_case_by_kind_seconds",
            "Age of the oldest open case of a kind; 0 for none.",
            found.oldest_seconds,
            {"kind": kind.value},
        )


def of_sessions(open_by_state: Mapping[str, int]) -> Iterator[Gauge]:
    """Every state in which a session is open has its figure, also while it is 0."""
    for state in OPEN_STATES:
        yield Gauge(
            "khata_open_sessions",
            f"Checkout sessions that hold stock, by their state, counted up to {COUNTED_MAX}.",
            open_by_state.get(state, 0),
            {"state": state.value},
        )


def of_upkeep(found: Upkeep) -> Iterator[Gauge]:
    """Whether a worker is there, and what it should have done long ago."""
    yield Gauge(
        "khata_worker_at_work",
        "Whether a worker feeds the read models (1), on whichever machine.",
        found.is_fed,
    )
    late = {
        "sessions": found.late_sessions,
        "deliveries": found.late_deliveries,
        "errands": found.late_errands,
        "letters": found.late_letters,
    }
    for what, count in late.items():
        yield Gauge(
            "khata_late_items",
            "What has waited for the worker for longer than it should, by what it is.",
            count,
            {"what": what},
        )
