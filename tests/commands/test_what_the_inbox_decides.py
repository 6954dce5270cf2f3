"""A delivery is stored to the byte, settled once, parked when it cannot be used, never dropped."""

import pytest

from src.commands.decisions.cases import resolve_case
from src.commands.decisions.inbox import park, settle, store
from src.commands.gateway import PaymentReport
from src.commands.rejections import Unknown
from src.commands.view import Decide
from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.identifiers import PAYMENT, WEBHOOK, stream
from src.events.webhook import WebhookHandled, WebhookParked, WebhookReceived, WebhookStatus
from tests.factories import inr, sealed, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE = Purchase()
PENDING = given(*shop(), *ONE.pending())
W, IMPOSTOR = stream(WEBHOOK, "wh_1"), stream(WEBHOOK, "wh_bytes")
NAME = "payment.captured"
FOREIGN = "The Razorpay order is not one of this book."


def received(sha256: str = "ab" * 32) -> WebhookReceived:
    return WebhookReceived(
        provider="razorpay",
        event_id="evt_1",
        body=sealed("wh_1"),
        sha256=sha256,
        signature="cd" * 32,
        secret_index=0,
    )


def storing(sha256: str = "ab" * 32) -> Decide:
    return lambda view: store(view, "wh_1", received(sha256), "wh_bytes")


def settling(*reports: PaymentReport, webhook: str = "wh_1") -> Decide:
    order = reports[0].razorpay_order_id if reports else None
    return lambda view: settle(view, webhook, NAME, order, reports)


def handled(outcome: str, order: str | None = ONE.razorpay_order) -> WebhookHandled:
    return WebhookHandled(name=NAME, razorpay_order_id=order, outcome=outcome)


STORED = PENDING.given((W, received()))
CAPTURED = ONE.said("captured")
HANDLED = STORED.after(settling(CAPTURED))


def status(scenario: Scenario) -> WebhookStatus:
    found: WebhookStatus = scenario.streams[W].status
    return found


def test_a_delivery_is_stored_once() -> None:
    PENDING.when(storing()).then((W, received()))
    for known in (STORED, HANDLED):
        known.when(storing()).then_nothing()


def test_the_same_name_with_other_bytes_is_kept_beside_it_with_an_alarm() -> None:
    decided = STORED.when(storing("ef" * 32))
    kept, (where, case) = decided.facts
    assert kept == (IMPOSTOR, received("ef" * 32))
    assert where == IMPOSTOR
    assert isinstance(case, CaseOpened)
    assert case.kind is CaseKind.WEBHOOK_ID_REUSED
    decided.shop.when(storing("ef" * 32)).then_nothing()


def test_what_the_impostor_says_is_settled_like_any_other_news() -> None:
    both = STORED.after(storing("ef" * 32), settling(CAPTURED))
    both.when(settling(CAPTURED, webhook="wh_bytes")).then((IMPOSTOR, handled("nothing new")))


def test_a_delivery_is_settled_with_everything_that_follows_in_one_append() -> None:
    decided = STORED.when(settling(CAPTURED))
    assert decided.facts[0] == ONE.captured()
    assert decided.facts[-1] == (W, handled("applied"))
    assert "OrderPlaced" in decided.kinds


def test_settling_a_handled_delivery_again_only_looks_again() -> None:
    HANDLED.when(settling(CAPTURED)).then_nothing()
    HANDLED.when(settling(ONE.said("captured", "pay_2"))).then_kinds(
        "PaymentCaptured", "RefundRequested"
    )


def test_news_that_is_known_is_handled_as_nothing_new() -> None:
    known = STORED.after(ONE.report("captured"))
    known.when(settling(CAPTURED)).then((W, handled("nothing new")))


def test_an_event_that_says_nothing_of_payments_is_acknowledged() -> None:
    STORED.when(settling()).then((W, handled("acknowledged", None)))


def test_what_was_never_stored_is_not_settled_and_not_parked() -> None:
    PENDING.when(settling(CAPTURED)).then_nothing()
    PENDING.when(lambda view: park(view, "wh_1", NAME, "no", None)).then_nothing()


def test_foreign_money_is_written_down_and_parks_the_delivery() -> None:
    foreign = ONE.said("captured", razorpay_order_id="order_foreign")
    parked = WebhookParked(name=NAME, razorpay_order_id="order_foreign", reason=FOREIGN)
    decided = STORED.when(settling(foreign))
    assert [name for name, _ in decided.facts] == [stream(PAYMENT, "order_foreign"), W]
    assert decided.facts[-1] == (W, parked)
    decided.shop.when(settling(foreign)).then_nothing()


def test_a_parked_delivery_is_handled_once_the_order_is_known_to_be_ours() -> None:
    requested = given(*shop(), *ONE.filled(), *ONE.begun(), *ONE.asked(), (W, received()))
    parked = requested.after(settling(CAPTURED))
    assert status(parked) is WebhookStatus.PARKED
    replayed = parked.after(ONE.record()).when(settling(CAPTURED))
    replayed.then((W, handled("nothing new")))
    assert status(replayed.shop) is WebhookStatus.HANDLED


@pytest.mark.parametrize("kind", [None, CaseKind.WEBHOOK_UNREADABLE])
def test_a_delivery_that_cannot_be_used_is_parked_once(kind: CaseKind | None) -> None:
    def parking(reason: str) -> Decide:
        return lambda view: park(view, "wh_1", "?", reason, kind)

    parked = STORED.when(parking("not JSON"))
    assert parked.kinds == ["WebhookParked"] + ["CaseOpened"] * (kind is not None)
    parked.shop.when(parking("not JSON")).then_nothing()
    parked.shop.when(parking("still not JSON")).then_kinds("WebhookParked")


def test_what_was_handled_is_never_parked_afterwards() -> None:
    HANDLED.when(
        lambda view: park(view, "wh_1", "?", "Its bytes were erased.", None)
    ).then_nothing()


def test_a_case_is_resolved_once_wherever_it_stands() -> None:
    wrong = STORED.after(ONE.report("captured", amount=inr(1)))
    on_payment, on_webhook = stream(PAYMENT, ONE.razorpay_order), IMPOSTOR
    both = wrong.after(storing("ef" * 32))
    for about in (on_payment, on_webhook):
        state = both.streams[about]
        [case_id] = state.cases if about == on_payment else state.open_cases
        resolved = both.when(lambda view: resolve_case(view, about, case_id, "refunded"))  # noqa: B023 - asked at once
        after = resolved.then((about, CaseResolved(case_id=case_id, note="refunded")))
        after.when(lambda view: resolve_case(view, about, case_id, "again")).then_nothing()  # noqa: B023 - asked at once
        both.when(lambda view: resolve_case(view, about, "case_other", "?")).then_refused(Unknown)  # noqa: B023 - asked at once


def test_a_resolved_case_stays_resolved_when_the_news_comes_again() -> None:
    wrong = STORED.after(settling(ONE.said("captured", amount=inr(1))))
    about = stream(PAYMENT, ONE.razorpay_order)
    [case_id] = wrong.streams[about].cases
    resolved = wrong.after(lambda view: resolve_case(view, about, case_id, "refunded"))
    resolved.when(ONE.report("captured", amount=inr(1))).then_nothing()
