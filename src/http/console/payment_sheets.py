"""Payments as pages of figures: how well each method works, and how late money ended."""

from src.http.analytics import Question
from src.http.console.charts import Chart, Kind, Unit, series
from src.http.console.sheets import (
    Figure,
    Sheet,
    Table,
    count,
    moment,
    money,
    plural,
    seconds,
    share,
)
from src.queries.analytics.late_money import LateEnd, LateMoney, LatePayment, late_money
from src.queries.analytics.payments import MethodTries, PaymentSuccess, Tries, payment_success
from src.queries.reading import Reading

HEADS = ("Tries", "Captured", "Failed", "Returned", "Pending", "Success", "Money captured")
_ENDS = {
    LateEnd.ORDER: "Became the order",
    LateEnd.REFUNDED: "Goes back or went back",
    LateEnd.OPEN_CASE: "Waits for a person",
    LateEnd.RESOLVED_CASE: "A person settled it",
    LateEnd.NOTHING_YET: "Under way",
}


async def payment_sheet(db: Reading, asked: Question) -> Sheet:
    """Count the payments that were first heard of in a range."""
    found = await payment_success(db, asked.scope)
    return Sheet(
        title="Payments",
        about=(
            "Every payment that was first heard of in the range, counted once by what became"
            " of it; one checkout may have several."
        ),
        sums=list(zip(HEADS, _cells(found.total, found.currency), strict=True)),
        figures=[_of_methods(found)],
        tables=[_of_failures(found)],
        fresh=asked.fresh,
    )


def _of_methods(found: PaymentSuccess) -> Figure:
    methods, currency = found.items, found.currency
    chart = Chart(
        name="methods",
        title="Payments that succeed, by method",
        point=_main_point(methods, found.total),
        kind=Kind.PARTS,
        unit=Unit.SHARE,
        labelled="Method",
        labels=tuple(each.method for each in methods),
        series=(series("Success", [each.success_rate for each in methods]),),
    )
    table = Table(
        caption="What became of payments, by method",
        heads=("Method", *HEADS),
        rows=[(each.method, *_cells(each, currency)) for each in methods],
        foot=("Total", *_cells(found.total, currency)),
    )
    return Figure(chart=chart, table=table)


def _main_point(methods: list[MethodTries], total: Tries) -> str:
    if not methods:
        return "Nobody tried to pay in this range."
    worst = min(methods, key=lambda each: (each.success_rate or 0, -each.attempts))
    return (
        f"{share(total.success_rate)} of {_tries(total.attempts)} succeeded; {worst.method}"
        f" works least well, at {share(worst.success_rate)} of {_tries(worst.attempts)}."
    )


def _tries(number: int) -> str:
    return "1 try" if number == 1 else f"{number:,} tries"


def _of_failures(found: PaymentSuccess) -> Table:
    return Table(
        caption="Why payments failed, in the provider's words",
        heads=("Reason", "Payments", "Share", "Money"),
        rows=[
            (
                each.reason,
                count(each.payments),
                share(each.share),
                money(each.amount, found.currency),
            )
            for each in found.failures
        ],
    )


def _cells(tries: Tries, currency: str) -> tuple[str, ...]:
    numbers = (tries.attempts, tries.captured, tries.failed, tries.returned, tries.pending)
    captured = money(tries.captured_amount, currency)
    return (*map(count, numbers), share(tries.success_rate), captured)


async def late_money_sheet(db: Reading, asked: Question) -> Sheet:
    """Follow the money that was captured in a range after its session had ended."""
    found = await late_money(db, asked.scope)
    return Sheet(
        title="Late money",
        about=(
            "Money captured after its checkout had failed, expired or been given up. It becomes"
            " the order if everything is still there, else it goes back or waits for a person."
        ),
        sums=[
            ("Payments", count(found.total.payments)),
            ("Money", money(found.total.amount, found.currency)),
        ],
        figures=[_of_ends(found)],
        tables=[of_payments(found)],
        fresh=asked.fresh,
    )


def _of_ends(found: LateMoney) -> Figure:
    chart = Chart(
        name="ends",
        title="How late money ended",
        point=_what_waits(found),
        kind=Kind.PARTS,
        unit=Unit.COUNT,
        labelled="End",
        labels=tuple(_ENDS[each.end] for each in found.ends),
        series=(series("Payments", [each.payments for each in found.ends]),),
    )
    table = Table(
        caption="How late money ended, and how soon",
        heads=("End", "Payments", "Money", "Median time to it"),
        rows=[
            (
                _ENDS[each.end],
                count(each.payments),
                money(each.amount, found.currency),
                seconds(each.median_seconds),
            )
            for each in found.ends
        ],
        foot=(
            "Total",
            count(found.total.payments),
            money(found.total.amount, found.currency),
            "",
        ),
    )
    return Figure(chart=chart, table=table)


def _what_waits(found: LateMoney) -> str:
    if not found.total.payments:
        return "No money came late in this range."
    waiting = sum(each.payments for each in found.ends if each.end is LateEnd.OPEN_CASE)
    late = plural(found.total.payments, "payment")
    return f"{late} came late; {waiting:,} of them {_wait(waiting)} for a person now."


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def of_payments(found: LateMoney) -> Table:
    """Return the late payments one by one."""
    return Table(
        caption="The newest late payments",
        heads=("Payment", "Captured", "Razorpay order", "Session ended as", "End", "Money"),
        rows=[_payment_row(each, found) for each in found.items],
        words=5,
    )


def _payment_row(each: LatePayment, found: LateMoney) -> tuple[str, ...]:
    return (
        each.razorpay_payment_id,
        moment(each.captured_at, found.time_zone),
        each.razorpay_order_id,
        each.session_ending,
        _ENDS[each.end],
        money(each.amount, found.currency),
    )
