"""Whatever was done to a page, wherever, the diagnosis says exactly that."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from src.events.envelope import StoredEvent
from src.events.findings import Finding, Kind
from src.events.identifiers import Stream
from src.events.leaf import leaf
from src.queries.diagnosis import SHIFT_MAX, Diagnosis, View
from src.queries.stored_rows import StoredRow

EVENTS = 60
PAGE = 16
Row = tuple[StoredEvent, bytes]


def event(position: int, text: str = "") -> StoredEvent:
    return StoredEvent(
        position=position,
        stream=Stream(f"cart-{position}"),
        version=1,
        type="thing-happened",
        schema_version=1,
        event_id=UUID(int=position),
        recorded_at=datetime(2030, 1, 1, tzinfo=UTC),
        command_id=UUID(int=position),
        correlation_id=UUID(int=position),
        causation_id=None,
        actor="khata:test",
        payload=b'{"text":"%s"}' % text.encode(),
    )


WRITTEN: list[Row] = [(event(n), leaf(1, event(n))) for n in range(1, EVENTS + 1)]
LEAVES = {each.position: kept for each, kept in WRITTEN}

outside = st.booleans()
places = st.integers(1, EVENTS)
counts = st.integers(1, SHIFT_MAX)


def diagnosed(rows: list[Row], *, has_outside: bool) -> list[tuple[Kind, int, int]]:
    """Number the rows anew, as who takes out or puts in must do, and look at them page by page."""
    numbered = [(structs.replace(each, position=n), kept) for n, (each, kept) in _numbered(rows)]
    view = View(
        book=1,
        rows={each.position: StoredRow(each, kept) for each, kept in numbered},
        remembered=LEAVES if has_outside else {},
    )
    diagnosis = Diagnosis(len(rows))
    found: list[Finding] = []
    for after in range(0, len(rows), PAGE):
        found += diagnosis.look(view, after, min(after + PAGE, len(rows)))
    found += diagnosis.close()
    return [(each.kind, each.position, each.last) for each in found]


def _numbered(rows: list[Row]) -> list[tuple[int, Row]]:
    return list(enumerate(rows, start=1))


@given(outside)
def test_nothing_is_found_where_nothing_was_done(has_outside: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    assert diagnosed(WRITTEN, has_outside=has_outside) == []


@given(places, counts, outside)
def test_what_was_taken_out_is_missed(place: int, count: int, has_outside: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    count = min(count, EVENTS - place)  # at the end of the book nothing moves, and the head tells
    rows = WRITTEN[: place - 1] + WRITTEN[place - 1 + count :]
    expected = [(Kind.MISSING, place, place + count - 1)] if count else []
    assert diagnosed(rows, has_outside=has_outside) == expected


@given(places, counts, outside)
def test_what_was_put_in_is_found(place: int, count: int, has_outside: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    forged = [(event(1_000 + n, "forged"), b"f" * 32) for n in range(count)]
    rows = WRITTEN[: place - 1] + forged + WRITTEN[place - 1 :]
    expected = [(Kind.INSERTED, place, place + count - 1)]
    assert diagnosed(rows, has_outside=has_outside) == expected


@given(places, places, outside)
def test_what_changed_places_is_found(one: int, other: int, has_outside: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    one, other = sorted((one, other))
    rows = list(WRITTEN)
    rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]
    expected = [(Kind.SWAPPED, one, other)] if one != other else []
    assert diagnosed(rows, has_outside=has_outside) == expected


@given(st.sets(places, max_size=5), outside)
def test_what_was_changed_is_found(changed: set[int], has_outside: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    rows = [
        (event(each.position, "forged"), kept) if each.position in changed else (each, kept)
        for each, kept in WRITTEN
    ]
    expected = [(Kind.CHANGED, place, place) for place in sorted(changed)]
    assert diagnosed(rows, has_outside=has_outside) == expected


@given(places)
def test_who_makes_the_leaf_anew_is_found_by_what_is_outside(place: int) -> None:
    forged = event(place, "forged")
    rows = [*WRITTEN[: place - 1], (forged, leaf(1, forged)), *WRITTEN[place:]]
    assert diagnosed(rows, has_outside=True) == [(Kind.CHANGED, place, place)]
