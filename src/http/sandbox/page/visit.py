"""What a shop's page asks of the payment window, as it travels from screen to screen.

The names are those of Razorpay's hosted checkout. Whatever is here went through the
browser: it says what to show and where to return, never how much is paid.
"""

import re
from urllib.parse import parse_qsl

from msgspec import Struct

from src.http.sandbox.call import Call
from src.http.sandbox.checks import NOTE_KEY_CHARACTERS_MAX, NOTE_VALUE_CHARACTERS_MAX, NOTES_MAX
from src.http.sandbox.refusals import invalid
from src.http.sandbox.this_machine import host_of, is_here

FIELDS_MAX = 100
FIELD_CHARACTERS_MAX = 2_000
ADDRESSES = frozenset({"callback_url", "cancel_url", "image"})
NAMES = frozenset({
    "key_id", "order_id", "name", "description", "image", "callback_url", "cancel_url",
    "redirect", "retry[enabled]", "timeout", "theme[color]", "origin", "prefill[name]",
    "prefill[email]", "prefill[contact]", "prefill[method]", "prefill[vpa]",
})  # fmt: skip
NOTE = "notes["
_ORIGIN = re.compile(
    r"(https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?)(?=[/?#]|$)", re.IGNORECASE
)

Form = dict[str, str]


def form_of(call: Call) -> Form:
    """What was sent, in the address or in the body; of a name sent twice, the last."""
    sent = call.body or call.query_string
    try:
        pairs = parse_qsl(sent.decode("latin-1"), max_num_fields=FIELDS_MAX)
    except ValueError:
        raise invalid(f"A form has at most {FIELDS_MAX} fields.") from None
    return {name: said for name, value in pairs if (said := _within_limits(name, value.strip()))}


def _within_limits(name: str, value: str) -> str:
    """Half a text can still be read; half an address is another one."""
    is_too_long = len(value) > FIELD_CHARACTERS_MAX
    return "" if is_too_long and name in ADDRESSES else value[:FIELD_CHARACTERS_MAX]


class Visit(Struct, frozen=True):
    fields: Form

    @property
    def key_id(self) -> str:
        return self.fields.get("key_id", "")

    @property
    def order_id(self) -> str:
        return self.fields.get("order_id", "")

    @property
    def shop(self) -> str:
        return self.fields.get("name", "Test shop")

    @property
    def origin(self) -> str:
        """Whose page shows us in a frame; empty when we stand alone."""
        origin = self.fields.get("origin", "")
        return origin if _is_here(origin) and origin == origin_of(origin) else ""

    @property
    def image(self) -> str:
        """The shop's picture, if it is of this machine: nothing is fetched from another."""
        image = self.fields.get("image", "")
        return image if image.startswith("data:image/") or _is_here(image) else ""

    @property
    def callback_url(self) -> str:
        return self._address("callback_url")

    @property
    def cancel_url(self) -> str:
        return self._address("cancel_url")

    @property
    def tells_failures(self) -> bool:
        """Whether the callback hears of failures too, and so ends the visit."""
        return bool(self.callback_url) and self.fields.get("redirect") == "true"

    @property
    def may_retry(self) -> bool:
        return self.fields.get("retry[enabled]") != "false" and not self.tells_failures

    @property
    def notes(self) -> dict[str, str]:
        named = {
            name[len(NOTE) : -1][:NOTE_KEY_CHARACTERS_MAX]: value[:NOTE_VALUE_CHARACTERS_MAX]
            for name, value in self.fields.items()
            if name.startswith(NOTE)
        }
        return dict(list(named.items())[:NOTES_MAX])

    def _address(self, name: str) -> str:
        """Where to go on; never `javascript:`."""
        address = self.fields.get(name, "")
        return address if origin_of(address) else ""


def visit_of(form: Form) -> Visit:
    known = {
        name: value
        for name, value in form.items()
        if name in NAMES or (name.startswith(NOTE) and name.endswith("]"))
    }
    return Visit(known)


def origin_of(address: str) -> str:
    """Scheme, host and port, fit for a header; empty when it is no plain address of the web."""
    found = _ORIGIN.match(address)
    return found[1].lower() if found else ""


def _is_here(address: str) -> bool:
    return is_here(host_of(origin_of(address)))
