"""Read a book like an auditor: rows and JSON only, none of Khata's folds, append by append."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from src.events.envelope import StoredEvent
from tests.independent_carts import IndependentCarts

Json = dict[str, Any]
Key = tuple[str, str]
"""A Razorpay order and a payment of it."""

LATE = {"late-money-stock-gone", "late-money-coupon-gone", "late-money-cart-ordered"}
BY_ITSELF = {*LATE, "paid-twice"}
"""Why money goes back that never became an order."""
ENDS = {*BY_ITSELF, "wrong-amount"}
"""What a case is about that is the end of money; other cases are about an end."""
COMES_BACK = {"RefundFailed", "RefundRefused", "RefundDropped"}
ON_ITS_WAY = {"RefundRequested", "RefundFiled", "RefundProcessed"}
KEEPS_MONEY = {*ENDS, "refund-failed", "refund-refused"}
"""Cases that say how much money is here which is not an order's."""


class IndependentReading:
    """What the rows say, and the promises checked on them."""

    def __init__(self) -> None:
        self.position = 0
        self.carts = IndependentCarts()
        self.opened: dict[str, Json] = {}
        """By Razorpay order."""
        self.intents: dict[str, Json] = {}
        """By checkout session."""
        self.sessions: dict[str, Json] = {}
        self.captured: dict[tuple[str, str], Json] = {}
        """By Razorpay order and payment."""
        self.orders: list[Json] = []
        self.cases: list[Json] = []
        self.cancelled: dict[str, bool] = {}
        """By order, whether the append that cancelled it is whole."""
        self.sent: set[str] = set()
        self.refunds: dict[str, Json] = {}
        """Those that were wished for here, by their id; without the money that stayed."""
        self.back: dict[str, tuple[Key, int]] = {}
        """All money on its way back or there, whoever sent it, by refund."""
        self.lost: Counter[Key] = Counter()
        """What banks took after a dispute."""
        self.disputes: dict[tuple[str, str], Json] = {}
        self.waiting: dict[str, tuple[Key, int]] = {}
        """What open cases say is here, by case."""
        self.kept: Counter[Key] = Counter()
        """What a case had said that was closed without a refund."""
        self.securing: set[str] = set()
        """Razorpay orders whose money this append asked for."""
        self.wished: Counter[Key] = Counter()
        """How often all of a payment was to go back by itself."""
        self.stock: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.holds: dict[tuple[str, str], int] = {}
        self.coupon_holds: set[tuple[str, str]] = set()
        self.coupon_uses: Counter[str] = Counter()
        self.coupon_limits: dict[str, int | None] = {}

    def read(self, rows: Iterable[StoredEvent]) -> None:
        """Take the next rows in; every append must leave every promise kept."""
        for _, append in groupby(rows, key=lambda row: row.command_id):
            for row in append:
                assert row.position == self.position + 1, "positions have no gap"
                self.position = row.position
                category, _, key = row.stream.partition("-")
                fact = json.loads(bytes(row.payload))
                getattr(self, f"_{category}", self._other)(key, row.type, fact)
            self._check()

    def due_of(self, session: str) -> Json | None:
        """Return what is to be paid for a session, once its intent is frozen."""
        return self.intents[session]["totals"]["total"] if session in self.intents else None

    def _other(self, key: str, kind: str, fact: Json) -> None:
        """Streams that no promise is about."""

    def _cart(self, cart: str, kind: str, fact: Json) -> None:
        self.carts.read(cart, kind, fact)
        if kind == "CartOrdered":
            self.carts.ordered(cart, self.sessions[fact["checkout_session_id"]]["lines"])

    def _checkout(self, session: str, kind: str, fact: Json) -> None:
        if kind == "CheckoutStarted":
            self.sessions[session] = fact
        if kind == "PaymentIntentRequested":
            self.intents[session] = fact

    def _payment(self, order: str, kind: str, fact: Json) -> None:
        if kind == "PaymentOrderOpened":
            assert order not in self.opened
            self.opened[order] = fact
        if kind == "PaymentCaptured":
            assert (order, fact["razorpay_payment_id"]) not in self.captured
            self.captured[order, fact["razorpay_payment_id"]] = fact
        if kind == "CaptureRequested":
            self.securing.add(order)
        if kind == "CaseOpened":
            self.cases.append(fact)
        self._case(order, kind, fact)
        self._dispute(order, kind, fact)
        self._money_back(order, kind, fact)
        if kind == "RefundRequested":
            assert fact["refund_id"] not in self.refunds
            self.refunds[fact["refund_id"]] = {**fact, "razorpay_order_id": order}
            self.wished[order, fact["razorpay_payment_id"]] |= fact["cause"] in BY_ITSELF
        if kind in COMES_BACK:
            self.refunds.pop(fact["refund_id"], None)

    def _case(self, order: str, kind: str, fact: Json) -> None:
        if kind == "CaseOpened" and fact["kind"] in KEEPS_MONEY:
            key = (order, fact["razorpay_payment_id"])
            self.waiting[fact["case_id"]] = (key, fact["amount"]["amount"])
        if kind == "CaseResolved" and fact["case_id"] in self.waiting:
            key, amount = self.waiting.pop(fact["case_id"])
            self.kept[key] += amount

    def _dispute(self, order: str, kind: str, fact: Json) -> None:
        if kind == "DisputeOpened":
            self.disputes[order, fact["dispute_id"]] = fact
        if kind == "DisputeMoved" and fact["status"] == "lost":
            opened = self.disputes[order, fact["dispute_id"]]
            taken = fact["deducted"] or opened["amount"]
            self.lost[order, opened["razorpay_payment_id"]] += taken["amount"]

    def _money_back(self, order: str, kind: str, fact: Json) -> None:
        if kind in ON_ITS_WAY:
            key = (order, fact["razorpay_payment_id"])
            self.back[fact["refund_id"]] = (key, fact["amount"]["amount"])
            if fact.get("cause") == "case":
                self.kept[key] = max(0, self.kept[key] - fact["amount"]["amount"])
        if kind in COMES_BACK:
            self.back.pop(fact["refund_id"], None)

    def _order(self, key: str, kind: str, fact: Json) -> None:
        if kind == "OrderFulfilled":
            assert key not in self.cancelled, "what was cancelled is not sent"
            self.sent.add(key)
        elif kind == "OrderCancelled":
            assert key not in self.sent | self.cancelled.keys(), "once, and not what was sent"
            self.cancelled[key] = False
        else:
            self._placed(fact)

    def _placed(self, fact: Json) -> None:
        self.orders.append(fact)
        lines, totals = fact["lines"], fact["totals"]
        frozen = self.sessions[fact["checkout_session_id"]]
        assert lines == frozen["lines"], "an order is what was frozen"
        subtotal = sum(line["unit_price"]["amount"] * line["quantity"] for line in lines)
        discount = sum(line["discount"]["amount"] for line in lines)
        assert totals["subtotal"]["amount"] == subtotal
        assert totals["discount"]["amount"] == discount
        assert totals["total"]["amount"] == subtotal - discount + totals["shipping"]["amount"] >= 0
        if fact["payment"] is None:
            assert totals["total"]["amount"] == 0
        else:
            assert fact["payment"]["amount"] == totals["total"]

    def _stock(self, sku: str, kind: str, fact: Json) -> None:
        stock, units = self.stock[sku], fact.get("quantity", 0)
        if kind == "StockReceived":
            stock["received"] += units
        elif kind == "StockAdjusted":
            stock["received"] += fact["delta"]
        elif kind == "StockReserved":
            assert (sku, fact["checkout_session_id"]) not in self.holds
            self.holds[sku, fact["checkout_session_id"]] = units
        elif kind == "StockReturned":
            assert fact["order_id"] in self.cancelled, "only a cancelled order gives units back"
            stock["committed"] -= units
        else:
            assert self.holds.pop((sku, fact["checkout_session_id"])) == units, "ends once, whole"
            stock["committed"] += units if kind == "StockCommitted" else 0
        reserved = sum(n for (of, _), n in self.holds.items() if of == sku)
        assert 0 <= stock["committed"] + reserved <= stock["received"], f"{sku} is oversold"

    def _coupon(self, code: str, kind: str, fact: Json) -> None:
        if kind == "CouponDefined":
            self.coupon_limits[code] = fact["terms"]["limit_total"]
        elif kind == "CouponReserved":
            assert (code, fact["checkout_session_id"]) not in self.coupon_holds
            self.coupon_holds.add((code, fact["checkout_session_id"]))
        elif kind in {"CouponCommitted", "CouponReleased"}:
            self.coupon_holds.remove((code, fact["checkout_session_id"]))
            self.coupon_uses[code] += kind == "CouponCommitted"
        elif kind == "CouponReturned":
            assert fact["order_id"] in self.cancelled, "only a cancelled order gives its use back"
            self.coupon_uses[code] -= 1
        limit = self.coupon_limits[code]
        held = sum(of == code for of, _ in self.coupon_holds)
        assert limit is None or held + self.coupon_uses[code] <= limit

    def _check(self) -> None:
        """One payment, one order; one cart, one order; money is an order, a refund or a case."""
        for once in ("cart_id", "checkout_session_id", "order_id", "order_number"):
            assert len({order[once] for order in self.orders}) == len(self.orders), once
        paid = Counter(
            (order["payment"]["razorpay_order_id"], order["payment"]["razorpay_payment_id"])
            for order in self.orders
            if order["payment"] is not None
        )
        cases = Counter(
            (case["razorpay_order_id"], case["razorpay_payment_id"])
            for case in self.cases
            if case["kind"] in ENDS
        )
        ours = Counter(
            key
            for key, fact in self.captured.items()
            if key[0] in self.opened and fact["amount"]["amount"]
        )
        assert paid + cases + +self.wished == ours
        self._check_refunds()
        self.carts.check()
        for order, payment in paid:
            assert self.captured[order, payment]["amount"] == self.opened[order]["due"]

    def _check_refunds(self) -> None:
        """Never more goes back than came; all of it does when an order is cancelled."""
        back: Counter[Key] = Counter()
        for refund in self.refunds.values():
            key = (refund["razorpay_order_id"], refund["razorpay_payment_id"])
            back[key] += refund["amount"]["amount"]
        for key, amount in back.items():
            assert amount <= self.captured[key]["amount"]["amount"], "more goes back than came"
        gone = self._gone()
        for order in self.orders:
            if not self.cancelled.get(order["order_id"], True) and order["payment"] is not None:
                paid = order["payment"]
                key = (paid["razorpay_order_id"], paid["razorpay_payment_id"])
                assert gone[key] >= paid["amount"]["amount"], "all of it goes back"
        self.cancelled = dict.fromkeys(self.cancelled, True)
        self._check_silence(gone)
        self._check_securing()

    def _gone(self) -> Counter[Key]:
        """Return what went back or goes back, by whatever way."""
        gone = Counter(self.lost)
        for key, amount in self.back.values():
            gone[key] += amount
        return gone

    def _check_silence(self, gone: Counter[Key]) -> None:
        """Every paisa that is no standing order's goes back, or a person was asked about it."""
        standing = {
            (order["payment"]["razorpay_order_id"], order["payment"]["razorpay_payment_id"])
            for order in self.orders
            if order["payment"] is not None and order["order_id"] not in self.cancelled
        }
        said = gone + self.kept
        for key, amount in self.waiting.values():
            said[key] += amount
        for key, fact in self.captured.items():
            if key[0] in self.opened and key not in standing:
                assert said[key] >= fact["amount"]["amount"], f"{key} ends in silence"

    def _check_securing(self) -> None:
        """Money is only asked for where everything that it is for is held."""
        for order in self.securing:
            session = self.opened[order]["checkout_session_id"]
            for line in self.sessions[session]["lines"]:
                assert (line["sku"], session) in self.holds, "no stock without a hold"
        self.securing.clear()
