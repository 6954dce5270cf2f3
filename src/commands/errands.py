"""Errands to Razorpay: money that the book wants taken or given back, each once.

The wish stands in the book before anybody is asked, and the answer after.
Whoever comes next finds a wish without an answer and asks again, whatever died
between: Razorpay knows a refund by its id, and captures a payment once. So two
processes with the same errand waste a question and nothing else.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from msgspec import Struct

from src.commands.decisions.captures import give_up_capture, is_wanted
from src.commands.decisions.news import report_all
from src.commands.decisions.refund_news import make_room, refund_refused
from src.commands.decisions.refunds import left_of
from src.commands.gateway import (
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentGateway,
    Report,
)
from src.commands.transact import Ledger
from src.commands.view import Decide, Fact, View
from src.commands.wish import Held
from src.events.envelope import Cause
from src.events.identifiers import PAYMENT, named, stream
from src.events.payment import Attempt, Payment, Progress, Taking
from src.events.refund import RefundProgress
from src.tracing import current

ACTOR = "khata:errands"
CAPTURE_WINDOW = timedelta(days=3)
"""So long may Razorpay keep what a bank promised; then it returns the money by itself."""


class GiveBack(Struct, frozen=True):
    """Ask Razorpay for one refund."""

    razorpay_order_id: str
    refund_id: str


class Take(Struct, frozen=True):
    """Ask Razorpay for money that a bank has promised."""

    razorpay_order_id: str
    razorpay_payment_id: str
    promised_at: datetime | None = None
    """When we heard of it, None when that is not looked up."""


Errand = GiveBack | Take


def errands_of(payment: Payment, razorpay_order_id: str) -> list[Errand]:
    """Return what Razorpay is still to be asked for, money of one Razorpay order."""
    taking: list[Errand] = [
        Take(razorpay_order_id, payment_id)
        for payment_id, attempt in sorted(payment.attempts.items())
        if _is_promised(attempt)
    ]
    giving = [
        GiveBack(razorpay_order_id, refund_id)
        for refund_id, refund in sorted(payment.refunds.items())
        if refund.progress is RefundProgress.REQUESTED
    ]
    return [*taking, *giving]


def _nothing(_: View) -> list[Fact]:
    return []


class Errands:
    """Carries out what the book wants of Razorpay."""

    def __init__(self, ledger: Ledger, gateway: PaymentGateway, new_id: Callable[[], UUID]) -> None:
        self._ledger = ledger
        self._gateway = gateway
        self._new_id = new_id

    async def left_of(self, razorpay_order_id: str) -> list[Errand]:
        """Return what this process knows is still to be asked for; another may have done it."""
        return await self._ledger.glance(
            lambda view: errands_of(view.payment(razorpay_order_id), razorpay_order_id)
        )

    async def carry_out(self, errand: Errand, at: datetime) -> Held | None:
        """Ask and record the answer, unless somebody did; None then. Safe to repeat.

        Raises GatewayUnavailableError when there is no answer: nothing has
        changed in the book, and the errand is to be run again.
        """
        if isinstance(errand, GiveBack):
            return await self._give_back(errand)
        return await self._take(errand, at)

    async def _give_back(self, errand: GiveBack) -> Held | None:
        order, refund_id = errand.razorpay_order_id, errand.refund_id
        payment = await self._payment(order)
        refund = payment.refunds.get(refund_id)
        if refund is None or refund.progress is not RefundProgress.REQUESTED:
            return None
        payment_id = refund.razorpay_payment_id
        opened = payment.opened
        if opened is not None and left_of(payment, payment_id) < 0:
            # A lost dispute took it since; asking would give more back than came.
            return await self._record(order, [], lambda view: make_room(view, opened, payment_id))
        try:
            said = await self._gateway.refund(order, payment_id, refund.amount, refund_id)
        except GatewayRefusedError as no:
            reason = _final(no)
            others = await self._explanation(self._gateway.refunds_of(order, payment_id))
            return await self._record(
                order, others, lambda view: refund_refused(view, order, refund_id, reason)
            )
        return await self._record(order, [said])

    async def _take(self, errand: Take, at: datetime) -> Held | None:
        order, payment_id = errand.razorpay_order_id, errand.razorpay_payment_id
        attempt = (await self._payment(order)).attempts.get(payment_id)
        if attempt is None or not _is_promised(attempt):
            return None
        if not await self._ledger.look(lambda view: is_wanted(view, order, payment_id)):
            return await self._leave(errand, "nothing waits for this money any more")
        if errand.promised_at is not None and at >= errand.promised_at + CAPTURE_WINDOW:
            said = await self._explanation(self._gateway.payments_of(order))
            return await self._leave(errand, "it could not be taken in time", said)
        try:
            taken = await self._gateway.capture(order, payment_id, attempt.amount)
        except GatewayRefusedError as no:
            reason = _final(no)
            said = await self._explanation(self._gateway.payments_of(order))
            return await self._leave(errand, reason, said, refused=True)
        return await self._record(order, [taken])

    async def _leave(
        self, errand: Take, reason: str, said: Sequence[Report] = (), *, refused: bool = False
    ) -> Held:
        """Give the capture up, unless what Razorpay says by now is that the money was taken."""
        order, payment_id = errand.razorpay_order_id, errand.razorpay_payment_id
        return await self._record(
            order,
            said,
            lambda view: give_up_capture(view, order, payment_id, reason, refused=refused),
        )

    async def _explanation(self, asked: Awaitable[Sequence[Report]]) -> Sequence[Report]:
        """Return what Razorpay says beside its no; that may be another no, and then nothing."""
        try:
            return await asked
        except GatewayRefusedError as no:
            _final(no)
            return []

    async def _record(
        self, razorpay_order_id: str, said: Sequence[Report], then: Decide = _nothing
    ) -> Held:
        """Settle the answer, and what follows from it once it is settled."""

        def decide(view: View) -> list[Fact]:
            facts = report_all(view, said)
            return [*facts, *then(view.assuming(facts))]

        opened = (await self._payment(razorpay_order_id)).opened
        session = "" if opened is None else opened.checkout_session_id
        cause = Cause(
            command_id=self._new_id(),
            correlation_id=current().trace or named("checkout", session),
            actor=ACTOR,
        )
        return await self._ledger.transact(cause, decide)

    async def _payment(self, razorpay_order_id: str) -> Payment:
        """Return what the book confirms: a wish that another process made is there, too."""
        return await self._ledger.look(
            lambda view: view.payment(razorpay_order_id),
            needs=[stream(PAYMENT, razorpay_order_id)],
        )


def _is_promised(attempt: Attempt) -> bool:
    return attempt.taking is Taking.WANTED and attempt.progress is Progress.AUTHORIZED


def _final(no: GatewayRefusedError) -> str:
    """Return why Razorpay will never do it; raises GatewayUnavailableError for a wrong key.

    A key can be put right, and until then nothing is known about this money.
    """
    if no.status == HTTPStatus.UNAUTHORIZED:
        raise GatewayUnavailableError(str(no)) from no
    return str(no)
