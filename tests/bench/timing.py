"""`python -m tests.bench timing`: whether an answer's time tells known e-mails from unknown ones.

Accounts are opened, the API starts anew and knows nobody by heart, and then every
door that takes an e-mail is asked for known and unknown ones in turn, in random
order within each pair, one request at a time: first each e-mail for the first
time, then again. For each door are printed the medians, their difference, how
sure one can be that there is any (Mann-Whitney), and the smallest one that so
many answers would have shown.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from random import Random
from statistics import NormalDist, median

import httpx
from msgspec import Struct

from tests.bench.shop import BenchShop, running_shop

PAIRS, QUICK_PAIRS, ROUNDS = 400, 50, 3
SURE = 0.01
"""A difference that chance makes less often than this is one."""
POWER, SIGNIFICANCE = 0.8, 0.05
MAD_TO_DEVIATION = 1.4826
PASSWORD = "the wrong one entirely"  # of nobody
LOGIN = "/customers/login"
NORMAL = NormalDist()


class Door(Struct, frozen=True):
    """A call that takes an e-mail, and what it takes besides."""

    path: str
    more: dict[str, str]


DOORS = (
    Door(LOGIN, {"password": PASSWORD}),
    Door("/customers/claim/request", {}),
    Door("/customers/claim", {"token": "t" * 43, "new_password": "six chai before noon"}),
    Door("/customers/password/forgotten", {}),
    Door("/orders/lookup", {"order_number": "AAAAA-BBBBB"}),
)


class Compared(Struct, frozen=True, kw_only=True):
    """What the times of two kinds of answers tell."""

    known: float
    unknown: float
    probability: float
    """Of times as different as these, if there were no difference; 0 to 1."""
    guessed: float
    """How often one answer alone says which kind it is, if one guesses well; 0.5 is by chance."""
    noise: float
    """Half of all answers are further than this from the median; seconds."""
    detectable: float
    """The smallest shift that so many answers show four times out of five; seconds."""

    @property
    def difference(self) -> float:
        """Seconds by which a known e-mail is answered later."""
        return self.known - self.unknown

    @property
    def tells(self) -> bool:
        """Whether the time tells the kinds apart."""
        return self.probability < SURE and abs(self.difference) > self.detectable


def compared(known: list[float], unknown: list[float]) -> Compared:
    """Compare two samples of seconds, without believing that they are normal."""
    count, other = len(known), len(unknown)
    above = _above(known, unknown)
    mean, deviation = count * other / 2, (count * other * (count + other + 1) / 12) ** 0.5
    far = abs(above - mean) / deviation
    noise = _mad(known + unknown)
    needed = NORMAL.inv_cdf(1 - SIGNIFICANCE / 2) + NORMAL.inv_cdf(POWER)
    return Compared(
        known=median(known),
        unknown=median(unknown),
        probability=2 * (1 - NORMAL.cdf(far)),
        guessed=0.5 + abs(above / (count * other) - 0.5),
        noise=noise,
        detectable=needed * noise * MAD_TO_DEVIATION * (1 / count + 1 / other) ** 0.5,
    )


def _above(one: list[float], other: list[float]) -> float:
    """Count the pairs in which the first is larger: Mann and Whitney's U, ties being halves."""
    return sum((a > b) + (a == b) / 2 for a in one for b in other)


def _mad(values: list[float]) -> float:
    middle = median(values)
    return median(abs(value - middle) for value in values)


def main(arguments: list[str]) -> int:
    """Measure and print; 0 if no door's time tells anything."""
    read = argparse.ArgumentParser(prog="python -m tests.bench timing", description=__doc__)
    read.add_argument("--quick", action="store_true", help="few pairs")
    read.add_argument("--pairs", type=int)
    wanted = read.parse_args(arguments)
    pairs = wanted.pairs or (QUICK_PAIRS if wanted.quick else PAIRS)
    with running_shop() as shop:
        found = list(_measured(shop, pairs))
    _say(f"{os.cpu_count()} cores; load average {os.getloadavg()[0]:.1f}; {pairs} pairs a round")
    _say(f"{'':44}   known  unknown     diff        p  guessed    noise  detectable (ms)")
    for name, each in found:
        times = (each.known, each.unknown, each.difference)
        said = " ".join(f"{1000 * value:8.3f}" for value in times)
        _say(
            f"{name:42} {said} {each.probability:8.4f} {each.guessed:8.3f}"
            f" {1000 * each.noise:8.3f} {1000 * each.detectable:8.3f}"
            f"{'  TELLS' if each.tells else ''}"
        )
    return 1 if any(each.tells for _, each in found) else 0


def _measured(shop: BenchShop, pairs: int) -> Iterator[tuple[str, Compared]]:
    chance = Random(0)  # an order, no secret
    with httpx.Client(base_url=shop.settings.api_url, trust_env=False, timeout=30) as client:
        for number in range(pairs):
            account = {"email": _email("known", number), "password": "six chai before noon"}
            assert client.post("/customers", json={**account, "name": "N"}).status_code == 201
        shop.restart_part("api")
        for door in DOORS:
            if _ask(client, door, "nobody@example.net")[0] in {404, 405}:
                _say(f"{door.path} is not there")
                continue
            for number in range(ROUNDS if door.path == LOGIN else 1):
                name = f"{door.path}, {('first', 'second', 'third')[number]} time"
                yield name, _round(client, door, pairs, chance)


def _round(client: httpx.Client, door: Door, pairs: int, chance: Random) -> Compared:
    seen: dict[str, list[float]] = {"known": [], "unknown": []}
    statuses = set()
    for number in chance.sample(range(pairs), pairs):
        for kind in chance.sample(["known", "unknown"], 2):
            status, seconds = _ask(client, door, _email(kind, number))
            seen[kind].append(seconds)
            statuses.add(status)
    assert len(statuses) == 1, statuses
    return compared(seen["known"], seen["unknown"])


def _email(kind: str, number: int) -> str:
    """Return an e-mail; both kinds are equally long."""
    return f"{kind[:2]}-{number:05}@example.com"


def _ask(client: httpx.Client, door: Door, email: str) -> tuple[int, float]:
    body = {"email": email, **door.more}
    begun = time.perf_counter()
    answer = client.post(door.path, json=body)
    return answer.status_code, time.perf_counter() - begun


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is what the bench is for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
