"""Schemas as the framework derives them, tidied, and closed where requests are closed."""

import re
from collections.abc import Iterator
from typing import Any, cast

from src.http.problems import BY_STATUS, INTERNAL, REASONS

SCHEMAS = "#/components/schemas/"
_PAGE = re.compile(r"Page_(?:\w+\.)*(\w+)_")
_TITLE_OF_PAGE = re.compile(r"Page\[(\w+)\]")


def tidied(value: Any) -> Any:  # noqa: ANN401  # any part of the document
    """Return it without what only the framework needs, and with names that read well."""
    match value:
        case float() if value.is_integer():
            return int(value)  # The framework writes the limits of integers as 999.0.
        case str() if value.startswith(SCHEMAS):
            return _PAGE.sub(r"PageOf\1", value)
        case list():
            return [tidied(each) for each in cast("list[object]", value)]
        case dict():
            return _tidied(cast("dict[str, Any]", value))
        case _:
            return value


def _tidied(value: dict[str, Any]) -> dict[str, Any]:
    found = {_PAGE.sub(r"PageOf\1", name): tidied(each) for name, each in value.items()}
    if isinstance(title := found.get("title"), str):
        found["title"] = _TITLE_OF_PAGE.sub(r"PageOf\1", title)
    match found:
        case {"oneOf": [only]}:
            del found["oneOf"]
            return {**only, **found}
        case {"type": "object", "required": []}:
            del found["required"]
        case _:
            pass
    return found


def never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter's schema: a query cannot say null, it can only say nothing."""
    choices = [each for each in schema.get("oneOf", []) if each != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**choices[0], **{name: each for name, each in schema.items() if name != "oneOf"}}


def target(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema refers to, or itself."""
    found: dict[str, Any] = components.get(_name(schema), schema)
    return found


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(SCHEMAS)


def close(schema: Any, components: dict[str, Any]) -> None:  # noqa: ANN401  # any part of a schema
    """Say of every object that a request may hold that it has no other fields."""
    for each in _parts(schema):
        found = target(each, components)
        if found is not each and "additionalProperties" in found:
            continue  # It was closed before, and what it holds too.
        if found.get("type") == "object":
            found.setdefault("additionalProperties", False)
        if found is not each:
            close(found, components)


def _parts(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # as above
    if isinstance(value, dict):
        yield cast("dict[str, Any]", value)
        for each in cast("dict[str, Any]", value).values():
            yield from _parts(each)
    if isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _parts(each)


def problem_schema() -> dict[str, Any]:
    """Describe the problem document, with every member that some code adds."""
    reasons = (*REASONS.values(), *BY_STATUS.values(), INTERNAL)
    codes = sorted({reason.code for reason in reasons})
    return {
        "type": "object",
        "title": "Problem",
        "description": "RFC 9457. Some codes carry further members that help.",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": ["string", "null"]},
            "instance": {"type": "string", "format": "uri-reference"},
            "code": {"type": "string", "enum": codes},
            **_members(),
        },
    }


def _members() -> dict[str, Any]:
    found: dict[str, set[str]] = {}
    for reason in REASONS.values():
        for member in reason.members:
            found.setdefault(member, set()).add(reason.code)
    return {
        member: {
            **_KNOWN_MEMBERS.get(member, {}),
            "description": f"With {', '.join(f'`{code}`' for code in sorted(codes))}.",
        }
        for member, codes in sorted(found.items())
    }


def _objects(**properties: str) -> dict[str, Any]:
    fields = {name: {"type": kind} for name, kind in properties.items()}
    return {
        "type": "array",
        "items": {"type": "object", "required": sorted(fields), "properties": fields},
    }


_KNOWN_MEMBERS: dict[str, dict[str, Any]] = {
    "errors": _objects(field="string", message="string"),
    "lines": _objects(sku="string", requested="integer", available="integer"),
    "holds": _objects(checkout_session_id="string", quantity="integer"),
    "totals": {"type": "object"},
    "left": {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
    },
    "available": {"type": "integer"},
    "minimum": {"type": "integer"},
    "most": {"type": "integer"},
    "version": {"type": "integer"},
    "expires_at": {"type": "string", "format": "date-time"},
    "checkout_session_id": {"type": "string"},
    "order_id": {"type": "string"},
    "cart_id": {"type": "string"},
    "coupon": {"type": "string"},
    "reason": {"type": "string"},
    "wish": {"type": "string"},
    "state": {"type": "string"},
}
