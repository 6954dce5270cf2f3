"""/v1/payments/downtimes: banks, networks and apps that do not work now."""

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.entities import Collection, Downtime, collection
from src.http.sandbox.entity_table import Page

LISTED_MAX = 1_000


def list_all(account: Account, call: Call) -> Collection:
    """Those that go on, newest first."""
    call.query()
    where = {"status != ?": "resolved"}
    return collection(account.entities.page(Downtime, Page(LISTED_MAX), where, lags=False))


def fetch(account: Account, call: Call) -> Downtime:
    call.query()
    return account.entities.get(Downtime, call.ids[0])
