"""The money that refunds and lost disputes are paid from: endless, until somebody says how much."""

from typing import Annotated

from msgspec import Meta, Struct

from src.http.sandbox.account import Account

BALANCE_MAX = 2**53 - 1
_NAME = "balance"


class Balance(Struct, frozen=True, forbid_unknown_fields=True):
    amount: Annotated[int, Meta(ge=-BALANCE_MAX, le=BALANCE_MAX)] | None
    """In paise; null is as much as anybody asks for. Settlements do not lessen it."""


ENDLESS = Balance(None)


def set_balance(account: Account, balance: Balance) -> None:
    account.store.remember(_NAME, balance)


def covers(account: Account, amount: int) -> bool:
    balance = account.store.recall(_NAME, Balance, ENDLESS).amount
    return balance is None or balance >= amount


def move(account: Account, amount: int) -> None:
    """Let money in, in paise; below zero lets it out."""
    balance = account.store.recall(_NAME, Balance, ENDLESS).amount
    if balance is not None:
        set_balance(account, Balance(balance + amount))
