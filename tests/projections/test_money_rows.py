"""Given facts about money taken and given back, then rows."""

import pytest

from src.events.capture import CaptureMode, CheckoutRevived, HoldExtended, HoldLapsed
from src.events.dispute import DisputeMoved, DisputeOpened, DisputeStatus
from src.events.identifiers import CHECKOUT, PAYMENT, stream
from src.events.payment import (
    CaptureDeclined,
    CaptureRequested,
    PaymentAuthorized,
    PaymentOrderOpened,
    PaymentReturned,
)
from src.events.refund import (
    RefundCause,
    RefundFailed,
    RefundFiled,
    RefundProcessed,
    RefundRefused,
    RefundRequested,
)
from src.queries.open_checkouts import due
from tests.projections.facts import EXPIRES_AT, Fact, asked_for_money, begun, expired, inr, opening
from tests.projections.shop import BOOK, Shop

pytestmark = pytest.mark.anyio
NAME, PAY, SESSION = stream(PAYMENT, "order_a"), "pay_a", stream(CHECKOUT, "chk_a")


async def shown(shop: Shop, table: str, *facts: Fact, together: bool) -> list[dict[str, object]]:
    """Let the read models see these facts, on one page or each on its own."""
    runner = shop.runner()
    pages = [list(facts)] if together else [[each] for each in facts]
    for page in pages:
        await shop.write(page)
        await runner.catch_up()
    await runner.close()
    return await shop.rows(table)


def wanted() -> Fact:
    return NAME, RefundRequested(
        refund_id="refund_a",
        razorpay_payment_id=PAY,
        amount=inr(500),
        cause=RefundCause.STAFF,
        reason="one cup was broken",
        order_id="ord_a",
    )


def filed(kind: type[RefundFiled | RefundProcessed | RefundFailed], **more: object) -> Fact:
    about = {"refund_id": "refund_a", "razorpay_refund_id": "rfnd_a", "order_id": "ord_a"}
    event = kind(**{**about, **more}, razorpay_payment_id=PAY, amount=inr(500))  # type: ignore[arg-type]  # texts all of them
    return NAME, event


@pytest.mark.parametrize("together", [True, False])
async def test_a_refund_is_shown_with_its_wish_and_how_far_it_came(
    shop: Shop, *, together: bool
) -> None:
    facts = [wanted(), filed(RefundFiled), filed(RefundFailed, reason="account closed")]
    (row,) = await shown(shop, "refunds", *facts, together=together)
    assert (row["refund_id"], row["razorpay_refund_id"]) == ("refund_a", "rfnd_a")
    assert (row["cause"], row["reason"]) == ("staff", "one cup was broken")
    assert (row["status"], row["failure"]) == ("failed", "account closed")
    assert (row["razorpay_order_id"], row["order_id"]) == ("order_a", "ord_a")
    assert (row["amount_minor"], row["currency"], row["position"]) == (500, "INR", 1)


@pytest.mark.parametrize("together", [True, False])
async def test_a_refused_refund_has_no_name_at_razorpay(shop: Shop, *, together: bool) -> None:
    refused = RefundRefused(refund_id="refund_a", reason="not enough balance")
    (row,) = await shown(shop, "refunds", wanted(), (NAME, refused), together=together)
    assert (row["status"], row["failure"]) == ("refused", "not enough balance")
    assert (row["razorpay_refund_id"], row["amount_minor"]) == (None, 500)


@pytest.mark.parametrize("together", [True, False])
async def test_a_refund_that_nobody_here_wanted_came_from_outside(
    shop: Shop, *, together: bool
) -> None:
    facts = [filed(RefundFiled, order_id=None), filed(RefundProcessed, order_id=None)]
    (row,) = await shown(shop, "refunds", *facts, together=together)
    assert (row["cause"], row["reason"], row["status"]) == ("outside", None, "processed")


@pytest.mark.parametrize("together", [True, False])
async def test_a_dispute_is_shown_as_far_as_it_came(shop: Shop, *, together: bool) -> None:
    opened = DisputeOpened(
        dispute_id="disp_a",
        razorpay_payment_id=PAY,
        amount=inr(500),
        reason_code="fraud",
        respond_by=EXPIRES_AT,
    )
    review = DisputeMoved(dispute_id="disp_a", status=DisputeStatus.UNDER_REVIEW, deducted=inr(500))
    lost = DisputeMoved(dispute_id="disp_a", status=DisputeStatus.LOST)
    facts = [(NAME, opened), (NAME, review), (NAME, lost)]
    (row,) = await shown(shop, "disputes", *facts, together=together)
    assert (row["dispute_id"], row["status"], row["reason_code"]) == ("disp_a", "lost", "fraud")
    assert (row["amount_minor"], row["deducted_minor"]) == (500, 500)
    assert row["respond_by"] == EXPIRES_AT.isoformat()


@pytest.mark.parametrize("together", [True, False])
async def test_a_payment_shows_what_we_want_of_promised_money(
    shop: Shop, *, together: bool
) -> None:
    promised = NAME, PaymentAuthorized(razorpay_payment_id=PAY, amount=inr(500))
    asked = NAME, CaptureRequested(razorpay_payment_id=PAY, amount=inr(500))
    (row,) = await shown(shop, "payments", promised, asked, together=together)
    assert (row["status"], row["taking"]) == ("authorized", "wanted")
    left = NAME, CaptureDeclined(razorpay_payment_id=PAY, reason="sold out")
    back = NAME, PaymentReturned(razorpay_payment_id=PAY, amount=inr(500))
    (row,) = await shown(shop, "payments", left, back, together=together)
    assert (row["status"], row["taking"]) == ("returned", "declined")


@pytest.mark.parametrize("together", [True, False])
async def test_a_payment_is_ours_from_the_moment_its_razorpay_order_is(
    shop: Shop, *, together: bool
) -> None:
    first = NAME, PaymentAuthorized(razorpay_payment_id=PAY, amount=inr(500))
    (row,) = await shown(shop, "payments", first, together=together)
    assert (row["ours"], row["checkout_session_id"]) == (False, None)
    opened = PaymentOrderOpened(
        razorpay_order_id="order_a",
        checkout_session_id="chk_a",
        cart_id="cart_a",
        due=inr(500),
        capture=CaptureMode.AUTOMATIC,
    )
    later = NAME, PaymentAuthorized(razorpay_payment_id="pay_b", amount=inr(500))
    rows = await shown(shop, "payments", (NAME, opened), later, together=together)
    assert [(row["ours"], row["checkout_session_id"]) for row in rows] == [(True, "chk_a")] * 2


async def are_due(shop: Shop) -> list[str]:
    return [each.checkout_session_id for each in await due(shop.db, BOOK, EXPIRES_AT)]


@pytest.mark.parametrize("together", [True, False])
async def test_a_session_is_not_due_while_its_money_is_taken(shop: Shop, *, together: bool) -> None:
    held = SESSION, HoldExtended(razorpay_payment_id=PAY)
    before = [*opening(), *begun("a"), *asked_for_money("a")]
    (row,) = await shown(shop, "open_checkouts", *before, held, together=together)
    assert (row["state"], row["securing"]) == ("PAYMENT_PENDING", PAY)
    assert await are_due(shop) == []
    lapsed = SESSION, HoldLapsed(razorpay_payment_id=PAY, reason="returned")
    (row,) = await shown(shop, "open_checkouts", lapsed, together=together)
    assert row["securing"] is None
    assert await are_due(shop) == ["chk_a"]


@pytest.mark.parametrize("together", [True, False])
async def test_a_session_that_had_ended_is_open_again_while_late_money_is_taken(
    shop: Shop, *, together: bool
) -> None:
    revived = (
        SESSION,
        CheckoutRevived(
            razorpay_order_id="order_a",
            razorpay_payment_id=PAY,
            cart_id="cart_a",
            expires_at=EXPIRES_AT,
        ),
    )
    before = [*opening(), *begun("a"), *asked_for_money("a"), *expired("a")]
    (row,) = await shown(shop, "open_checkouts", *before, revived, together=together)
    assert (row["cart_id"], row["securing"]) == ("cart_a", PAY)
    assert row["expires_at"] == EXPIRES_AT.isoformat()
    assert await are_due(shop) == []
    lapsed = SESSION, HoldLapsed(razorpay_payment_id=PAY, reason="returned")
    await shown(shop, "open_checkouts", lapsed, together=together)
    assert await are_due(shop) == ["chk_a"]
    assert await shown(shop, "open_checkouts", expired("a", [])[0], together=together) == []
