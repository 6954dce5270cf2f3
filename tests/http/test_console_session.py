"""What makes somebody known to the console, and a form one of its own; asked without a shop."""

import pytest

from src.http.console.session import (
    COOKIE,
    authorization,
    check_form,
    cookie_token,
    form_token,
    session_cookie,
)
from src.http.refusals import ForeignForm

HOST, PUBLIC = "127.0.0.1:8000", "https://chai.example"
OWN = {b"host": HOST.encode(), b"origin": f"http://{HOST}".encode()}
KNOWN = {b"cookie": f"a=b; {COOKIE}=t.o.ken; c=d".encode()}


def test_the_cookie_counts_below_the_console_alone() -> None:
    for path in ("/console", "/console/orders", "/console/nowhere"):
        assert authorization(path, KNOWN) == b"Bearer t.o.ken"
    for path in ("/admin/orders", "/consoles", "/orders", "/console/login", "/console/files/0/x"):
        assert authorization(path, KNOWN) is None


def test_a_header_says_more_than_a_cookie() -> None:
    said = {**KNOWN, b"authorization": b"Bearer other"}
    assert authorization("/console/orders", said) == b"Bearer other"


@pytest.mark.parametrize(
    "line", ["", f"{COOKIE}=", f"{COOKIE}=a; {COOKIE}=b", f"x{COOKIE}=a", f"{COOKIE}x=a", ";;="]
)
def test_no_cookie_or_two_of_them_are_nobody(line: str) -> None:
    assert cookie_token({b"cookie": line.encode()}) is None


def test_with_https_the_cookie_never_travels_in_the_clear() -> None:
    assert session_cookie("t", 60, https_only=True).endswith("; Secure")
    assert "Secure" not in session_cookie("t", 60, https_only=False)


def test_a_forms_token_is_of_one_session_and_does_not_show_it() -> None:
    assert form_token("one") == form_token("one") != form_token("other")
    assert "one" not in form_token("one")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {b"sec-fetch-site": b"same-origin"},
        {b"origin": PUBLIC.encode(), b"host": b"127.0.0.1"},
    ],
)
def test_a_form_of_our_own_is_taken_also_behind_a_proxy(more: dict[bytes, bytes]) -> None:
    headers = {**OWN, **KNOWN, **more}
    check_form(headers, form_token("t.o.ken"), frozenset((PUBLIC,)))


@pytest.mark.parametrize(
    "more",
    [
        {b"origin": b"https://elsewhere.example"},
        {b"origin": b"null"},
        {b"origin": b""},
        {b"origin": b"", b"host": b""},
        {b"origin": f"http://{HOST}.elsewhere.example".encode()},
        {b"origin": b"http://127.0.0.1:8001"},
        {b"origin": b"http://["},
        {b"origin": f"extension://{HOST}".encode()},
        {b"sec-fetch-site": b"same-site"},
        {b"sec-fetch-site": b"cross-site"},
        {b"cookie": f"{COOKIE}=of-another-session".encode()},
    ],
)
def test_a_form_of_anybody_else_is_not(more: dict[bytes, bytes]) -> None:
    headers = {**OWN, **KNOWN, **more}
    with pytest.raises(ForeignForm):
        check_form(headers, form_token("t.o.ken"), frozenset((PUBLIC,)))


@pytest.mark.parametrize("sent", [None, "", "00", form_token(None), form_token("t.o.ken")[:-1]])
def test_a_form_without_its_token_is_not(sent: str | None) -> None:
    with pytest.raises(ForeignForm):
        check_form({**OWN, **KNOWN}, sent, frozenset())
