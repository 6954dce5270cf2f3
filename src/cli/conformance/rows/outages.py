"""Time passes, and nobody is heard: banks, webhooks, whole afternoons."""

from datetime import UTC, datetime

from src.cli.conformance.row import Group, Row
from src.cli.conformance.stage import Stage
from src.cli.demo.polling import seen
from src.cli.demo.shop import Stock

BANK_TIMES_OUT_SECONDS = 11 * 60
HOUR_SECONDS = 60 * 60
DAY_SECONDS = 24 * HOUR_SECONDS
WINDOW_SECONDS = 5 * DAY_SECONDS + 60
NOBODY = "http://127.0.0.1:9/webhooks/razorpay"
"""The port to which everything may be sent, and where nobody listens."""
BUYERS = 4
BOTH_LOST = "neither callback nor webhook"


async def passes(stage: Stage, seconds: float) -> None:
    """Let time pass at Razorpay, until everything due was tried."""
    await stage.razorpay.control("/clock", advance_seconds=seconds, wait=True)


async def down_for_an_hour(stage: Stage) -> None:
    purchases = await stage.many(BUYERS, units=BUYERS)
    endpoint = await _endpoint(stage)
    await _listens(stage, endpoint["id"], NOBODY)
    try:
        for purchase in purchases:
            await purchase.pay()
        await passes(stage, HOUR_SECONDS)
        stage.hold(
            "nothing was heard", {await each.state() for each in purchases}, {"PAYMENT_PENDING"}
        )
    finally:
        await _listens(stage, endpoint["id"], endpoint["url"])
    await passes(stage, DAY_SECONDS / 4)
    for purchase in purchases:
        await purchase.ordered()
    await stage.holds_one_order(*purchases, units=BUYERS)


async def disabled(stage: Stage) -> None:
    purchase = await stage.purchase()
    endpoint = await _endpoint(stage)
    await _listens(stage, endpoint["id"], NOBODY)
    try:
        await purchase.pay()
        await stage.razorpay.until_tried(purchase.order)
        for _ in range(5):
            await passes(stage, DAY_SECONDS / 4)
        there = await _endpoint(stage)
        stage.hold("Razorpay gave the address up", there["active"], expected=False)
    finally:
        await _listens(stage, endpoint["id"], endpoint["url"])
    for event in await stage.razorpay.events(purchase.order):
        await stage.razorpay.control(f"/webhooks/{event['event_id']}/replay")
    await purchase.ordered()
    stage.hold("it is given again", (await _endpoint(stage))["active"], expected=True)
    await stage.holds_one_order(purchase)


async def late_authorization(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment = await purchase.pays(outcome="silent")
    await passes(stage, BANK_TIMES_OUT_SECONDS)
    ended = await purchase.buyer.until_ended(purchase.session)
    stage.hold("without an answer the session ends", ended["ended"], "failed")
    stage.hold("and the unit is free", await stage.stock(), Stock(5, 0, 0, 5))
    await passes(stage, 2 * DAY_SECONDS)
    await purchase.approved(payment)
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def too_late(stage: Stage) -> None:
    purchase = await stage.purchase()
    payment = await purchase.pays(outcome="silent")
    await passes(stage, BANK_TIMES_OUT_SECONDS)
    await purchase.buyer.until_ended(purchase.session)
    await passes(stage, WINDOW_SECONDS)
    await purchase.approved(payment)
    await _returned(stage, purchase.intent["id"])
    stage.hold("Razorpay sent it back", len(await stage.razorpay.refunds(payment)), 1)
    stage.hold("the shop did not", (await stage.facts(purchase))["RefundRequested"], 0)
    await stage.holds_no_order(purchase)
    stage.hold("nobody has to look", await stage.cases(purchase), [])


async def never_captured(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.pays(outcome="authorized")
    await stage.razorpay.until_acknowledged(purchase.order)
    await passes(stage, WINDOW_SECONDS)
    await _returned(stage, purchase.order)
    await purchase.buyer.cancel(purchase.session)
    await stage.holds_no_order(purchase)
    stage.hold("nothing was sold", await stage.stock(), Stock(5, 0, 0, 5))


async def both_lost(stage: Stage) -> None:
    purchase = await stage.purchase()
    await purchase.pay(deliver=False)
    stage.hold("nothing was heard", await purchase.state(), "PAYMENT_PENDING")
    code, said = await stage.khata("reconcile", "--mend", "--day", await _day(stage))
    stage.hold(
        "the day's money was looked at", (code in {0, 1}, said if code > 1 else ""), (True, "")
    )
    await purchase.ordered()
    await stage.holds_one_order(purchase)


async def _day(stage: Stage) -> str:
    """Return the day on Razorpay's clock, which runs as the shop's until it is moved."""
    told = await stage.razorpay.control("/clock", advance_seconds=0)
    return f"{datetime.fromtimestamp(told['now'], UTC):%Y-%m-%d}"


async def _returned(stage: Stage, order: str) -> None:
    async def look() -> bool | None:
        return "PaymentReturned" in await stage.shop.facts_of({"id": order}) or None

    await seen("the return of the money", look)


async def _endpoint(stage: Stage) -> dict[str, object]:
    told = await stage.shop.sandbox("GET", "/webhooks/endpoints")
    found: dict[str, object] = told["items"][0]
    return found


async def _listens(stage: Stage, endpoint: object, url: object) -> None:
    await stage.razorpay.api("PUT", f"/webhooks/{endpoint}", {"url": url})


GROUP = Group(
    "Outages and time",
    (
        Row(
            id="both-lost",
            title="What nobody told is found by asking",
            source="razorpay-woocommerce#181: 4 to 5 % stay pending",
            done=f"{BOTH_LOST}; then `khata reconcile --mend`",
            steps=both_lost,
            alone=True,
        ),
        Row(
            id="endpoint-down",
            title="An hour without the shop, then everything arrives",
            source="Razorpay: webhook retries for 24 hours",
            done=f"{BUYERS} buyers pay while nobody listens; an hour later somebody does",
            steps=down_for_an_hour,
            alone=True,
        ),
        Row(
            id="time-late-authorization",
            title="A bank that says yes days later makes an order",
            source="Razorpay: late authorization; razorpay-opencart#47, razorpay-magento#284",
            done="no answer, payment.failed after ten minutes, approved two days later",
            steps=late_authorization,
            alone=True,
        ),
        Row(
            id="endpoint-disabled",
            title="An address that Razorpay gave up is mended by a replay",
            source="Razorpay: webhooks are disabled after 24 hours; replay",
            done="nobody listens for more than a day; then every event is replayed",
            steps=disabled,
            alone=True,
        ),
        Row(
            id="time-never-captured",
            title="What is authorized and never captured sells nothing",
            source="Razorpay: authorized payments are refunded after the window",
            done="authorize; five days pass",
            steps=never_captured,
            alone=True,
        ),
        Row(
            id="time-too-late",
            title="A yes after the window goes back at Razorpay, and the shop sends nothing",
            source="Razorpay: late authorization, auto-refund",
            done="no answer; approved after five days",
            steps=too_late,
            alone=True,
        ),
    ),
)
