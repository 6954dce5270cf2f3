"""The served document, as tests read it."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from litestar.di import Provide
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from prometheus_client import CollectorRegistry

from src.http.controllers.all import CONTROLLERS
from src.http.openapi import document
from src.http.pages import operations
from src.telemetry import RequestFigures


class Described(Struct, frozen=True):
    """One call, as the document has it."""

    method: str
    path: str
    operation: dict[str, Any]

    @property
    def name(self) -> str:
        name: str = self.operation["operationId"]
        return name


@cache
def whole_document() -> dict[str, Any]:
    """Write the document of all controllers, as the API would."""
    handlers: list[ControllerRouterHandler] = [
        *CONTROLLERS,
        operations(RequestFigures(CollectorRegistry())),
    ]
    services = {"shop": Provide(_nothing, sync_to_thread=False)}
    found: dict[str, Any] = json.loads(document(handlers, services, "0.1.0")())
    return found


def described() -> Iterator[Described]:
    """Give every call."""
    for path, item in whole_document()["paths"].items():
        for method, operation in item.items():
            yield Described(method.upper(), path, operation)


def faults(value: object, schema: dict[str, Any]) -> list[str]:
    """Say what is wrong with a value, for one of the document's schemas."""
    whole = {**schema, "components": whole_document()["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [f"{each.instance_path}: {each.message}" for each in validator.iter_errors(value)]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the document."""
    found: Any = whole_document()
    if "$ref" not in part:
        return part
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    whole: dict[str, Any] = found
    return whole


def _nothing() -> None:
    """Stand where the shop would: nothing is called to be described."""
