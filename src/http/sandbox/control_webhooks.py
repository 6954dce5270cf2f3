"""/_sandbox/webhooks: what becomes of the events, as a dashboard would show and mend it."""

from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from src.http.sandbox.account import Account
from src.http.sandbox.call import Call
from src.http.sandbox.endpoints import Endpoint
from src.http.sandbox.event_table import Delivery, Event
from src.http.sandbox.plans import PLANS_MAX, Plan
from src.http.sandbox.wire import sign_webhook
from src.http.sandbox.wishes import Nothing, read, refuse

SECRET_CHARACTERS_MAX = 255
REPLAY_AGE_SECONDS_MAX = 7 * 24 * 60 * 60.0
REPLAYS_A_DAY_MAX = 5
DAY_SECONDS = 24 * 60 * 60.0


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    secret: Annotated[str, Meta(min_length=1, max_length=SECRET_CHARACTERS_MAX)]
    endpoint: str = ""
    """The endpoint's id; without it, the first."""


def plan(account: Account, call: Call) -> Plan:
    wish = read(call, Plan)
    if account.plans.is_full(wish):
        refuse(409, f"{PLANS_MAX} plans wait already; POST /_sandbox/reset forgets them.")
    account.plans.plan(wish)
    return wish


def list_plans(account: Account, call: Call) -> dict[str, Any]:
    """What waits for the next events."""
    call.query()
    return {"items": account.plans.planned}


def list_events(account: Account, call: Call) -> dict[str, Any]:
    """The latest events, oldest first; `?of=<order or payment id>` picks those that name it."""
    wanted = call.query("of").get("of", [None])[-1]
    return {"items": [shown(event) for event in account.events.latest(wanted)]}


def shown(event: Event) -> dict[str, Any]:
    """An event; its signature is the first endpoint's, its time that of the next delivery."""
    first = event.deliveries[0] if event.deliveries else None
    return {
        "event_id": event.id,
        "event": event.name,
        "body": event.body.decode(errors="backslashreplace"),
        "signature": first.signature if first else "",
        "state": event.state,
        "attempts": event.attempts,
        "due_at": min((each.due_at for each in event.deliveries), default=event.created_at),
        "created_at": event.created_at,
        "deliveries": event.deliveries,
    }


async def flush(account: Account, call: Call) -> dict[str, Any]:
    """Try everything that waits once, now; answers when all of it was tried."""
    read(call, Nothing)
    return {"items": [shown(event) for event in await account.deliveries.flush()]}


async def redeliver(account: Account, call: Call) -> dict[str, Any]:
    """Send one event again, signed with the present secret, whatever became of it before."""
    read(call, Nothing)
    event = _find(account, call.ids[0])
    for delivery in event.deliveries:
        _sign_again(account, event, delivery)
        await account.deliveries.deliver_now(event, delivery)
    return shown(event)


async def replay(account: Account, call: Call) -> dict[str, Any]:
    """Send an event again where nobody acknowledged it, by the rules of Razorpay's dashboard."""
    read(call, Nothing)
    event = _find(account, call.ids[0])
    unheard = [each for each in event.deliveries if each.state != "delivered"]
    _check_replay(account, event, unheard)
    for delivery in unheard:
        _enable(account, delivery.endpoint)
        _sign_again(account, event, delivery)
        await account.deliveries.deliver_now(event, delivery, is_replay=True)
    return shown(event)


def rotate_secret(account: Account, call: Call) -> dict[str, Any]:
    """Sign new events with another secret; what was signed stays as it is."""
    wish = read(call, Secret)
    found = _endpoint(account, wish.endpoint)
    return _shown_endpoint(account.endpoints.save(replace(found, secret=wish.secret)))


def list_endpoints(account: Account, call: Call) -> dict[str, Any]:
    call.query()
    return {"items": [_shown_endpoint(each) for each in account.endpoints.all]}


def enable(account: Account, call: Call) -> dict[str, Any]:
    """Let a disabled endpoint hear again; what it missed comes with a replay."""
    read(call, Nothing)
    return _shown_endpoint(_enable(account, call.ids[0]))


def _enable(account: Account, endpoint_id: str) -> Endpoint:
    found = _endpoint(account, endpoint_id)
    return found if found.active else account.endpoints.save(replace(found, active=True))


def _check_replay(account: Account, event: Event, unheard: list[Delivery]) -> None:
    if not unheard:
        refuse(409, f"{event.id} was acknowledged; only what was not is replayed.")
    now = account.clock.now()
    if now - event.created_at > REPLAY_AGE_SECONDS_MAX:
        refuse(409, f"{event.id} is older than 7 days and can no longer be replayed.")
    since = now - DAY_SECONDS
    if any(_replays(event, each, since) >= REPLAYS_A_DAY_MAX for each in unheard):
        refuse(409, f"{event.id} was replayed {REPLAYS_A_DAY_MAX} times within a day.")


def _replays(event: Event, delivery: Delivery, since: float) -> int:
    return sum(each.is_replay and each.at > since for each in event.tries(delivery.endpoint))


def _sign_again(account: Account, event: Event, delivery: Delivery) -> None:
    secret = account.endpoints.secret_of(_endpoint(account, delivery.endpoint))
    delivery.signature, delivery.says_id = sign_webhook(event.body, secret), event.id


def _find(account: Account, event_id: str) -> Event:
    event = account.deliveries.waiting(event_id) or account.events.find(event_id)
    if event is None:
        refuse(404, f"There is no event {event_id}. GET /_sandbox/webhooks lists them.")
    return event


def _endpoint(account: Account, endpoint_id: str) -> Endpoint:
    found = account.endpoints.find(endpoint_id)
    if found is None:
        known = ", ".join(each.id for each in account.endpoints.all)
        refuse(404, f"There is no endpoint {endpoint_id}. Endpoints: {known}.")
    return found


def _shown_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """Without its secret, as GET /v1/webhooks."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.events or "all",
        "active": endpoint.active,
        "disabled_at": endpoint.disabled_at,
    }
