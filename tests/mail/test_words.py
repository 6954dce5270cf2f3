"""What letters say, and that nobody but the shop writes into them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.http.fields import EMAIL_PATTERN
from src.http.mail import texts
from src.http.mail.mailer import MailRefusedError
from src.http.mail.message import link, written
from src.http.mail.settings import own_sender, sender_of
from src.http.mail.texts import Text
from tests.mail.letters import EMAIL, letter, mail, words

KNOWN = {
    "shop": "chai.example",
    "link": "https://chai.example/#x",
    "secret": "s3cr-et_",
    "until": "2 March 2026, 12:30 UTC",
    "number": "AB12C-3D4E5",
    "changed": "1 March 2026, 12:30 UTC",
}
GOOD_FOR_SO_LONG = {"CLAIM", "CLAIM_JOINS_ACCOUNT", "RESET", "ORDER"}
TEXTS = {name: text for name, text in vars(texts).items() if isinstance(text, Text)}


@pytest.mark.parametrize("name", TEXTS)
def test_every_letter_has_all_of_its_words_and_says_what_to_do_if_it_was_not_you(
    name: str,
) -> None:
    text = TEXTS[name]
    body = text.body.substitute(KNOWN)
    assert "$" not in body + text.subject.substitute(KNOWN)
    assert KNOWN["link"] in body
    assert "if it was not" in body.lower()
    assert all(len(line) <= 82 for line in body.splitlines())
    assert (KNOWN["until"] in body) is (name in GOOD_FOR_SO_LONG)


def test_whoever_did_not_open_the_account_is_told_to_choose_a_password_first() -> None:
    body = " ".join(texts.CLAIM_JOINS_ACCOUNT.body.substitute(KNOWN).split())
    assert "the orders will join it, and its password stays as it is" in body
    assert body.index("choose a new password first") < body.index(KNOWN["link"])


def test_secrets_stand_where_browsers_send_them_to_nobody() -> None:
    found = link("https://chai.example/shop", "claim", {"email": "a+b@x.in", "token": "t"})
    assert found == "https://chai.example/shop/#claim?email=a%2Bb%40x.in&token=t"
    assert link("https://chai.example", "login", {}) == "https://chai.example/#login"


@given(email=st.from_regex(EMAIL_PATTERN, fullmatch=True) | st.text(max_size=40))
def test_no_address_writes_a_header_of_its_own(email: str) -> None:
    try:
        envelope = written(letter(), email, words(), mail())
    except MailRefusedError:
        return
    raw = envelope.message.as_bytes().split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    names = [line.split(b":")[0] for line in raw if not line.startswith((b" ", b"\t"))]
    assert names == [
        *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted"),
        *(b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"),
    ]
    assert len(envelope.message["To"].addresses) == 1


@pytest.mark.parametrize(
    "email", ["a\nBcc: b@x.in@x.in", "a@x.in\r\nBcc: b@x.in", "a,b@x.in", "@x.in", "a@", "a@x..in"]
)
def test_an_odd_address_is_refused_or_stays_one_address(email: str) -> None:
    try:
        envelope = written(letter(), email, words(), mail())
    except MailRefusedError:
        return
    assert envelope.message["Bcc"] is None
    assert len(envelope.message["To"].addresses) == 1


@pytest.mark.parametrize(
    ("email", "domain"),
    [("a@bücher.example", "xn--bcher-kva.example"), ("a@Chai.Example", "Chai.Example")],
)
def test_a_domain_in_other_letters_is_written_as_servers_want_it(email: str, domain: str) -> None:
    (address,) = written(letter(), email, words(), mail()).message["To"].addresses
    assert address.domain == domain


@pytest.mark.parametrize("email", ["a@straße.example", "a@σοφός.example", "a@\uff58.example"])
def test_no_letter_goes_to_a_domain_that_reads_back_as_another(email: str) -> None:
    """Whoever has strasse.example is not whoever has straße.example."""
    with pytest.raises(MailRefusedError):
        written(letter(), email, words(), mail())


def test_a_letter_is_the_same_message_at_every_try() -> None:
    first, second = (written(letter(), EMAIL, words(), mail()) for _ in range(2))
    assert first.name == second.name
    assert first.message.as_bytes() == second.message.as_bytes()


def test_the_name_of_a_letter_sorts_by_the_time_it_was_asked_for() -> None:
    assert written(letter(), EMAIL, words(), mail()).name == (
        "20260301T123000.000000Z-claim-00000000-0000-0000-0000-000000000001"
    )


@pytest.mark.parametrize("text", ["shop@chai.example", "Chai Shop <shop@chai.example>"])
def test_a_sender_is_one_address_with_or_without_a_name(text: str, tmp_path: Path) -> None:
    assert sender_of(text) == text
    envelope = written(letter(), EMAIL, words(), mail(tmp_path, sender=text))
    assert envelope.message["Message-ID"].endswith("@chai.example>")


@pytest.mark.parametrize(
    "text", ["", "shop", "a@x.in, b@x.in", "a@x.in\nBcc: b@x.in", "<>", "a" * 400 + "@x.in"]
)
def test_what_is_not_one_address_is_no_sender(text: str) -> None:
    assert sender_of(text) is None


def test_a_shop_that_names_no_sender_has_one_all_the_same() -> None:
    assert own_sender("https://chai.example/shop") == "khata@chai.example"
    for here in ("http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost:8000"):
        assert own_sender(here) == "khata@localhost"
        assert sender_of(own_sender(here))
