"""The funnel as a page of figures: how far carts came, and why the others ended."""

from src.http.analytics import Question
from src.http.console.charts import NOTHING, Chart, Kind, Unit, series
from src.http.console.sheets import Figure, Sheet, Table, count, money, plural, seconds, share
from src.queries.analytics.abandonment import Abandonment, AbandonmentItem, abandonment
from src.queries.analytics.funnel import Funnel, FunnelStep, funnel
from src.queries.reading import Reading

REASONS_SHOWN_MAX = 10
UNPRICED = frozenset({"never_filled", "never_started"})
"""Reasons of carts without a checkout: none of their prices was ever frozen."""


async def journey_sheet(db: Reading, asked: Question) -> Sheet:
    """Follow the carts that were opened in a range."""
    steps = await funnel(db, asked.scope)
    ended = await abandonment(db, asked.scope)
    return Sheet(
        title="Funnel",
        about=(
            "The carts that were opened in the range, whenever they came to what:"
            " each counts once at every step that it reached."
        ),
        sums=_sums(ended),
        figures=[_of_steps(steps), of_reasons(ended)],
        tables=[],
        fresh=asked.fresh,
    )


def _sums(found: Abandonment) -> list[tuple[str, str]]:
    ordered = found.ordered / found.carts if found.carts else None
    return [
        ("Carts", count(found.carts)),
        ("Ordered", count(found.ordered)),
        ("Of all carts", share(ordered)),
        ("Merged into others", count(found.merged)),
    ]


def _of_steps(found: Funnel) -> Figure:
    steps = found.steps
    chart = Chart(
        name="steps",
        title="How far carts came",
        point=_main_point(steps),
        kind=Kind.PARTS,
        unit=Unit.COUNT,
        labelled="Step",
        labels=tuple(_words(step.step) for step in steps),
        series=(series("Carts", [step.count for step in steps]),),
    )
    table = Table(
        caption="How far carts came; the drop-off is from the step before",
        heads=("Step", "Carts", "Of all", "Drop-off", "Median time from the step before"),
        rows=[
            (
                _words(step.step),
                count(step.count),
                share(step.share),
                share(step.drop_off),
                seconds(step.median_seconds),
            )
            for step in steps
        ],
    )
    return Figure(chart=chart, table=table)


def _main_point(steps: list[FunnelStep]) -> str:
    first, last = steps[0], steps[-1]
    if not first.count:
        return "No cart was opened in this range."
    worst = max(steps[1:], key=lambda step: step.drop_off or 0)
    became = f"{count(last.count)} of {plural(first.count, 'cart')} became orders"
    if not worst.drop_off:
        return f"{became}; none was lost on the way."
    return f"{became}; most were lost before {_words(worst.step)}: {share(worst.drop_off)}."


def of_reasons(found: Abandonment) -> Figure:
    """Return why carts did not become orders."""
    shown = found.items[:REASONS_SHOWN_MAX]
    chart = Chart(
        name="reasons",
        title="Why carts did not become orders",
        point=_first_reason(found),
        kind=Kind.PARTS,
        unit=Unit.COUNT,
        labelled="Reason",
        labels=tuple(_words(item.reason) for item in shown),
        series=(series("Carts", [item.count for item in shown]),),
    )
    table = Table(
        caption=(
            "Why carts did not become orders, by the last thing that happened to each; the value"
            " counts only checkouts, whose prices were frozen"
        ),
        heads=("Reason", "Carts", "Share", "Value"),
        rows=[
            (
                _words(item.reason),
                count(item.count),
                share(item.share),
                _value(item, found.currency),
            )
            for item in found.items
        ],
        foot=("Total", count(found.total.count), "", money(found.total.value, found.currency)),
    )
    return Figure(chart=chart, table=table)


def _value(item: AbandonmentItem, currency: str) -> str:
    return NOTHING if item.reason in UNPRICED else money(item.value, currency)


def _first_reason(found: Abandonment) -> str:
    if not found.items:
        return "No cart of this range was given up."
    first = found.items[0]
    carts = plural(found.total.count, "cart")
    return f"{_words(first.reason)} is the first reason: {count(first.count)} of {carts}."


def _words(name: str) -> str:
    """Write CHECKOUT_STARTED or failed:bank_declined as people do."""
    plain = name.replace("_", " ").replace(":", ": ")
    return plain.capitalize() if plain.isupper() else plain[:1].upper() + plain[1:]
