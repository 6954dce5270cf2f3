"""`python -m tests.bench`: how many checkouts a second, how fast, and what each costs.

A throw-away but durable shop (fsync on), every part a process of its own, all of it
on this machine together with the buyers. Rounds repeat the same stages, and medians
are printed. It ends with exit code 1 if a promise did not hold.

`python -m tests.bench manners` says what each manner of the API costs a request;
`python -m tests.bench money` measures how fast money becomes an order, and races it;
`python -m tests.bench book` measures the event store alone;
`python -m tests.bench timing` whether an answer's time tells who has an account;
`python -m tests.bench console` how long each page of the console takes;
`python -m tests.bench export` how fast files are written, and in how much memory;
`python -m tests.bench analytics` how long the analysts' questions take on a big book;
`python -m tests.bench analysts` whether analysts who ask without end slow down the shop.
"""

import argparse
import asyncio
import os
import sys

from tests.bench import report
from tests.bench.analysts import main as analysts
from tests.bench.analytics import main as analytics
from tests.bench.book import Promise, promises
from tests.bench.console import main as console
from tests.bench.deliveries import answered
from tests.bench.export import main as export
from tests.bench.manners import main as manners
from tests.bench.money import main as money
from tests.bench.seed import SHARED, SPREAD
from tests.bench.shop import BenchShop, running_shop
from tests.bench.stage import Run, Stage, run_stage
from tests.bench.store.run import main as book
from tests.bench.timing import main as timing

SKUS = {"spread": SPREAD, "shared": SHARED, "paced": SPREAD}
CLIENTS = [1, 8, 32]
ROUNDS, SECONDS, WARM_UP_SECONDS = 3, 10.0, 3.0
QUICK_ROUNDS, QUICK_SECONDS, QUICK_WARM_UP_SECONDS = 1, 5.0, 2.0


def main() -> int:
    """Measure and print; 0 if every promise held."""
    wanted = _wanted()
    with running_shop() as shop:
        runs = _measured(shop, wanted)
        seen = sum(run.seen.orders for run in runs)
        for name in ("api", "worker", "sandbox"):
            shop.stop_part(name)
        answers = [_answers(shop, run) for run in runs]
        held = asyncio.run(promises(shop.settings, seen))
    measured, heard = runs[1:], answers[1:]
    _say(f"{os.cpu_count()} cores, everything on them; load average {os.getloadavg()[0]:.1f}\n")
    _say(f"{report.rates(measured)}\n\n{report.latencies(measured)}\n\n{report.webhooks(heard)}\n")
    if wanted.statements:
        _say(f"statements an order\n{report.statements(measured)}\n")
    _say(f"marks\n{report.marks(measured, heard)}\n")
    return _judge(runs, held)


def _wanted() -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    read.add_argument("--quick", action="store_true", help="one short round")
    read.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    read.add_argument("--seconds", type=float, help="how long each stage lasts")
    read.add_argument("--rounds", type=int)
    read.add_argument("--statements", action="store_true", help="show what PostgreSQL is asked")
    wanted = read.parse_args()
    wanted.seconds = wanted.seconds or (QUICK_SECONDS if wanted.quick else SECONDS)
    wanted.rounds = wanted.rounds or (QUICK_ROUNDS if wanted.quick else ROUNDS)
    wanted.warm_up = QUICK_WARM_UP_SECONDS if wanted.quick else WARM_UP_SECONDS
    return wanted


def _measured(shop: BenchShop, wanted: argparse.Namespace) -> list[Run]:
    """Run a warm-up, and then every stage of every round."""
    stages = [Stage(clients=clients, skus="spread") for clients in wanted.clients]
    stages.append(Stage(clients=max(wanted.clients), skus="shared"))
    stages.append(Stage(clients=max(wanted.clients), skus="paced", rate=report.RATE_MIN))
    runs = [run_stage(shop, stages[-2], [*SPREAD, *SHARED], wanted.warm_up, seed=0)]
    for number in range(wanted.rounds):
        for stage in stages:
            seed = len(runs)
            run = run_stage(shop, stage, SKUS[stage.skus], wanted.seconds, seed)
            print(  # noqa: T201 - it is what the bench is for
                f"round {number + 1}: {stage.clients} clients, {stage.skus}: {run.rate:.1f}/s",
                file=sys.stderr,
            )
            runs.append(run)
    return runs


def _answers(shop: BenchShop, run: Run) -> report.Answers:
    state = shop.settings.sandbox.state_path
    seconds, failed = answered(state, run.seen.begun, run.seen.ended)
    return report.Answers(run=run, seconds=seconds, failed=failed)


def _judge(runs: list[Run], held: list[Promise]) -> int:
    failures = [failure for run in runs for failure in run.seen.failures]
    _say("promises, from the book")
    for promise in held:
        _say(f"  {'held  ' if promise.holds else 'BROKEN'}  {promise.text}")
    for failure in failures[:10]:
        _say(f"  FAILED  {failure}")
    return 0 if all(promise.holds for promise in held) and not failures else 1


def _say(text: str) -> None:
    print(text)  # noqa: T201 - it is what the bench is for


if __name__ == "__main__":
    others = {
        "analysts": analysts,
        "analytics": analytics,
        "book": book,
        "console": console,
        "export": export,
        "manners": manners,
        "money": money,
        "timing": timing,
    }
    chosen = others.get("".join(sys.argv[1:2]))
    sys.exit(main() if chosen is None else chosen(sys.argv[2:]))
