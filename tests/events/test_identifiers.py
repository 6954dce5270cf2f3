"""Ids that follow from others are what any implementation of version 5 gives."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from src.events.identifiers import event_id


@given(command_id=st.uuids(), ordinal=st.integers(min_value=0, max_value=10_000))
def test_an_event_id_is_version_5_of_its_command_and_its_number(
    command_id: UUID, ordinal: int
) -> None:
    assert event_id(command_id, ordinal) == uuid5(command_id, str(ordinal))
