"""What pages of figures say about numbers, without a shop."""

from datetime import UTC, date, datetime

import pytest

from src.http.console.journey_sheet import of_reasons
from src.http.console.payment_sheets import of_payments
from src.http.console.sales_sheet import of_periods
from src.queries.analytics.abandonment import Abandonment, AbandonmentItem, AbandonmentTotal
from src.queries.analytics.late_money import LateEnd, LateMoney, LatePayment, LateSum
from src.queries.analytics.sales import Amounts, Sales, SalesItem

FIRST, LAST, ZONE = date(2026, 10, 24), date(2026, 10, 25), "Asia/Kolkata"


def sold(*days: tuple[int, int, int]) -> Sales:
    """Sales of some days: orders, gross and refunds of each."""
    items = [
        SalesItem(
            period=date(2026, 10, 24 + at),
            orders=orders,
            units=orders,
            gross=gross,
            discounts=0,
            shipping=0,
            refunds=refunds,
            net=gross - refunds,
        )
        for at, (orders, gross, refunds) in enumerate(days)
    ]
    orders, gross, refunds = (sum(each) for each in zip(*days, strict=True))
    return Sales(
        currency="INR",
        time_zone=ZONE,
        first_day=FIRST,
        last_day=LAST,
        by="day",
        items=items,
        total=Amounts(
            orders=orders,
            units=orders,
            gross=gross,
            discounts=0,
            shipping=0,
            refunds=refunds,
            net=gross - refunds,
        ),
    )


@pytest.mark.parametrize(
    ("days", "point"),
    [
        (((0, 0, 0), (0, 0, 0)), "Nothing was sold in this range."),
        (((0, 0, 500), (0, 0, 0)), "0 orders brought -₹5.00 net."),
        (((1, 500, 500), (0, 0, 0)), "1 order brought ₹0.00 net."),
        (
            ((1, 500, 0), (2, 900, 100)),
            "3 orders brought ₹13.00 net; the best day was 25 Oct 2026 with ₹8.00.",
        ),
    ],
)
def test_a_best_day_is_named_only_where_something_was_won(
    days: tuple[tuple[int, int, int], ...], point: str
) -> None:
    figure = of_periods(sold(*days))
    assert figure.chart.point == point
    assert [row[0] for row in figure.table.rows] == ["24 Oct 2026", "25 Oct 2026"]
    assert figure.chart.labels == ("24 Oct 2026", "25 Oct 2026")


def test_a_cart_whose_prices_were_never_frozen_has_no_value() -> None:
    items = [
        AbandonmentItem(reason=reason, count=1, value=value, share=0.5)
        for reason, value in (("never_started", 0), ("failed:card_declined", 0))
    ]
    found = Abandonment(
        currency="INR",
        time_zone=ZONE,
        first_day=FIRST,
        last_day=LAST,
        carts=2,
        ordered=0,
        merged=0,
        items=items,
        total=AbandonmentTotal(count=2, value=0),
    )
    table = of_reasons(found).table
    assert [row[-1] for row in table.rows] == ["-", "₹0.00"]
    assert "counts only checkouts, whose prices were frozen" in table.caption


def test_a_late_payment_says_when_it_came_by_the_clock_of_the_shop() -> None:
    payment = LatePayment(
        razorpay_order_id="order_A",
        razorpay_payment_id="pay_A",
        checkout_session_id="cs_A",
        session_ending="expired",
        method="upi",
        amount=500,
        captured_at=datetime(2026, 10, 24, 20, 0, tzinfo=UTC),
        end=LateEnd.REFUNDED,
        ended_at=None,
        order_id=None,
        position=7,
    )
    found = LateMoney(
        currency="INR",
        time_zone=ZONE,
        first_day=FIRST,
        last_day=LAST,
        ends=[],
        items=[payment],
        total=LateSum(payments=1, amount=500),
    )
    [row] = of_payments(found).rows
    assert row[1] == "25 Oct 2026, 01:30:00"
    assert row[4] == "Goes back or went back"
    assert len(row) == len(of_payments(found).heads)
