"""What became of payments, read from the book's JSON alone and from the definitions."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from src.events.envelope import StoredEvent

SAID = {
    "PaymentAuthorized": "pending",
    "PaymentCaptured": "captured",
    "PaymentFailed": "failed",
    "PaymentReturned": "returned",
}
ENDINGS = {"CheckoutFailed", "CheckoutCancelled", "CheckoutExpired", "CheckoutSuperseded"}
GOES = {"RefundRequested", "RefundFiled", "RefundProcessed"}
STAYS = {"RefundFailed", "RefundRefused", "RefundDropped"}


class Asked(NamedTuple):
    """Which payments count."""

    currency: str
    zone: str
    first: date
    last: date
    as_of: int

    def covers(self, moment: datetime) -> bool:
        """Whether it is on one of the days."""
        return self.first <= moment.astimezone(ZoneInfo(self.zone)).date() <= self.last


class Fact(NamedTuple):
    """A row of the book."""

    position: int
    at: datetime
    type: str
    stream: str
    said: dict[str, Any]


class Money:
    """The book as it was at a position, for all questions about its payments."""

    def __init__(self, events: Sequence[StoredEvent], asked: Asked) -> None:
        self.asked = asked
        self.facts = [
            Fact(
                each.position,
                each.recorded_at,
                each.type,
                each.stream,
                json.loads(bytes(each.payload)),
            )
            for each in events
            if each.position <= asked.as_of
        ]
        self.session_of = {
            fact.stream: fact for fact in self.facts if fact.type == "PaymentOrderOpened"
        }
        self.payments: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in self.facts:
            if fact.type in SAID and fact.stream in self.session_of:
                self.payments[fact.stream, fact.said["razorpay_payment_id"]].append(fact)

    def tries(self) -> dict[str, Any]:
        """Return the document of PaymentSuccess, without what was asked."""
        tried = [news for news in self.payments.values() if self._counts(news)]
        methods = {method_of(news) for news in tried}
        items = [
            {"method": name, **counted([news for news in tried if method_of(news) == name])}
            for name in methods
        ]
        failed = [news for news in tried if SAID[news[-1].type] == "failed"]
        reasons = Counter(news[-1].said["reason"] or "not named" for news in failed)
        failures = [
            {
                "reason": name,
                "payments": n,
                "amount": amount(
                    news for news in failed if (news[-1].said["reason"] or "not named") == name
                ),
                "share": round(n / len(failed), 4),
            }
            for name, n in reasons.items()
        ]
        return {
            "items": sorted(items, key=lambda item: (-item["attempts"], item["method"])),
            "failures": sorted(failures, key=lambda item: (-item["payments"], item["reason"])),
            "total": counted(tried),
        }

    def _counts(self, news: Sequence[Fact]) -> bool:
        is_currency = news[-1].said["amount"]["currency"] == self.asked.currency
        return is_currency and self.asked.covers(news[0].at)

    def late(self) -> list[dict[str, Any]]:
        """Return all late money, the newest first, as LateMoney names it."""
        found = [
            self._late(key, news)
            for key, news in self.payments.items()
            if news[-1].type == "PaymentCaptured"
            and news[-1].said["amount"]["currency"] == self.asked.currency
            and self.asked.covers(news[-1].at)
            and self._endings(key[0], news[-1])
        ]
        return sorted(found, key=lambda each: -each["position"])

    def _endings(self, order: str, captured: Fact) -> list[Fact]:
        """Return the ends of the session that stood in the book before the shop had the money."""
        opened = self.session_of[order]
        known = max(opened.position, captured.position)
        session = f"checkout-{opened.said['checkout_session_id']}"
        return [
            fact
            for fact in self.facts
            if fact.stream == session and fact.type in ENDINGS and fact.position < known
        ]

    def _late(self, key: tuple[str, str], news: Sequence[Fact]) -> dict[str, Any]:
        captured, (order, payment) = news[-1], key
        end, ended_at, order_id = self._end(order, payment, captured)
        first = self._endings(order, captured)[0]
        return {
            "razorpay_order_id": order.removeprefix("payment-"),
            "razorpay_payment_id": payment,
            "checkout_session_id": self.session_of[order].said["checkout_session_id"],
            "session_ending": first.type.removeprefix("Checkout").lower(),
            "method": None if method_of(news) == "not named" else method_of(news),
            "amount": captured.said["amount"]["amount"],
            "captured_at": captured.at,
            "end": end,
            "ended_at": ended_at,
            "order_id": order_id,
            "position": captured.position,
        }

    def _end(
        self, order: str, payment: str, captured: Fact
    ) -> tuple[str, datetime | None, str | None]:
        for fact in self.facts:
            paid = fact.said.get("payment") if fact.type == "OrderPlaced" else None
            if paid and (f"payment-{paid['razorpay_order_id']}", paid["razorpay_payment_id"]) == (
                order,
                payment,
            ):
                return "order", fact.at, fact.said["order_id"]
        going = self._going_back(order, payment)
        if going and amount([each] for each in going) >= captured.said["amount"]["amount"]:
            done = all(each.type == "RefundProcessed" for each in going)
            return "refunded", max(each.at for each in going) if done else None, None
        return *self._case(order, payment), None

    def _going_back(self, order: str, payment: str) -> list[Fact]:
        """Return the last word on each refund of a payment whose money has not stayed."""
        of: dict[str, str] = {}
        last: dict[str, Fact] = {}
        for fact in self.facts:
            if fact.stream == order and fact.type in GOES | STAYS:
                refund = fact.said["refund_id"]
                of.setdefault(refund, fact.said.get("razorpay_payment_id", ""))
                last[refund] = fact
        return [each for name, each in last.items() if of[name] == payment and each.type in GOES]

    def _case(self, order: str, payment: str) -> tuple[str, datetime | None]:
        resolved = {
            fact.said["case_id"]: fact.at for fact in self.facts if fact.type == "CaseResolved"
        }
        cases = [
            fact.said["case_id"]
            for fact in self.facts
            if fact.type == "CaseOpened"
            and fact.stream == order
            and fact.said["razorpay_payment_id"] == payment
        ]
        if not cases:
            return "nothing_yet", None
        if any(case not in resolved for case in cases):
            return "open_case", None
        return "resolved_case", max(resolved[case] for case in cases)


def method_of(news: Sequence[Fact]) -> str:
    """Return the last method that was named."""
    named = [fact.said["method"] for fact in news if fact.said["method"]]
    return named[-1] if named else "not named"


def counted(tried: Sequence[Sequence[Fact]]) -> dict[str, Any]:
    """Return how many came to what."""
    became = Counter(SAID[news[-1].type] for news in tried)
    captured = [news for news in tried if SAID[news[-1].type] == "captured"]
    return {
        "attempts": len(tried),
        **{name: became[name] for name in ("captured", "failed", "returned", "pending")},
        "success_rate": round(len(captured) / len(tried), 4) if tried else None,
        "attempted_amount": amount(tried),
        "captured_amount": amount(captured),
    }


def amount(tried: Iterable[Sequence[Fact]]) -> int:
    """Add up what was last said of each."""
    return sum(news[-1].said["amount"]["amount"] for news in tried)


def ends_of(late: Sequence[dict[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Count late money by its end."""
    return [_end_of([each for each in late if each["end"] == name], name) for name in names]


def _end_of(ended: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    micros = [
        round((each["ended_at"] - each["captured_at"]).total_seconds() * 1_000_000)
        for each in ended
        if each["ended_at"] is not None
    ]
    return {
        "end": name,
        "payments": len(ended),
        "amount": sum(each["amount"] for each in ended),
        "median_seconds": round(median(micros) / 1_000_000, 3) if micros else None,
    }
