"""`khata export --list`: it says which tables there are, and takes no name of one."""

import pytest

from src.cli.complaint import Complaint
from src.cli.export.run import MISUSED, list_tables


def test_every_table_is_named_beside_the_book(capsys: pytest.CaptureFixture[str]) -> None:
    list_tables(None)
    assert {"events", "orders", "payments"} <= set(capsys.readouterr().out.splitlines())


def test_a_table_that_is_named_beside_the_list_is_refused_in_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Complaint, match="leave out orders, or --list") as refused:
        list_tables("orders")
    assert refused.value.exit_code == MISUSED
    assert capsys.readouterr().out == ""
