"""Currencies: what Razorpay takes and what it would refuse."""

import pytest

from src.events.money import Money
from src.http.razorpay.currencies import EXPONENTS, objection


def test_all_listed_currencies_are_known_once() -> None:
    assert len(EXPONENTS) == 128
    assert (EXPONENTS["INR"], EXPONENTS["JPY"], EXPONENTS["UGX"], EXPONENTS["KWD"]) == (2, 0, 0, 3)


@pytest.mark.parametrize("due", [Money(100, "INR"), Money(1, "JPY"), Money(99990, "KWD")])
def test_an_amount_razorpay_takes_meets_no_objection(due: Money) -> None:
    assert objection(due) is None


@pytest.mark.parametrize(
    "due",
    [Money(99, "INR"), Money(0, "INR"), Money(-100, "INR"), Money(99991, "KWD"), Money(1, "XXX")],
)
def test_an_amount_razorpay_refuses_meets_an_objection(due: Money) -> None:
    assert objection(due) is not None
