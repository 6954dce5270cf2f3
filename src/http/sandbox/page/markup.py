"""HTML from the files beside this one; what is filled in is escaped, unless it is HTML itself."""

from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from src.http.sandbox.page.visit import Form


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


NOTHING = Markup("")


def fill(template: str, /, **values: str) -> Markup:
    return Markup(
        _template(template).substitute({key: _safe(text) for key, text in values.items()})
    )


def joined(parts: list[Markup]) -> Markup:
    return Markup("".join(parts))


def hidden(fields: Form) -> Markup:
    """What the next screen has to be told again."""
    return joined([fill("hidden.html", name=name, value=value) for name, value in fields.items()])


def options(choices: Mapping[str, str], chosen: str) -> Markup:
    return joined([
        Markup(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
            f"{escape(label)}</option>"
        )
        for value, label in choices.items()
    ])  # fmt: skip


def content(name: str) -> bytes:
    return files("src.http.sandbox.page").joinpath(name).read_bytes()


@cache
def _template(name: str) -> Template:
    return Template(content(f"html/{name}").decode())


def _safe(text: str) -> str:
    return text if isinstance(text, Markup) else escape(text)
