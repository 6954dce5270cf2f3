"""What becomes of a visit: drawn before it begins, so that the shop knows whom to expect."""

from enum import StrEnum
from random import Random

from src.cli.sample_history.chance import weighted


class Fate(StrEnum):
    """How a visit ends, unless the shop has to say no."""

    BUYS = "buys"
    BUYS_AT_SECOND_TRY = "buys at the second try"
    PAYS_AFTER_FAILURE = "the same payment fails, and is captured after all"
    PAYS_LATE = "money comes when the session has expired"
    PAYS_TWICE = "two sessions of one cart are paid"
    PAYS_TOO_LITTLE = "the amount is not the one that was due"
    LEAVES_CART = "leaves a cart"
    LEAVES_CHECKOUT = "leaves a session without a payment intent"
    CANCELS_CHECKOUT = "cancels a session"
    LEAVES_PAYMENT = "never pays"
    CANCELS_PAYMENT = "cancels instead of paying"
    FAILS = "the payment fails"


BUYING = {
    Fate.BUYS: 940.0,
    Fate.BUYS_AT_SECOND_TRY: 36.0,
    Fate.PAYS_AFTER_FAILURE: 9.0,
    Fate.PAYS_LATE: 10.0,
    Fate.PAYS_TWICE: 5.0,
}
"""Of a thousand who buy."""
LEAVING = {
    Fate.LEAVES_CART: 1_000.0,
    Fate.LEAVES_CHECKOUT: 170.0,
    Fate.CANCELS_CHECKOUT: 70.0,
    Fate.LEAVES_PAYMENT: 120.0,
    Fate.CANCELS_PAYMENT: 50.0,
    Fate.FAILS: 88.0,
    Fate.PAYS_TOO_LITTLE: 2.0,
}
"""Those who leave while a thousand buy."""
LEAVING_PER_BUYER = sum(LEAVING.values()) / 1_000
WITHOUT_INTENT = frozenset({Fate.LEAVES_CART, Fate.LEAVES_CHECKOUT, Fate.CANCELS_CHECKOUT})
"""They never say who they are."""


def fate_of_buyer(chance: Random) -> Fate:
    """Draw how somebody comes to an order."""
    return weighted(chance, list(BUYING), list(BUYING.values()))


def fate_of_leaver(chance: Random) -> Fate:
    """Draw how somebody leaves without one."""
    return weighted(chance, list(LEAVING), list(LEAVING.values()))
