"""Pages drawn from their templates, with the same frame around all of them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, cast
from uuid import UUID

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from src.events.money import Money
from src.http.answers import Answer, written_answer
from src.http.asgi import Scope
from src.http.auth import CALLER, Caller, StaffCaller
from src.http.console.pictures import Pictures
from src.http.console.places import places_for
from src.http.console.session import form_token, of_session
from src.http.page_files import TYPES, PageFiles, page_files
from src.http.shop_request import ShopRequest
from src.queries.amounts import written

PACKAGE = "src.http.console"
FILES = "/console/files"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {"content-security-policy": POLICY, "referrer-policy": "same-origin"}
"""With no referrer at all a browser would not say which origin a form comes from."""


class Console:
    """Draws the pages of one installation; `zone` is where the shop's days begin."""

    def __init__(
        self,
        new_id: Callable[[], UUID],
        *,
        zone: tzinfo = UTC,
        https_only: bool = False,
        origins: frozenset[str] = frozenset(),
    ) -> None:
        self.zone = zone
        self.https_only = https_only
        self.origins = origins
        """Where the shop is to be found from outside, besides where it is asked."""
        self.pictures = Pictures()
        self._new_id = new_id

    @cached_property
    def files(self) -> PageFiles:
        """What is sent as it is: the style, the sign, what moves."""
        return page_files(PACKAGE, without="html")

    def page(
        self,
        scope: Scope,
        template: str,
        /,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **known: Any,  # noqa: ANN401  # whatever the template shows
    ) -> Answer[None]:
        """Draw a page for whoever looks; a name that the template lacks is a bug."""
        drawn = self._templates.get_template(template).render(self._frame(scope), **known)
        lines = {**_HEADERS, **(headers or {})}
        return written_answer(None, drawn.encode(), status, TYPES["html"], lines)

    def _frame(self, scope: Scope) -> dict[str, Any]:
        caller: Caller | None = scope.get(CALLER)
        is_staff = isinstance(caller, StaffCaller)
        return {
            "folder": f"{FILES}/{self.files.stamp}",
            "places": places_for(caller),
            "here": scope["path"],
            "who": caller.subject if isinstance(caller, StaffCaller) else None,
            "roles": sorted(caller.roles) if isinstance(caller, StaffCaller) else [],
            "form_token": form_token(of_session(scope["headers"])) if is_staff else "",
            "once": lambda: str(self._new_id()),
            "zone_name": str(self.zone),
        }

    @cached_property
    def _templates(self) -> Environment:
        made = Environment(
            loader=PackageLoader(PACKAGE, "page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        made.filters |= {"money": written_or_none, "moment": self.moment, "count": grouped}
        made.filters |= {"age": age, "plain": plain, "date": self.date}
        made.filters |= {"written": fact_text, "readable": readable}
        return made

    def moment(self, at: datetime) -> Markup:
        """Write a time as the shop's clock shows it; machines read it in UTC."""
        there = at.astimezone(self.zone)
        shown = f"{there:%d %b %Y, %H:%M:%S}"
        return Markup('<time datetime="{}">{}</time>').format(at.astimezone(UTC).isoformat(), shown)

    def date(self, at: datetime) -> str:
        """Write the day that a time is on in the shop."""
        return f"{at.astimezone(self.zone):%d %b %Y}"


def show(
    console: Console,
    request: ShopRequest,
    template: str,
    /,
    *,
    status: int = 200,
    **known: Any,  # noqa: ANN401  # whatever the template shows
) -> Answer[None]:
    """Draw a page for whoever asked."""
    scope = cast("Scope", request.scope)
    return console.page(scope, template, status=status, **known)


def go_to(path: str, **headers: str) -> Answer[None]:
    """Send a browser on to another page, also after a form."""
    return written_answer(None, b"", 303, "", {"location": path, **_HEADERS, **headers})


def written_or_none(amount: Money | None) -> str:
    """Write an amount; a dash where there is none."""
    return "-" if amount is None else written(amount)


def grouped(number: int) -> str:
    """Write a count so that it can be read."""
    return f"{number:,}"


def plain(word: str) -> str:
    """Write a word of the API as people do."""
    return word.replace("_", " ").replace("-", " ")


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def age(seconds: int) -> str:
    """Write how long ago something was, in its largest whole unit."""
    for length, name in _UNITS:
        if seconds >= length:
            number = seconds // length
            return f"{number} {name}" if number == 1 else f"{number:,} {name}s"
    return "now"


def fact_text(fact: Mapping[str, Any]) -> str:
    """Write a fact down with its lines."""
    return msgspec.json.format(msgspec.json.encode(fact), indent=2).decode()


def readable(raw: bytes) -> str:
    """Write bytes as text, JSON with its lines, and what is neither so that it can be told."""
    try:
        return msgspec.json.format(raw, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw.decode("utf-8", errors="backslashreplace")
