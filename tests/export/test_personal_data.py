"""Who is named in a file: nobody, or everybody that is not erased, for whom may see that."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from src.bootstrap.api import tokens_of
from src.cli.complaint import Complaint
from src.cli.export.run import Request, run_export
from src.cli.export.sources import keys_of
from src.cli.token_for import print_token
from src.events.catalogue import EVENTS
from src.events.customer import Address, AddressKept, CustomerRegistered, GuestIdentified, Profile
from src.events.ports import Sealed
from src.events.stock import StockAdjusted
from src.events.webhook import WebhookReceived
from src.queries.export.disclosure import (
    NEVER_OPENED_FIELDS,
    OPENED_FIELDS,
    WORDS_OF_STAFF,
    actor_shown,
    stream_shown,
    without_persons,
    words_shown,
)
from tests.export.conftest import Exporting
from tests.export.reading import by_pyarrow

pytestmark = pytest.mark.anyio
PROFILE = Profile(email="zenobia.quillfeather@private-mail.example", name="Zenobia Quillfeather")
ADDRESS = Address(
    name="Zenobia Quillfeather",
    phone=None,
    line1="7 Thimble Lane",
    line2=None,
    city="Kochi",
    state="KL",
    postal_code="682001",
    country="IN",
)
HASH, BODY = "argon2-of-zenobia", "what-razorpay-wrote-of-zenobia"


async def with_persons(of: Exporting) -> None:
    """Write what there is of an account, a guest and a delivery."""
    async with AsyncExitStack() as closing:
        keys = await keys_of(of.settings, closing)

        async def sealed(person: str, value: Struct | str) -> Sealed:
            return await keys.seal(person, msgspec.json.encode(value))

        await of.shop.write(
            [
                (
                    "customer-cust_z",
                    CustomerRegistered(
                        customer_id="cust_z",
                        mailbox="ab" * 20,
                        profile=await sealed("cust_z", PROFILE),
                        password=await sealed("cust_z", HASH),
                    ),
                ),
                (
                    "customer-cust_z",
                    AddressKept(address_id="adr_1", address=await sealed("cust_z", ADDRESS)),
                ),
                (
                    "customer-cust_g",
                    GuestIdentified(
                        customer_id="cust_g",
                        mailbox="cd" * 20,
                        profile=await sealed("cust_g", PROFILE),
                    ),
                ),
                (
                    "webhook-z",
                    WebhookReceived(
                        provider="razorpay",
                        event_id=None,
                        body=await sealed("wh_z", BODY),
                        sha256="ef" * 32,
                        signature="01" * 32,
                        secret_index=0,
                    ),
                ),
            ]
        )
        await keys.destroy(["cust_g"])


async def token_file(
    of: Exporting, capsys: pytest.CaptureFixture[str], role: str, subject: str = "asha"
) -> Path:
    """Let `khata token` print one into a file."""
    capsys.readouterr()
    print_token(of.settings, role, subject)
    path = of.folder / f"{role}.token"
    await asyncio.to_thread(path.write_text, capsys.readouterr().out)
    return path


async def exported(of: Exporting, token: Path | None, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what a request takes
    """Return the payloads of the four facts above, as a file has them."""
    path = of.folder / "events.parquet"
    head = await of.shop.book.head()
    request = Request(
        table="events",
        form="parquet",
        output=path,
        overwrite=True,
        begin=str(head - 3),
        token_file=token,
        **asked,
    )
    await asyncio.to_thread(run_export, of.settings, request)
    return [json.loads(row["payload"]) for row in by_pyarrow(path)]


@pytest.mark.parametrize("role", ["admin", "auditor"])
async def test_staff_who_may_see_persons_find_them_and_are_named_in_the_log(
    exporting: Exporting, capsys: pytest.CaptureFixture[str], role: str
) -> None:
    token = await token_file(exporting, capsys, role)
    await with_persons(exporting)
    account, kept, guest, delivery = await exported(exporting, token, with_personal_data=True)
    assert account["profile"] == msgspec.to_builtins(PROFILE)
    assert kept["address"] == msgspec.to_builtins(ADDRESS)
    assert guest["profile"] == "erased"
    assert (account["password"], delivery["body"]) == ("sealed", "sealed")
    assert (account["mailbox"], guest["mailbox"]) == ("sealed", "sealed")
    line = json.loads(capsys.readouterr().err.splitlines()[0])
    assert (line["event"], line["by"]) == ("personal data is exported", f"{role}:asha")
    mode = (exporting.folder / "events.parquet").stat().st_mode
    assert mode & 0o077 == 0


async def test_nobody_else_is_shown_persons(
    exporting: Exporting, capsys: pytest.CaptureFixture[str]
) -> None:
    await with_persons(exporting)
    for role in ("customer", "operator", "analyst"):
        token = await token_file(exporting, capsys, role)
        with pytest.raises(Complaint, match="administrators and auditors"):
            await exported(exporting, token, with_personal_data=True)
    forged = exporting.folder / "forged"
    await asyncio.to_thread(forged.write_text, "eyJhbGciOiJub25lIn0.e30.")
    with pytest.raises(Complaint, match="not valid here"):
        await exported(exporting, forged, with_personal_data=True)
    with pytest.raises(Complaint, match="needs --token-file"):
        await exported(exporting, None, with_personal_data=True)
    with pytest.raises(Complaint, match="names no file"):
        await exported(exporting, exporting.folder / "none", with_personal_data=True)
    assert not (exporting.folder / "events.parquet").exists()


async def test_a_token_that_was_typed_for_its_file_is_not_repeated(exporting: Exporting) -> None:
    typed = Path("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhc2hhIn0.c2lnbmF0dXJl")
    with pytest.raises(Complaint) as refused:
        await exported(exporting, typed, with_personal_data=True)
    assert str(typed) not in str(refused.value)


async def test_a_token_of_yesterday_opens_nothing(exporting: Exporting) -> None:
    yesterday = exporting.folder / "yesterday.token"
    token = tokens_of(exporting.settings).sign(["admin"], "asha", timedelta(days=-1))
    await asyncio.to_thread(yesterday.write_text, token)
    with pytest.raises(Complaint, match="not any more"):
        await exported(exporting, yesterday, with_personal_data=True)


async def test_a_file_that_nobody_asked_persons_of_has_only_words_in_their_place(
    exporting: Exporting,
) -> None:
    await with_persons(exporting)
    account, kept, guest, delivery = await exported(exporting, None)
    assert account == {
        "customer_id": "cust_z",
        "mailbox": "sealed",
        "profile": "sealed",
        "password": "sealed",
    }
    assert (kept["address"], guest["profile"], delivery["body"]) == ("sealed",) * 3


async def test_what_does_not_go_together_is_said(exporting: Exporting) -> None:
    for asked, said in (
        ({"as_stored": True, "with_personal_data": True}, "do not go together"),
        ({"table": "products", "with_personal_data": True}, "only events do"),
        ({"table": "products", "as_stored": True}, "only events do"),
        ({"token_file": Path("x")}, "goes with --with-personal-data"),
        ({"output": Path("-")}, "no text to print"),
        ({"form": "xlsx"}, "parquet, csv, jsonl"),
        ({"output": None}, "--output PATH"),
    ):
        usual: dict[str, Any] = {
            "table": "events",
            "form": "parquet",
            "output": exporting.folder / "x",
        }
        request = Request(**usual | asked)
        with pytest.raises(Complaint, match=said):
            await asyncio.to_thread(run_export, exporting.settings, request)


def test_of_every_sealed_field_it_is_decided_whether_files_may_show_it() -> None:
    named = {name for event in EVENTS.values() for name in sealed_fields(event)}
    assert named == OPENED_FIELDS | NEVER_OPENED_FIELDS


def sealed_fields(kind: type[Struct]) -> set[str]:
    hints = get_type_hints(kind)
    return {name for name, hint in hints.items() if hint is Sealed or Sealed in get_args(hint)}


OUR_OWN_WORDS = {
    ("CaptureDeclined", "reason"),
    ("CaptureRefused", "reason"),
    ("CartUnlocked", "reason"),
    ("CaseOpened", "reason"),
    ("CheckoutCancelled", "reason"),
    ("CheckoutFailed", "reason"),
    ("CouponReleased", "reason"),
    ("HoldLapsed", "reason"),
    ("PaymentFailed", "reason"),
    ("RefundFailed", "reason"),
    ("RefundRefused", "reason"),
    ("StockReleased", "reason"),
    ("WebhookParked", "reason"),
}
"""Or Razorpay's, without a buyer's name in them."""


def test_of_every_free_word_it_is_decided_whether_staff_wrote_it() -> None:
    free = {
        (name, field)
        for name, event in EVENTS.items()
        for field in ("reason", "note", "reference")
        if field in event.__struct_fields__
    }
    assert free == OUR_OWN_WORDS | set(WORDS_OF_STAFF.items())


async def test_what_staff_wrote_is_left_out_unless_it_was_asked_for(exporting: Exporting) -> None:
    said = StockAdjusted(sku="CHAI-250", delta=1, reason="found by Zenobia Quillfeather")
    await exporting.shop.write([("stock-CHAI-250", said)] * 4)
    for asked, reason in (({}, "withheld"), ({"as_stored": True}, said.reason)):
        for payload in await exported(exporting, None, **asked):
            assert payload == {"sku": "CHAI-250", "delta": 1, "reason": reason}
        is_closed = (exporting.folder / "events.parquet").stat().st_mode & 0o077 == 0
        assert is_closed == ("as_stored" in asked)


def test_words_that_nobody_said_stay_null() -> None:
    received = '{"sku":"CHAI-250","quantity":1,"reference":null}'
    assert words_shown("StockReceived", received) == received


def test_staff_and_mailboxes_are_named_by_what_they_are() -> None:
    assert actor_shown("staff:admin:asha@shop.example because: she asked") == "staff:admin"
    assert actor_shown("customer:cust_1") == "customer:cust_1"
    assert stream_shown("mailbox-0123abc") == "mailbox-sealed"
    assert stream_shown("cart-cart_1") == "cart-cart_1"


TEXTS = st.text(max_size=8) | st.sampled_from(
    ['{"key_id":"k","box":"b"}', '"mailbox":"x"', 'mailbox:"x', "mailbox-x", '\\"box"', "mailbox"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS | st.just("mailbox"), inner, max_size=3)
        | st.fixed_dictionaries({"key_id": TEXTS, "box": TEXTS})
        | st.fixed_dictionaries({"mailbox": TEXTS})
    ),
    max_leaves=8,
)


@given(VALUES)
def test_no_payload_hides_a_box_or_a_mailbox(value: object) -> None:
    shown = msgspec.json.decode(without_persons(msgspec.json.encode(value).decode()))
    assert shown == plainly_covered(value)


def plainly_covered(value: Any, name: str = "") -> Any:  # noqa: ANN401 - a JSON value
    match value:
        case {"key_id": _, "box": _} if len(value) == 2:
            return "sealed"
        case dict():
            return {key: plainly_covered(each, key) for key, each in value.items()}
        case list():
            return [plainly_covered(each, name) for each in value]
        case str() if name == "mailbox":
            return "sealed"
        case str() if value[:8] in {"mailbox:", "mailbox-"}:
            return f"{value[:8]}sealed"
        case _:
            return value
