"""What the doctor says of letters, with a mail server and without."""

from pathlib import Path

import pytest

from src.cli.finding import Finding
from src.cli.mail_findings import mail
from src.settings import Settings
from tests.mail.mail_server import MailServerUnderTest, serving

pytestmark = pytest.mark.anyio


async def found(home: Path, **variables: str) -> dict[str, Finding]:
    settings = Settings.from_environ({"KHATA_HOME": str(home), **variables}, bytes)
    return {each.what: each for each in await mail(settings)}


async def test_without_a_mail_server_letters_are_files_and_all_is_well(home: Path) -> None:
    findings = await found(home)
    assert str(home / "outbox") in findings["SMTP_URL"].says
    assert [each.mend for each in findings.values()] == [None, None, None]


@pytest.fixture
def blocked_home(home: Path) -> Path:
    """A home with a file where the outbox would be."""
    home.mkdir(exist_ok=True)
    (home / "outbox").write_text("in the way")
    return home


async def test_an_outbox_that_is_no_folder_is_to_be_moved(blocked_home: Path) -> None:
    assert (await found(blocked_home))["SMTP_URL"].mend


async def test_a_mail_server_that_answers_is_well_and_one_that_does_not_is_named(
    home: Path,
) -> None:
    async with serving(MailServerUnderTest(extensions=("AUTH PLAIN",))) as server:
        url = f"smtp://khata:opensesame@127.0.0.1:{server.port}"
        well = await found(home, SMTP_URL=url)
        assert well["SMTP_URL"].mend is None
        server.replies["AUTH"] = ["535 no"]
        refused = (await found(home, SMTP_URL=url))["SMTP_URL"]
        assert server.letters == []
    gone = (await found(home, SMTP_URL=url))["SMTP_URL"]
    for finding in (refused, gone):
        assert finding.mend
        assert "opensesame" not in finding.says + finding.mend
    assert "535" in refused.says


async def test_letters_that_leave_need_a_sender_and_links_that_lead_somewhere(home: Path) -> None:
    smtp = "smtp://mail.invalid:1"
    bare = await found(home, SMTP_URL=smtp)
    assert bare["KHATA_MAIL_FROM"].mend
    assert bare["KHATA_SHOP_URL"].mend
    told = await found(
        home,
        SMTP_URL=smtp,
        KHATA_MAIL_FROM="shop@chai.example",
        KHATA_SHOP_URL="https://chai.example",
    )
    assert (told["KHATA_MAIL_FROM"].mend, told["KHATA_SHOP_URL"].mend) == (None, None)
