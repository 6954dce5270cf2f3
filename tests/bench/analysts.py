"""`python -m tests.bench analysts`: whether analysts who ask without end slow down the shop.

On a shop whose parts are processes of their own, people buy at an even rate: in turns
without analysts and while these ask their documented questions over four connections,
of a past that lies in a book beside the shop's. Then facts are written evenly, again
without and with them, and it is measured how long each waits for the read models.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from statistics import median

from msgspec import Struct

from tests.bench.analysts_asking import CONNECTIONS, Asked
from tests.bench.analysts_lag import FACTS_PER_SECOND, Lag, measured_lags
from tests.bench.analysts_load import asking, fill_past
from tests.bench.report import PACED_SHARE_MIN, percentile
from tests.bench.seed import SPREAD
from tests.bench.shop import BenchShop, running_shop
from tests.bench.stage import Run, Stage, run_stage

RATE_PER_SECOND, BUYERS, ROUNDS, SECONDS, LAG_SECONDS = 30.0, 16, 3, 20.0, 20.0
QUICK_ROUNDS, QUICK_SECONDS, QUICK_PAST_ORDERS = 1, 5.0, 10_000
WARM_UP_SECONDS = 3.0
PAST_ORDERS, PAST_DAYS, PAST_SKUS = 100_000, 90, 100
QUIET, BUSY = "without", "with"


class Bought(Struct, frozen=True, kw_only=True):
    """A stage of buying, and what analysts got meanwhile."""

    run: Run
    asked: Asked | None


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 if everybody who bought had their order."""
    wanted = _wanted(arguments)
    with running_shop() as shop:
        past = fill_past(shop.engines.app_url, wanted.past, PAST_DAYS, PAST_SKUS)
        asyncio.run(past)
        rounds = _buy(shop, wanted)
        lags = asyncio.run(
            measured_lags(shop.settings, shop.engines.read_url, wanted.lag, wanted.rounds)
        )
    _tell(rounds, lags, wanted)
    failures = [failure for bought in rounds for failure in bought.run.seen.failures]
    for failure in failures[:10]:
        _say(f"  FAILED  {failure}")
    return 1 if failures else 0


def _wanted(arguments: Sequence[str]) -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python -m tests.bench analysts", description=__doc__)
    read.add_argument("--quick", action="store_true", help="one short round")
    read.add_argument("--rounds", type=int)
    read.add_argument("--seconds", type=float, help="how long people buy in each stage")
    read.add_argument("--rate", type=float, default=RATE_PER_SECOND, help="checkouts a second")
    read.add_argument("--past", type=int, help="orders to ask about")
    wanted = read.parse_args(arguments)
    wanted.rounds = wanted.rounds or (QUICK_ROUNDS if wanted.quick else ROUNDS)
    wanted.past = wanted.past or (QUICK_PAST_ORDERS if wanted.quick else PAST_ORDERS)
    wanted.lag = wanted.seconds or (QUICK_SECONDS if wanted.quick else LAG_SECONDS)
    wanted.seconds = wanted.seconds or (QUICK_SECONDS if wanted.quick else SECONDS)
    return wanted


def _buy(shop: BenchShop, wanted: argparse.Namespace) -> list[Bought]:
    """Warm up, and then buy without analysts and with them; each other round begins with them."""
    stage = Stage(clients=BUYERS, skus="paced", rate=wanted.rate)
    run_stage(shop, stage, SPREAD, WARM_UP_SECONDS, seed=0)
    found: list[Bought] = []
    for number in range(wanted.rounds):
        for is_asked in (False, True) if number % 2 == 0 else (True, False):
            with asking(shop.engines.read_url) if is_asked else nullcontext() as asked:
                run = run_stage(shop, stage, SPREAD, wanted.seconds, seed=1 + len(found))
            found.append(Bought(run=run, asked=asked))
            words = f"round {number + 1}, {BUSY if is_asked else QUIET} analysts: {run.rate:.1f}/s"
            print(words, file=sys.stderr)  # noqa: T201 - it is what the bench is for
    return found


def _tell(rounds: Sequence[Bought], lags: Sequence[Lag], wanted: argparse.Namespace) -> None:
    _say(f"{os.cpu_count()} cores, everything on them; load average {os.getloadavg()[0]:.1f}")
    _say(f"medians of {wanted.rounds} rounds; {wanted.past:,} orders to ask about\n")
    _tell_asked([bought.asked for bought in rounds if bought.asked is not None], wanted)
    quiet = [bought.run for bought in rounds if bought.asked is None]
    busy = [bought.run for bought in rounds if bought.asked is not None]
    rates = [median(run.rate for run in runs) for runs in (quiet, busy)]
    _say(f"checkouts a second: {rates[0]:.1f} {QUIET} analysts, {rates[1]:.1f} {BUSY} them")
    if rates[0] < wanted.rate * PACED_SHARE_MIN:
        _say(f"The machine does not stand {wanted.rate:g} a second: ask for fewer with --rate.")
    _say(f"\n{'ms':36}{'p50':>24}{'p99':>30}")
    _say(f"{'':36}" + f"{QUIET:>10}{BUSY:>10}{'ratio':>8}" * 2)
    for name in quiet[0].seen.seconds:
        of = [[run.seen.seconds.get(name, []) for run in runs] for runs in (quiet, busy)]
        _row(name, *of)
    rate = median(lag.facts_per_second for lag in lags)
    _say(f"\nlag of the read models, {rate:.0f} facts a second (wanted: {FACTS_PER_SECOND:.0f})")
    for name, seconds in _RUNNERS.items():
        of = [[seconds(lag) for lag in lags if lag.is_asked is asked] for asked in (False, True)]
        _row(name, *of)


_RUNNERS: dict[str, Callable[[Lag], list[float]]] = {
    "those that clients wait for": lambda lag: lag.serving,
    "those of analysts": lambda lag: lag.analysts,
}


def _tell_asked(asked: Sequence[Asked], wanted: argparse.Namespace) -> None:
    each = [seconds for one in asked for seconds in one.seconds]
    rate = len(each) / (len(asked) * wanted.seconds)
    times = (
        f"p50 {percentile(each, 0.5) * 1_000:.0f} ms, p99 {percentile(each, 0.99) * 1_000:.0f} ms"
    )
    refused = sum(one.refused for one in asked)
    _say(
        f"analysts: {CONNECTIONS} connections, {rate:.1f} answers a second, {times},"
        f" {refused} broken off"
    )


def _row(name: str, quiet: Sequence[list[float]], busy: Sequence[list[float]]) -> None:
    """Print medians over the rounds, and how much more it is with analysts."""
    cells = ""
    for part in (0.5, 0.99):
        without, with_ = (
            median(percentile(seconds, part) for seconds in rounds) * 1_000
            for rounds in (quiet, busy)
        )
        cells += f"{without:>10.1f}{with_:>10.1f}{with_ / without:>8.2f}"
    _say(f"{name:36}{cells}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is what the bench is for
