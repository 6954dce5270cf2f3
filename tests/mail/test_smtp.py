"""Letters by SMTP: taken, refused, put off; never in clear to another machine."""

import base64
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiosmtplib import SMTPConnectError
from msgspec.structs import replace

from src.http.mail.mailer import MailRefusedError, MailUnavailableError
from src.http.mail.settings import MailServer, mail_server
from src.http.mail.smtp import SmtpMailer, said_of
from tests.certificates import HERE, LOCALHOST, own_certificate, servers_side, trusting
from tests.mail.letters import EMAIL, envelope
from tests.mail.mail_server import MailServerUnderTest, serving

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_certificate(tmp_path_factory.mktemp("mail") / "mail.pem", LOCALHOST, HERE)


@pytest.fixture
async def plain() -> AsyncIterator[MailServerUnderTest]:
    """A server without TLS."""
    async with serving(MailServerUnderTest()) as server:
        yield server


@pytest.fixture
async def encrypting(certificate: Path) -> AsyncIterator[MailServerUnderTest]:
    """A server that offers STARTTLS."""
    async with serving(MailServerUnderTest(servers_side(certificate))) as server:
        yield server


def at(server: MailServerUnderTest, login: str = "", scheme: str = "smtp") -> MailServer:
    return mail_server(f"{scheme}://{login}127.0.0.1:{server.port}")


def elsewhere(server: MailServerUnderTest) -> MailServer:
    """The same server, as if it were on another machine."""
    return replace(at(server), is_loopback=False)


async def test_a_letter_arrives_as_it_was_written(plain: MailServerUnderTest) -> None:
    await SmtpMailer(at(plain)).hand_over(envelope())
    (taken,) = plain.letters
    assert (taken["To"], taken["From"]) == (EMAIL, "Chai Shop <shop@chai.example>")
    assert taken["Subject"] == "Your orders at chai.example"
    assert taken.get_content().replace("\r\n", "\n") == envelope().message.get_content()
    assert "MAIL FROM:<shop@chai.example>" in " ".join(plain.heard)


async def test_a_server_elsewhere_that_offers_no_tls_gets_no_letter_and_no_password(
    plain: MailServerUnderTest,
) -> None:
    with_login = replace(elsewhere(plain), username="khata", password="opensesame")
    with pytest.raises(MailUnavailableError):
        await SmtpMailer(with_login).hand_over(envelope())
    assert plain.letters == []
    assert not any("AUTH" in words or "MAIL" in words for words in plain.heard)


async def test_a_server_elsewhere_is_spoken_to_over_starttls(
    encrypting: MailServerUnderTest, certificate: Path
) -> None:
    mailer = SmtpMailer(elsewhere(encrypting), tls=trusting(certificate))
    await mailer.hand_over(envelope())
    assert encrypting.encrypted == [True]


async def test_a_server_elsewhere_with_a_strangers_certificate_gets_no_letter(
    encrypting: MailServerUnderTest,
) -> None:
    with pytest.raises(MailUnavailableError):
        await SmtpMailer(elsewhere(encrypting)).hand_over(envelope())
    assert encrypting.letters == []


async def test_starttls_that_is_offered_and_then_refused_is_no_reason_to_go_on_in_clear(
    encrypting: MailServerUnderTest,
) -> None:
    for server in (elsewhere(encrypting), at(encrypting)):
        encrypting.replies["STARTTLS"] = ["454 not now"]
        with pytest.raises(MailUnavailableError):
            await SmtpMailer(server).hand_over(envelope())
    assert encrypting.letters == []


async def test_on_this_machine_tls_is_taken_when_it_is_offered_by_whatever_certificate(
    encrypting: MailServerUnderTest,
) -> None:
    await SmtpMailer(at(encrypting)).hand_over(envelope())
    assert encrypting.encrypted == [True]


async def test_smtps_is_encrypted_from_the_first_byte(certificate: Path) -> None:
    async with serving(MailServerUnderTest(), servers_side(certificate)) as server:
        mailer = SmtpMailer(
            replace(at(server, scheme="smtps"), is_loopback=False), tls=trusting(certificate)
        )
        await mailer.hand_over(envelope())
        assert server.encrypted == [True]


async def test_name_and_password_come_from_the_address_also_with_odd_signs() -> None:
    async with serving(MailServerUnderTest(extensions=("AUTH PLAIN",))) as server:
        await SmtpMailer(at(server, "kha%40ta:a%2Fb%3Ac@")).hand_over(envelope())
        (auth,) = [words for words in server.heard if words.startswith("AUTH")]
        assert base64.b64decode(auth.split()[2]) == b"\0kha@ta\0a/b:c"


@pytest.mark.parametrize("command", ["RCPT", "."])
async def test_a_5xx_about_the_letter_is_for_ever_and_a_4xx_is_not(
    plain: MailServerUnderTest, command: str
) -> None:
    plain.replies[command] = [f"550 no {EMAIL} here", f"451 {EMAIL} is greylisted"]
    with pytest.raises(MailRefusedError) as never:
        await SmtpMailer(at(plain)).hand_over(envelope())
    with pytest.raises(MailUnavailableError) as later:
        await SmtpMailer(at(plain)).hand_over(envelope())
    assert "550" in never.value.reason
    assert "451" in later.value.reason
    for said in (never.value, later.value):
        assert EMAIL not in repr(said)
        assert said.__cause__ is None
    await SmtpMailer(at(plain)).hand_over(envelope())
    assert len(plain.letters) == 1


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "AUTH"])
async def test_what_is_about_the_shop_is_never_a_reason_to_give_a_letter_up(
    command: str,
) -> None:
    async with serving(MailServerUnderTest(extensions=("AUTH PLAIN",))) as server:
        server.replies[command] = ["550 not from you"]
        server.replies["HELO"] = ["550 not from you"]
        with pytest.raises(MailUnavailableError):
            await SmtpMailer(at(server, "khata:secret@")).hand_over(envelope())
        assert server.letters == []


async def test_a_server_that_says_nothing_is_waited_for_so_long_and_no_longer(
    plain: MailServerUnderTest,
) -> None:
    plain.is_silent = True
    with pytest.raises(MailUnavailableError):
        await SmtpMailer(at(plain), command_timeout_seconds=0.05).hand_over(envelope())


async def test_a_server_that_is_not_there_may_be_there_later(plain: MailServerUnderTest) -> None:
    gone = replace(at(plain), port=1)
    with pytest.raises(MailUnavailableError):
        await SmtpMailer(gone).hand_over(envelope())
    with pytest.raises(MailUnavailableError):
        await SmtpMailer(gone).greet()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (socket.EAI_NONAME, "no such host"),
        (socket.EAI_AGAIN, "SMTPConnectError: gaierror"),
    ],
)
def test_a_host_that_does_not_exist_is_told_from_names_that_cannot_be_asked_for(
    number: int, reason: str
) -> None:
    error = SMTPConnectError("mail.invalid")
    error.__cause__ = socket.gaierror(number, "what the system says")
    assert said_of(error) == reason


async def test_an_address_that_the_server_cannot_write_to_is_for_ever(
    plain: MailServerUnderTest,
) -> None:
    with pytest.raises(MailRefusedError):
        await SmtpMailer(at(plain)).hand_over(envelope(email="आशा@example.in"))


async def test_a_server_that_can_gets_addresses_in_every_script() -> None:
    async with serving(MailServerUnderTest(extensions=("SMTPUTF8",))) as server:
        await SmtpMailer(at(server)).hand_over(envelope(email="आशा@उदाहरण.example"))
        assert any("RCPT TO:<आशा@xn--" in words for words in server.heard)


async def test_greeting_sends_nothing(encrypting: MailServerUnderTest) -> None:
    await SmtpMailer(at(encrypting)).greet()
    assert encrypting.letters == []
    assert not any(words.startswith("MAIL") for words in encrypting.heard)


@pytest.mark.parametrize(
    ("url", "port", "implicit", "loopback"),
    [
        ("smtp://mail.example", 587, False, False),
        ("smtps://mail.example", 465, True, False),
        ("smtp://localhost", 25, False, True),
        ("smtp://127.0.0.1:1025", 1025, False, True),
        ("smtp://[::1]:1025", 1025, False, True),
        ("smtp://127.0.0.1.mail.example", 587, False, False),
    ],
)
def test_an_address_says_port_and_encryption(
    url: str, port: int, *, implicit: bool, loopback: bool
) -> None:
    found = mail_server(url)
    assert (found.port, found.is_implicit_tls, found.is_loopback) == (port, implicit, loopback)


def test_a_password_is_in_no_words_about_the_server() -> None:
    server = mail_server("smtps://khata:opensesame@mail.example")
    assert server.password == "opensesame"
    assert "opensesame" not in repr(server) + server.place
    assert isinstance(SmtpMailer(server, tls=ssl.create_default_context()), SmtpMailer)
