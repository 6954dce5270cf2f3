"""What stands in a book can be read for ever: golden bytes, and old shapes lifted step by step."""

import re
from typing import Any

import pytest
from msgspec import Struct

from src.events import catalogue, upcasters
from src.events.catalogue import EVENTS, VERSIONS
from src.events.codec import decode, encode
from src.events.upcasters import UnknownFactError, lifted
from tests.events.examples import GOLDEN, example, golden_file

WHAT_TO_DO = (
    "The bytes of a fact are in books that nobody can rewrite. Never edit a golden file: raise the"
    " version of {0} in catalogue.VERSIONS, write an upcaster from the old shape in upcasters.py,"
    " and let `python -m tests.events.examples` write the new golden file."
)
ALL_VERSIONS = [(name, v) for name, newest in VERSIONS.items() for v in range(1, newest + 1)]


@pytest.mark.parametrize(("name", "version"), ALL_VERSIONS)
def test_every_version_of_every_fact_has_a_golden_file_that_can_be_read(
    name: str, version: int
) -> None:
    path = golden_file(name, version)
    assert path.exists(), f"{path.name} is missing. {WHAT_TO_DO.format(name)}"
    assert isinstance(decode(name, version, path.read_bytes()), EVENTS[name])


@pytest.mark.parametrize("name", EVENTS)
def test_a_fact_is_written_and_read_as_its_golden_file_says(name: str) -> None:
    golden = golden_file(name, VERSIONS[name]).read_bytes()
    assert encode(example(EVENTS[name])) == golden, WHAT_TO_DO.format(name)
    assert decode(name, VERSIONS[name], golden) == example(EVENTS[name]), WHAT_TO_DO.format(name)


def test_every_golden_file_is_of_a_fact_that_is_still_known() -> None:
    found = {path.name for path in GOLDEN.iterdir()}
    assert found == {golden_file(*each).name for each in ALL_VERSIONS}


def test_facts_are_named_in_the_past_tense_and_once() -> None:
    irregular = {
        "AddressKept",
        "CartChosen",
        "CartItemSet",
        "CartTaken",
        "CouponRedeemerNamed",
        "GuestSeen",
        "MailboxProven",
    }
    odd = [name for name in EVENTS if not name.endswith("ed") and name not in irregular]
    assert odd == []
    assert sum(len(fold.events) for fold in catalogue.FOLDS.values()) == len(EVENTS) + 2, (
        "only the two facts of a case stand on two kinds of streams"
    )


class ThingMoved(Struct, frozen=True, kw_only=True):
    """An invented fact: version 1 had `where`, version 2 `place`, version 3 adds `floor`."""

    place: str
    floor: int


def renamed(old: dict[str, Any]) -> dict[str, Any]:
    return {"place": old["where"]}


def with_floor(old: dict[str, Any]) -> dict[str, Any]:
    return {**old, "floor": 0}


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue.EVENTS, "ThingMoved", ThingMoved)
    monkeypatch.setitem(catalogue.VERSIONS, "ThingMoved", 3)
    monkeypatch.setitem(upcasters.UPCASTERS, ("ThingMoved", 1), renamed)
    monkeypatch.setitem(upcasters.UPCASTERS, ("ThingMoved", 2), with_floor)


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize(
    ("version", "payload"), [(1, b'{"where":"shelf"}'), (2, b'{"place":"shelf"}')]
)
def test_an_old_shape_is_lifted_one_version_at_a_time(version: int, payload: bytes) -> None:
    assert decode("ThingMoved", version, payload) == ThingMoved(place="shelf", floor=0)


@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize(("name", "version"), [("ThingMoved", 4), ("NobodyKnows", 1)])
def test_a_fact_of_a_newer_khata_is_refused_by_name(name: str, version: int) -> None:
    with pytest.raises(UnknownFactError, match=f"{name} version {version}"):
        decode(name, version, b"{}")


def test_a_version_that_nobody_can_lift_is_refused_by_name() -> None:
    expected = re.escape("ThingMoved version 2 has no upcaster to version 3")
    with pytest.raises(UnknownFactError, match=expected):
        lifted("ThingMoved", 1, 3, {"where": "shelf"}, {("ThingMoved", 1): renamed})
