"""Creating a payment intent: record the wish, ask Razorpay, record the answer.

The three steps are three moments in which anything may die. Whoever comes next
finds the wish without an answer, and looks at Razorpay before asking again.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from src.commands.decisions.inquiries import unanswered_intent
from src.commands.decisions.intent import RequestIntent, record_intent, request_intent
from src.commands.decisions.start import StartCheckout, start
from src.commands.gateway import GatewayError, GatewayRefusedError, PaymentGateway, ProviderOrder
from src.commands.rejections import NotPossibleNow, SessionExpired
from src.commands.session_lock import SessionLock
from src.commands.shared_questions import SharedQuestions
from src.commands.steps import step
from src.commands.transact import Ledger
from src.commands.view import Decide, Fact, View
from src.commands.wish import Held
from src.events.cart import LockedCart
from src.events.checkout import (
    AwaitingPayment,
    Checkout,
    CheckoutExpired,
    Completed,
    Ended,
    IntentRequested,
    NoCheckout,
    public_state,
)
from src.events.envelope import Cause
from src.events.identifiers import (
    CHECKOUT,
    CUSTOMER,
    MAILBOX,
    ORDER,
    PAYMENT,
    Stream,
    order_of,
    stream,
)
from src.events.money import Money


class ProviderUnavailable(Exception):
    """Razorpay gave no order; the session waits, with its stock, until it expires."""

    def __init__(self, checkout_session_id: str, expires_at: datetime, why: GatewayError) -> None:
        super().__init__(str(why))
        self.checkout_session_id = checkout_session_id
        self.expires_at = expires_at


class Intended(Struct, frozen=True, kw_only=True):
    """A session that has its intent, or its order."""

    checkout_session_id: str
    held: Held
    new: bool
    """False when it had been there before this request."""


class Wanted:
    """The first step, and what its last decision found."""

    def __init__(self, command: RequestIntent, first: StartCheckout | None) -> None:
        self._command = command
        self._first = first
        self.session = command.checkout_session_id
        self.asked_before = False
        self.there_before = False

    def decide(self, view: View) -> list[Fact]:
        """Start a session if there has to be one, and freeze its purchase."""
        before = [] if self._first is None else start(view, self._first)
        after = view.assuming(before)
        if self._first is not None:
            open_one = open_session_of(after, self._first.cart_id)
            self.session = open_one or self._first.checkout_session_id
        found = after.checkout(self.session)
        self.asked_before = isinstance(found, IntentRequested)
        self.there_before = isinstance(found, AwaitingPayment | Completed)
        command = replace(self._command, checkout_session_id=self.session)
        return [*before, *request_intent(after, command)]


class PaymentIntents:
    """Makes at most one Razorpay order a checkout session."""

    def __init__(self, ledger: Ledger, gateway: PaymentGateway, lock: SessionLock) -> None:
        self._ledger = ledger
        self._gateway = gateway
        self._lock = lock
        self._asking: SharedQuestions[str, Held] = SharedQuestions()

    async def create(
        self,
        cause: Cause,
        command: RequestIntent,
        first: StartCheckout | None = None,
        provided: Callable[[Decide], Decide] | None = None,
    ) -> "Intended":
        """Bring a session to PAYMENT_PENDING, or to its order if there is nothing to pay.

        With `first` it is the cart's open session, or a new one that is started
        in the same append. `provided` is what must hold before. Raises
        ProviderUnavailable, the rules' rejections, or SessionExpired.
        """
        wish = Wanted(command, first)
        decide = wish.decide if provided is None else provided(wish.decide)
        held = await self._ledger.transact(cause, decide, begins=_new(command, first))
        session = wish.session
        checkout = await self._ledger.glance(lambda view: view.checkout(session))
        if isinstance(checkout, IntentRequested):
            ask = partial(self._ask, cause, checkout, asked_before=wish.asked_before)
            held = await self._asking.ask(session, ask)
            checkout = await self._ledger.glance(lambda view: view.checkout(session))
        check_alive(checkout, session)
        return Intended(checkout_session_id=session, held=held, new=not wish.there_before)

    async def recover(self, cause: Cause, checkout_session_id: str) -> Held | None:
        """Record the order that an interrupted request left at Razorpay, None when it left none.

        The session may have ended meanwhile: the order can be paid all the same.
        Raises GatewayError.
        """
        checkout = await self._ledger.look(lambda view: view.checkout(checkout_session_id))
        intent = unanswered_intent(checkout)
        if intent is None:
            return None
        found = await self._found(checkout_session_id, intent.totals.total)
        return None if found is None else await self._record(cause, checkout_session_id, found)

    async def _ask(self, cause: Cause, checkout: IntentRequested, *, asked_before: bool) -> Held:
        session = checkout.basis.checkout_session_id
        try:
            async with self._lock.hold(checkout.basis.cart_id) as mine:
                look_first = asked_before or not mine
                order = await self._provider_order(checkout, look_first=look_first)
        except GatewayError as why:
            raise ProviderUnavailable(session, checkout.basis.expires_at, why) from why
        return await self._record(cause, session, order)

    async def _record(self, cause: Cause, session: str, order: ProviderOrder) -> Held:
        return await self._ledger.transact(
            step(cause, "record the intent"),
            lambda view: record_intent(
                view, session, order.razorpay_order_id, order.due, self._gateway.capture_mode
            ),
            begins=[stream(PAYMENT, order.razorpay_order_id), stream(ORDER, order_of(session)[0])],
        )

    async def _provider_order(
        self, checkout: IntentRequested, *, look_first: bool
    ) -> ProviderOrder:
        receipt, due = checkout.basis.checkout_session_id, checkout.intent.totals.total
        found = await self._found(receipt, due) if look_first else None
        return found or await self._gateway.create_order(receipt, due)

    async def _found(self, receipt: str, due: Money) -> ProviderOrder | None:
        found = await self._gateway.find_order(receipt)
        if found is not None and found.due != due:
            raise GatewayRefusedError(f"{found.razorpay_order_id} is for another amount")
        return found


def _new(command: RequestIntent, first: StartCheckout | None) -> list[Stream]:
    buyer = command.buyer
    begun: list[Stream] = []
    if buyer.guest:
        begun += [stream(CUSTOMER, buyer.customer_id), stream(MAILBOX, buyer.mailbox)]
    if first is not None:
        begun.append(stream(CHECKOUT, first.checkout_session_id))
    return begun


def check_alive(checkout: Checkout, checkout_session_id: str) -> None:
    """Refuse to go on with a session that has ended."""
    match checkout:
        case Ended(basis=basis, ending=CheckoutExpired()):
            raise SessionExpired(checkout_session_id, basis.cart_id)
        case Ended() | NoCheckout():
            raise NotPossibleNow("RequestIntent", public_state(checkout))
        case _:
            return


def open_session_of(view: View, cart_id: str) -> str | None:
    """Return the cart's open checkout session, if there is one."""
    cart = view.cart(cart_id)
    return cart.checkout_session_id if isinstance(cart, LockedCart) else None
