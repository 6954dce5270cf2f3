"""What is printed: a line for each comparison, with its mark where there is one."""

from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct

from tests.bench.store.turns import Rates, ratio

HEAD = ("what", "median", "beside", "its median", "ratio", "mark", "")


class Line(Struct, frozen=True, kw_only=True):
    """One figure, and what it is compared with."""

    what: str
    figure: str
    beside: str = ""
    other: str = ""
    ratio: float | None = None
    mark: str = ""
    passed: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """Return what stands in each column."""
        verdict = {None: "", True: "passed", False: "MISSED"}[self.passed]
        compared = "" if self.ratio is None else f"{self.ratio:.3g}"
        return self.what, self.figure, self.beside, self.other, compared, self.mark, verdict


def rate(what: str, ours: Sequence[float], least: float | None = None) -> Line:
    """Return the line of a rate that stands for itself."""
    figure = median(ours)
    mark = "" if least is None else f"≥ {least:,.0f}/s"
    passed = None if least is None else figure >= least
    return Line(what=what, figure=f"{figure:,.0f}/s", mark=mark, passed=passed)


def beside(what: str, rates: Rates, other: str, least: float | None = None) -> Line:
    """Return the line of our rate, the first one, beside another's of the same turns."""
    ours, theirs = next(iter(rates.values())), rates[other]
    compared = ratio(ours, theirs)
    return Line(
        what=what,
        figure=f"{median(ours):,.0f}/s",
        beside=other,
        other=f"{median(theirs):,.0f}/s",
        ratio=compared,
        mark="" if least is None else f"≥ {least:g} of it",
        passed=None if least is None else compared >= least,
    )


def table(lines: Iterable[Line]) -> str:
    """Return all lines, aligned."""
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text, *_ = widths
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in {0, 2, 5} else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, (text, *widths[1:]), strict=True))
        ).rstrip()
        for row in rows
    )
