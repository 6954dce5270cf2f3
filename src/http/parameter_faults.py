"""What is wrong with path and query, by the names that callers know and without the values."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from litestar.exceptions import ValidationException
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition

from src.http.refusals import FieldError, InvalidInput
from src.http.wording import one_of, plain_words

Asked = Mapping[str, FieldDefinition]
"""What a handler takes, by the names of its arguments."""

_MISSING = re.compile(r"Missing required \w+ parameter '([a-z_]+)'")
"""How the framework says that a parameter is not there; the name is the route's own."""


def parameter_faults(error: ValidationException, asked: Asked) -> InvalidInput:
    """Say what the framework refused in our words; `asked` is empty where no handler is known."""
    missing = _MISSING.match(error.detail)
    if missing is not None:
        return InvalidInput.of(missing[1], "is required")
    listed: Any = error.extra if isinstance(error.extra, list) else []
    return InvalidInput(*(_fault(each, asked) for each in listed))


def _fault(said: Mapping[str, Any], asked: Asked) -> FieldError:
    """After the dash the framework says where, which the field's name says already."""
    argument, dot, place = str(said.get("key", "request")).partition(".")
    words = str(said.get("message", "")).partition(" - ")[0]
    field = asked.get(argument)
    if field is None:
        return FieldError(f"{argument}{dot}{place}", plain_words(words))
    known = values_of(field.annotation) if words.startswith("Invalid enum value") else ()
    message = one_of(known) if known else plain_words(words)
    return FieldError(f"{_public(argument, field)}{dot}{place}", message)


def _public(argument: str, field: FieldDefinition) -> str:
    told = field.kwarg_definition
    return told.name or argument if isinstance(told, ParameterKwarg) else argument


def values_of(kind: Any) -> tuple[str, ...]:  # noqa: ANN401  # any annotation of a handler
    """Return all that an enumeration or a literal takes, alone or in a union; else nothing."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(each.value) for each in kind)
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    return tuple(value for part in get_args(kind) for value in values_of(part))
