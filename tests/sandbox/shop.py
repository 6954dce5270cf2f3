"""How the tests talk to a sandbox: the real SDK, plain HTTP, and the control calls."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, cast

import httpx
import razorpay
from msgspec.structs import replace

from src.http.sandbox import SandboxSettings, build_sandbox
from tests.prompt_server import PromptServer
from tests.sandbox.receiver import Receiver, bound_socket

PAYLOADS = Path(__file__).parent / "payloads"
KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_Khata000000001", "a key secret", "a webhook secret"
TIMEOUT_SECONDS = 30.0
SEEN_IN_REFUNDS = (
    "account_id", "fee_bearer", "gateway_provider", "internal_status", "optimizer_provider",
    "settled_by",
)  # fmt: skip
"""What real deliveries about refunds show of a payment, and the documentation does not."""


def settings_for(
    state: Path, webhook_url: str | None = None, **more: float | str
) -> SandboxSettings:
    settings = SandboxSettings(
        state_path=state,
        key_id=KEY_ID,
        key_secret=KEY_SECRET,
        webhook_secret=WEBHOOK_SECRET,
        webhook_url=webhook_url,
    )
    return replace(settings, **more)


class Shop:
    """One shop with its key, at one running sandbox."""

    def __init__(self, base_url: str, receiver: Receiver) -> None:
        self.receiver = receiver
        self.sdk: Any = razorpay.Client(auth=(KEY_ID, KEY_SECRET), base_url=base_url)
        self.sdk.session.trust_env = False
        self.sdk_errors: Any = razorpay.errors
        self.http = httpx.Client(
            base_url=base_url, auth=(KEY_ID, KEY_SECRET), timeout=TIMEOUT_SECONDS, trust_env=False
        )

    def close(self) -> None:
        self.sdk.session.close()
        self.http.close()

    def order(self, **more: object) -> dict[str, Any]:
        wish = {"amount": 150000, "currency": "INR", "receipt": "session-1", **more}
        created: dict[str, Any] = self.sdk.order.create(wish, timeout=TIMEOUT_SECONDS)
        return created

    def control(self, call: str, **body: object) -> dict[str, Any]:
        answer = self.http.post(f"/_sandbox/{call}", json=body)
        assert answer.status_code == 200, answer.text
        answered: dict[str, Any] = answer.json()
        return answered

    def pay(self, order: dict[str, Any], **wish: object) -> dict[str, Any]:
        return self.control(f"orders/{order['id']}/pay", **wish)

    def webhooks(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.http.get("/_sandbox/webhooks").json()["items"]
        return items


@contextmanager
def running_sandbox(settings: SandboxSettings, receiver: Receiver) -> Iterator[Shop]:
    listener = bound_socket()
    listener.listen()  # From here on a caller waits instead of being refused.
    server = PromptServer(build_sandbox(settings))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    shop = Shop(f"http://127.0.0.1:{listener.getsockname()[1]}", receiver)
    try:
        yield shop
    finally:
        shop.close()
        server.tell()
        thread.join()


def published(name: str) -> dict[str, Any]:
    """A published body; one about a refund with what only real deliveries show."""
    body: dict[str, Any] = json.loads((PAYLOADS / name).read_bytes())
    if name.startswith("webhook.refund."):
        body["payload"]["payment"]["entity"] |= dict.fromkeys(SEEN_IN_REFUNDS, "")
    return body


def differences(
    ours: object, theirs: object, at: str = "", *, sorted_keys: bool = False
) -> list[str]:
    """Where two bodies differ in keys, their order, or their types; null agrees with anything."""
    match ours, theirs:
        case dict(), dict():
            ours, theirs = cast("dict[str, object]", ours), cast("dict[str, object]", theirs)
            wanted = sorted(theirs) if sorted_keys else list(theirs)
            if list(ours) != wanted:
                return [f"{at}: {list(ours)} is not {wanted}"]
            return [
                each
                for key in ours
                for each in differences(
                    ours[key], theirs[key], f"{at}/{key}", sorted_keys=sorted_keys
                )
            ]
        case list(), list() if ours and theirs:
            return differences(ours[0], theirs[0], f"{at}/0", sorted_keys=sorted_keys)
        case (None, _) | (_, None):
            return []
        case _ if type(ours) is type(theirs):
            return []
        case _:
            return [f"{at}: {ours!r} is not like {theirs!r}"]
