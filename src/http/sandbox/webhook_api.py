"""/v1/webhooks: where the merchant wants to hear of things."""

import re
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace

from src.http.sandbox import checks
from src.http.sandbox.account import Account
from src.http.sandbox.call import PAGING, Call, page
from src.http.sandbox.endpoints import ENDPOINTS_MAX, EVENTS, Endpoint, is_on_this_machine
from src.http.sandbox.entities import Collection, collection
from src.http.sandbox.refusals import invalid, unknown_id

FIELDS = frozenset({"url", "secret", "events", "active", "alert_email"})
EVENT_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+")
TEXT_CHARACTERS_MAX = 255


class Webhook(Struct, frozen=True, kw_only=True):
    """An endpoint as Razorpay shows it: never with its secret."""

    id: str
    created_at: int
    updated_at: int
    service: str = "beta-api-test"
    owner_id: str
    owner_type: str = "merchant"
    context: list[str] = []
    disabled_at: int
    url: str
    alert_email: str | None
    secret_exists: bool
    entity: str = "webhook"
    active: bool
    events: tuple[str, ...]


def create(account: Account, call: Call) -> Webhook:
    body = call.object()
    checks.only_fields(body, FIELDS)
    if len(account.endpoints.all) >= ENDPOINTS_MAX:
        raise invalid(f"You can have at most {ENDPOINTS_MAX} webhooks.")
    for name in ("url", "events"):
        if name not in body:
            raise invalid(f"The {name} field is required.", name)
    now = account.clock.seconds()
    blank = Endpoint(id=account.ids.new(), url=None, secret="", created_at=now, updated_at=now)
    account.endpoints.add(_edited(blank, body))
    return shown(account, account.endpoints.all[-1])


def list_all(account: Account, call: Call) -> Collection:
    wanted = page(call.query(*PAGING))
    known = [each for each in account.endpoints.all if each.url is not None]
    listed = known[wanted.skip : wanted.skip + wanted.count]
    return collection([shown(account, each) for each in listed])


def edit(account: Account, call: Call) -> Webhook:
    body = call.object()
    checks.only_fields(body, FIELDS)
    found = account.endpoints.find(call.ids[0])
    if found is None:
        raise unknown_id()
    edited = account.endpoints.save(_edited(found, body))
    if not edited.active:
        account.deliveries.stop(edited.id)
    return shown(account, edited)


def shown(account: Account, endpoint: Endpoint) -> Webhook:
    return Webhook(
        id=endpoint.id, created_at=endpoint.created_at, updated_at=endpoint.updated_at,
        owner_id=account.account_id.removeprefix("acc_"), disabled_at=endpoint.disabled_at,
        url=endpoint.url or "", alert_email=endpoint.alert_email,
        secret_exists=account.endpoints.secret_of(endpoint) != "", active=endpoint.active,
        events=endpoint.events or EVENTS,
    )  # fmt: skip


def _edited(endpoint: Endpoint, body: dict[str, Any]) -> Endpoint:
    """The endpoint with what the body says about it."""
    if "url" in body:
        endpoint = replace(endpoint, url=_url(body["url"]))
    if "events" in body:
        endpoint = replace(endpoint, events=_events(body["events"]))
    if "secret" in body:
        endpoint = replace(endpoint, secret=_text("secret", body["secret"] or ""))
    if "active" in body:
        endpoint = replace(endpoint, active=checks.flag("active", body["active"]))
    if body.get("alert_email") is not None:
        endpoint = replace(endpoint, alert_email=_text("alert_email", body["alert_email"]))
    return endpoint


def _url(value: object) -> str:
    url = _text("url", value)
    if not is_on_this_machine(url):
        raise invalid(
            "The url must begin with http://127.0.0.1, http://[::1] or http://localhost: this"
            " sandbox delivers to its own machine only and never calls the outside.",
            "url",
        )
    return url


def _events(value: object) -> tuple[str, ...]:
    """A list of names, or an object of names and whether they are wanted."""
    wishes = checks.as_object(value)
    if wishes is not None:
        value = [name for name, wanted in wishes.items() if checks.flag(name, wanted)]
    names = cast("list[object]", value) if isinstance(value, list) else []
    if not names:
        raise invalid("The events field needs at least one event.", "events")
    for name in names:
        if not (isinstance(name, str) and EVENT_NAME.fullmatch(name)):
            raise invalid(f"{name} is not a valid event", "events")
    return tuple(dict.fromkeys(cast("list[str]", names)))


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > TEXT_CHARACTERS_MAX:
        raise invalid(f"The {name} must be a text of at most 255 characters.", name)
    return value
