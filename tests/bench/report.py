"""The tables that are printed, and the marks with their figures."""

from collections.abc import Callable, Iterable
from statistics import median

from msgspec import Struct

from tests.bench.stage import Run

MARK_CLIENTS = 32
RATE_MIN, STATEMENTS_MAX, WEBHOOK_P99_SECONDS_MAX, SHARED_RATIO_MIN = 100.0, 20.0, 0.050, 0.5
PACED_SHARE_MIN = 0.95
"""A load that the shop does not keep up with is not that load."""
SHOP, APART = ("api", "worker", "PostgreSQL", "Valkey"), ("sandbox", "client")
STATEMENTS_SHOWN = 25


class Answers(Struct, frozen=True, kw_only=True):
    """How webhooks were answered in one run."""

    run: Run
    seconds: list[float]
    failed: int


def percentile(values: list[float], part: float) -> float:
    """Return the value that this part of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


def of(runs: Iterable[Run], clients: int, skus: str = "spread") -> list[Run]:
    """Return the runs of one stage."""
    return [run for run in runs if (run.stage.clients, run.stage.skus) == (clients, skus)]


def middle(runs: list[Run], figure: Callable[[Run], float]) -> float:
    """Return the median of a figure over the runs."""
    return median(map(figure, runs)) if runs else float("nan")


def stages(runs: list[Run]) -> list[tuple[int, str]]:
    """Return the stages there were, in their order."""
    return list(dict.fromkeys((run.stage.clients, run.stage.skus) for run in runs))


def rates(runs: list[Run]) -> str:
    """Checkouts a second, and what each cost."""
    head = f"{'clients':>7} {'SKUs':8}{'checkouts/s':>12}{'orders':>8}{'SQL/order':>11}"
    head += f"{'busy elsewhere':>16}"
    lines = [f"{head}   CPU ms per checkout"]
    for clients, skus in stages(runs):
        same = of(runs, clients, skus)
        cpu = "  ".join(f"{name} {_cpu_ms(same, name):.2f}" for name in (*SHOP, *APART))
        rate, sql = (
            middle(same, lambda run: run.rate),
            middle(same, lambda run: run.statements_per_order),
        )
        orders = sum(run.seen.orders for run in same)
        elsewhere = middle(same, lambda run: run.elsewhere)
        figures = f"{rate:>12.1f}{orders:>8}{sql:>11.1f}{elsewhere:>10.2f} cores"
        lines.append(f"{clients:>7} {skus:8}{figures}   {cpu}")
    return "\n".join(lines)


def latencies(runs: list[Run]) -> str:
    """p50/p95/p99 by endpoint and stage, in milliseconds."""
    lines = [f"{'ms, p50 / p95 / p99':26}" + "".join(f"{c:>16} {s:8}" for c, s in stages(runs))]
    for name in dict.fromkeys(name for run in runs for name in run.seen.seconds):
        cells = [_cell(of(runs, *stage), name) for stage in stages(runs)]
        lines.append(f"{name:26}" + "".join(f"{cell:>25}" for cell in cells))
    return "\n".join(lines)


def _cell(runs: list[Run], name: str) -> str:
    parts = (0.5, 0.95, 0.99)
    return " / ".join(
        f"{1_000 * median(percentile(run.seen.seconds.get(name, []), part) for run in runs):.1f}"
        for part in parts
    )


def webhooks(answers: list[Answers]) -> str:
    """How fast deliveries were answered, as the sandbox saw it."""
    lines: list[str] = []
    for clients, skus in stages([each.run for each in answers]):
        same = [a for a in answers if (a.run.stage.clients, a.run.stage.skus) == (clients, skus)]
        p50, p99 = (median(percentile(a.seconds, part) for a in same) for part in (0.5, 0.99))
        failed = sum(each.failed for each in same)
        answered = sum(len(each.seconds) for each in same)
        times = f"p50 {p50 * 1_000:.1f} ms, p99 {p99 * 1_000:.1f} ms"
        count = f"{answered} answered, {failed} tries failed"
        lines.append(f"{clients:>7} {skus:8} webhooks: {times}, {count}")
    return "\n".join(lines)


def marks(runs: list[Run], answers: list[Answers]) -> str:
    """The marks to pass, each with its figure."""
    spread, shared = of(runs, MARK_CLIENTS), of(runs, MARK_CLIENTS, "shared")
    if not spread or not shared:
        return f"No marks: they are for {MARK_CLIENTS} clients, spread and shared."
    rate = middle(spread, lambda run: run.rate)
    sql = middle(spread, lambda run: run.statements_per_order)
    paced = of(runs, MARK_CLIENTS, "paced")
    loaded = [a for a in answers if a.run in paced]
    at = middle(paced, lambda run: run.rate)
    p99 = median(percentile(each.seconds, 0.99) for each in loaded)
    ratio = median(b.rate / a.rate for a, b in zip(spread, shared, strict=True))
    return "\n".join(
        [
            _mark(rate >= RATE_MIN, f"{rate:.1f} checkouts/s, at least {RATE_MIN:g}"),
            _mark(
                sql <= STATEMENTS_MAX,
                f"{sql:.1f} SQL statements an order, at most {STATEMENTS_MAX:g}",
            ),
            _mark(
                p99 < WEBHOOK_P99_SECONDS_MAX and at >= RATE_MIN * PACED_SHARE_MIN,
                f"webhook p99 {p99 * 1_000:.1f} ms at {at:.1f} checkouts/s begun evenly,"
                f" under {WEBHOOK_P99_SECONDS_MAX * 1_000:g} ms",
            ),
            _mark(
                ratio >= SHARED_RATIO_MIN,
                f"shared/spread {ratio:.2f}, at least {SHARED_RATIO_MIN:g}",
            ),
        ]
    )


def _mark(passed: bool, text: str) -> str:  # noqa: FBT001 - a verdict and its words
    return f"  {'passed' if passed else 'MISSED'}  {text}"


def statements(runs: list[Run]) -> str:
    """What PostgreSQL is asked for each order, most often first."""
    run = runs[-1]
    most = list(run.statements.items())[:STATEMENTS_SHOWN]
    return "\n".join(
        f"{calls / run.seen.orders:6.2f}  {' '.join(query.split())[:110]}" for query, calls in most
    )


def _cpu_ms(runs: list[Run], name: str) -> float:
    return middle(runs, lambda run: 1_000 * run.cpu[name] / max(1, run.seen.orders))
