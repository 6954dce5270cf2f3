"""`khata token` prints a token that a door takes, or says why not."""

import pytest

from src.bootstrap.api import tokens_of
from src.cli.complaint import Complaint
from src.cli.token_for import HOURS_MAX, print_token
from src.settings import Settings


def test_a_token_is_printed_alone_and_says_its_role(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    print_token(settings, "analyst", "asha")
    [token] = capsys.readouterr().out.split()
    claims = tokens_of(settings).verify(token)
    assert (claims.roles, claims.sub) == (("analyst",), "asha")


def test_a_token_is_good_for_as_many_hours_as_were_asked_for(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for hours in (1, HOURS_MAX):
        print_token(settings, "admin", None, hours)
        claims = tokens_of(settings).verify(capsys.readouterr().out.strip())
        assert claims.exp - claims.iat == hours * 3600


@pytest.mark.parametrize("subject", ["", "two\nlines", "\x00", "s" * 255])
def test_a_token_for_a_name_that_is_none_is_refused(settings: Settings, subject: str) -> None:
    with pytest.raises(Complaint, match="--subject"):
        print_token(settings, "admin", subject)


@pytest.mark.parametrize("hours", [-1, 0, HOURS_MAX + 1])
def test_a_token_is_good_for_no_time_that_makes_no_sense(settings: Settings, hours: int) -> None:
    with pytest.raises(Complaint, match="--hours"):
        print_token(settings, "admin", None, hours)


@pytest.mark.parametrize("role", ["king", "customer"])
def test_a_token_for_nobody_is_refused(settings: Settings, role: str) -> None:
    with pytest.raises(Complaint, match="--role"):
        print_token(settings, role, None)
