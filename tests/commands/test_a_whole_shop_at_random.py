"""Buyers, coupons, news, clocks and processes with old states, in any order: the promises hold."""

import asyncio
from datetime import datetime, timedelta
from itertools import count

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from src.commands.decisions.cart import apply_coupon, open_cart, remove_coupon, set_item
from src.commands.decisions.catalogue import adjust_stock, receive_stock
from src.commands.decisions.orders import cancel_order, fulfil_order
from src.commands.decisions.own_cart import bring_cart
from src.commands.decisions.refunds import refund_order
from src.commands.rejections import Rejection
from src.commands.view import Decide
from src.events.coupon import CouponKind, CouponTerms
from src.events.identifiers import CHECKOUT, stream
from src.events.money import Money
from tests.factories import CUP, NOW, PIN, TEA, account, coupon, inr, shop
from tests.independent_reading import IndependentReading
from tests.memory import MemoryBook
from tests.processes import Process, WatchedBook, cause
from tests.purchases import Purchase

PROCESSES = 3
CARTS = ("a", "b", "c", "d")
PERSONS = ("asha", "ravi")
OWN_CARTS = tuple(f"{person}_{number}" for person in PERSONS for number in (1, 2))
CODES = ("ONCE", "TEN", "GIFT")
SKUS = (TEA.sku, CUP.sku, PIN.sku)
PAGE = 10_000
ONCE = CouponTerms(kind=CouponKind.FIXED, value=5_000, currency="INR", limit_total=1)
TEN = CouponTerms(kind=CouponKind.PERCENT, value=10, currency="INR", limit_per_customer=1)
GIFT = CouponTerms(kind=CouponKind.PERCENT, value=100, currency="INR", limit_total=2)

processes = some.integers(0, PROCESSES - 1)
carts = some.sampled_from((*CARTS, *OWN_CARTS))
persons = some.sampled_from(PERSONS)
codes = some.sampled_from(CODES)
skus = some.sampled_from(SKUS)
statuses = some.sampled_from(["captured", "captured", "authorized", "failed", "wrong"])
payments = some.sampled_from(["pay_1", "pay_2"])
lives = some.sampled_from(["sent", "cancelled", "in part", "in full"])
refund_statuses = some.sampled_from(["pending", "processed", "failed"])


class WholeShop(RuleBasedStateMachine):
    """Three processes on one book; whatever they do, an auditor finds every promise kept."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now: datetime = NOW
        self.book = WatchedBook(MemoryBook(lambda: self.now))
        self.processes = [Process(self.book) for _ in range(PROCESSES)]
        self.names = count()
        self.sessions: list[Purchase] = []
        self.sent: list[tuple[str, Decide]] = []
        self.auditor = IndependentReading()
        everyone = [Purchase(cart=cart, wants=((TEA, 1), (CUP, 2))) for cart in CARTS]
        opening = [*shop(units=6, shipping=0), coupon("ONCE", ONCE), coupon("TEN", TEN)]
        opening += [account(person) for person in PERSONS]
        opening += [coupon("GIFT", GIFT), *(fact for each in everyone for fact in each.filled())]
        self.runner.run(self.processes[0].write("opening", *opening))
        self.audit()

    def teardown(self) -> None:
        self.runner.close()

    def audit(self) -> None:
        self.auditor.read(self.runner.run(self.book.read_page(self.auditor.position, PAGE)))

    def do(self, *wishes: tuple[int, Decide]) -> None:
        """Let processes decide at once; a refusal is fine, anything else is not."""
        named = [(process, f"{next(self.names)}", decide) for process, decide in wishes]
        self.sent += [(name, decide) for _, name, decide in named]
        self.send(*named)

    def send(self, *wishes: tuple[int, str, Decide]) -> None:
        async def together() -> list[BaseException | object]:
            return await asyncio.gather(
                *(
                    self.processes[process].ledger.transact(
                        cause(name), decide, begins=[stream(CHECKOUT, f"chk_{name}")]
                    )
                    for process, name, decide in wishes
                ),
                return_exceptions=True,
            )

        for answer in self.runner.run(together()):
            if isinstance(answer, BaseException) and not isinstance(answer, Rejection):
                raise answer
        self.audit()

    def next_session(self, cart: str) -> Purchase:
        session = Purchase(name=f"{len(self.sessions)}", cart=cart)
        self.sessions.append(session)
        return session

    def report(self, session: Purchase, status: str, payment: str) -> Decide:
        frozen = self.auditor.due_of(session.session)
        due = inr(1_000) if frozen is None else Money(frozen["amount"], frozen["currency"])
        amount = due + inr(1) if status == "wrong" else due
        said = "captured" if status == "wrong" else status
        return session.report(said, f"{payment}_{session.name}", amount=amount)

    @rule(cart=carts, process=processes, sku=skus, quantity=some.integers(0, 3))
    def edits(self, cart: str, process: int, sku: str, quantity: int) -> None:
        now = self.now
        self.do((process, lambda view: set_item(view, f"cart_{cart}", sku, quantity, now)))

    @rule(cart=carts, process=processes, code=some.none() | codes)
    def wants_a_coupon(self, cart: str, process: int, code: str | None) -> None:
        now, cart_id = self.now, f"cart_{cart}"
        if code is None:
            self.do((process, lambda view: remove_coupon(view, cart_id, now)))
        else:
            self.do((process, lambda view: apply_coupon(view, cart_id, code, (), now)))

    @rule(cart=some.sampled_from(OWN_CARTS), process=processes)
    def opens_a_cart_of_their_own(self, cart: str, process: int) -> None:
        person = cart.partition("_")[0]
        self.do((process, lambda view: open_cart(view, f"cart_{cart}", person, "INR")))

    @rule(who=some.lists(some.tuples(persons, carts, processes), min_size=1, max_size=3))
    def bring_carts_along(self, who: list[tuple[str, str, int]]) -> None:
        self.do(*((process, self.bringing(person, cart)) for person, cart, process in who))

    def bringing(self, person: str, cart: str) -> Decide:
        now = self.now
        return lambda view: bring_cart(view, person, f"cart_{cart}", now)

    @rule(cart=carts, process=processes)
    def starts(self, cart: str, process: int) -> None:
        self.do((process, self.starting(self.next_session(cart))))

    def starting(self, session: Purchase) -> Decide:
        return session.start(now=self.now, expires_at=self.now + timedelta(minutes=30))

    @rule(starters=some.lists(some.tuples(carts, processes), min_size=2, max_size=5))
    def start_all_at_once(self, starters: list[tuple[str, int]]) -> None:
        self.do(*((process, self.starting(self.next_session(cart))) for cart, process in starters))

    @rule(cart=carts, process=processes)
    def checks_out(self, cart: str, process: int) -> None:
        """From the cart to the payment without a pause, as most people do."""
        session = self.next_session(cart)
        self.do((process, self.starting(session)))
        self.do((process, session.request(now=self.now)))
        self.records(session, process)

    @rule(cart=carts, process=processes, status=statuses)
    def buys(self, cart: str, process: int, status: str) -> None:
        self.checks_out(cart, process)
        self.do((process, self.report(self.sessions[-1], status, "pay_1")))

    @rule(
        cart=some.sampled_from(CARTS),
        own=some.sampled_from(OWN_CARTS),
        process=processes,
        again=some.booleans(),
        status=statuses,
    )
    def goes_along_while_money_is_on_its_way(
        self, *, cart: str, own: str, process: int, again: bool, status: str
    ) -> None:
        """The goods lie in the customer's cart, perhaps checked out once more, when it comes."""
        other = (process + 1) % PROCESSES
        self.opens_a_cart_of_their_own(own, process)
        self.checks_out(cart, process)
        paid, now = self.sessions[-1], self.now
        self.do((process, paid.cancel(now)))
        self.do((process, self.bringing(own.partition("_")[0], cart)))
        if again:
            self.checks_out(own, other)
        if paid.session in self.auditor.intents:
            self.do((other, self.report(paid, status, "pay_1")))

    def records(self, session: Purchase, process: int) -> None:
        due = self.auditor.due_of(session.session)
        if due is not None:
            self.do((process, session.record(due=Money(due["amount"], due["currency"]))))

    @precondition(lambda self: self.sessions)
    @rule(chance=some.data(), process=processes, other=processes)
    def asks_for_the_intent(self, chance: some.DataObject, process: int, other: int) -> None:
        session = chance.draw(some.sampled_from(self.sessions[-4:]))
        self.do((process, session.request(now=self.now)), (other, session.request(now=self.now)))

    @precondition(lambda self: self.auditor.intents)
    @rule(chance=some.data(), process=processes)
    def razorpay_answers(self, chance: some.DataObject, process: int) -> None:
        asked = [each for each in self.sessions if each.session in self.auditor.intents]
        self.records(chance.draw(some.sampled_from(asked)), process)

    @precondition(lambda self: self.auditor.intents)
    @rule(chance=some.data(), process=processes, status=statuses, payment=payments)
    def money_is_reported(
        self, chance: some.DataObject, process: int, status: str, payment: str
    ) -> None:
        asked = [each for each in self.sessions if each.session in self.auditor.intents]
        session = chance.draw(some.sampled_from(asked))
        self.do((process, self.report(session, status, payment)))

    @precondition(lambda self: self.auditor.intents)
    @rule(chance=some.data(), who=some.lists(processes, min_size=2, max_size=4))
    def money_is_reported_to_everybody_at_once(
        self, chance: some.DataObject, who: list[int]
    ) -> None:
        asked = [each for each in self.sessions if each.session in self.auditor.intents]
        session = chance.draw(some.sampled_from(asked))
        news = [self.report(session, chance.draw(statuses), "pay_1") for _ in who]
        self.do(*zip(who, news, strict=True))

    @precondition(lambda self: self.sessions)
    @rule(chance=some.data(), process=processes, gives_up=some.booleans())
    def ends(self, chance: some.DataObject, process: int, *, gives_up: bool) -> None:
        session = chance.draw(some.sampled_from(self.sessions))
        end = session.cancel(self.now) if gives_up else session.expire(self.now)
        self.do((process, end))

    @precondition(lambda self: self.auditor.orders)
    @rule(chance=some.data(), process=processes, other=processes)
    def an_order_lives_on(self, chance: some.DataObject, process: int, other: int) -> None:
        order = chance.draw(some.sampled_from(self.auditor.orders))["order_id"]
        wishes = [self.wish_about(order, chance.draw(lives)) for _ in range(2)]
        self.do((process, wishes[0]), (other, wishes[1]))

    def wish_about(self, order: str, how: str) -> Decide:
        name = f"{next(self.names)}"
        match how:
            case "sent":
                return lambda view: fulfil_order(view, order, f"parcel {name}")
            case "cancelled":
                return lambda view: cancel_order(view, order, "sold twice")
            case "in part":
                return lambda view: refund_order(view, order, inr(20_000), "torn", f"part_{name}")
            case _:
                return lambda view: refund_order(view, order, None, "torn", f"rest_{name}")

    @precondition(lambda self: self.auditor.refunds)
    @rule(chance=some.data(), process=processes, status=refund_statuses)
    def razorpay_tells_of_a_refund(
        self, chance: some.DataObject, process: int, status: str
    ) -> None:
        refund_id = chance.draw(some.sampled_from(sorted(self.auditor.refunds)))
        refund = self.auditor.refunds[refund_id]
        [session] = [e for e in self.sessions if e.razorpay_order == refund["razorpay_order_id"]]
        told = session.refund(
            status,
            refund_id,
            amount=inr(refund["amount"]["amount"]),
            razorpay_payment_id=refund["razorpay_payment_id"],
            razorpay_refund_id=f"rfnd_{refund_id}",
        )
        self.do((process, told))

    @rule(minutes=some.sampled_from([1, 31]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(process=processes, sku=skus, delta=some.integers(-3, 3))
    def stock_is_counted(self, process: int, sku: str, delta: int) -> None:
        if delta > 0:
            self.do((process, lambda view: receive_stock(view, sku, delta, None)))
        else:
            self.do((process, lambda view: adjust_stock(view, sku, delta, "count", None)))
        self.sent.pop()  # sent again, it would be another delivery

    @precondition(lambda self: self.sent)
    @rule(chance=some.data(), process=processes)
    def something_is_sent_again(self, chance: some.DataObject, process: int) -> None:
        name, decide = chance.draw(some.sampled_from(self.sent[-12:]))
        self.send((process, name, decide))

    @rule(process=processes)
    def a_process_restarts(self, process: int) -> None:
        self.processes[process] = Process(self.book)


TestAWholeShopAtRandom = WholeShop.TestCase
TestAWholeShopAtRandom.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
