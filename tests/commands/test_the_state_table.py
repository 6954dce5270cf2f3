"""The table in state_table.txt is what the rules do, printed."""

from pathlib import Path

import pytest

from src.commands.view import Decide
from tests.scenario import Scenario
from tests.state_table import COMMANDS, STATES, table

WRITTEN = Path(__file__).with_name("state_table.txt")


def test_the_table_is_what_the_rules_do() -> None:
    assert table() == WRITTEN.read_text(encoding="utf-8"), (
        "The state machine changed. If that was meant: just table > tests/commands/state_table.txt"
    )


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_in_every_state_keeps_every_promise(state: Scenario, command: Decide) -> None:
    decided = state.when(command)
    if decided.refusal is None:
        assert decided.shop.when(command).facts == [], "what was taken changes nothing again"
