"""What a control call was told, checked; and how it says no."""

from typing import NoReturn, TypeVar

import msgspec
from msgspec import Struct

from src.http.sandbox.call import Call
from src.http.sandbox.entity_table import E, EntityTable
from src.http.sandbox.refusals import Refusal

TEXT_CHARACTERS_MAX = 255
TIMES_MAX = 1_000_000
W = TypeVar("W", bound=Struct)


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """A call that needs no words."""


class Delivery(Struct, frozen=True, forbid_unknown_fields=True):
    """A call that only says whether its webhooks leave."""

    deliver: bool = True
    """False holds the webhooks back until a flush or a redelivery."""


def read(call: Call, kind: type[W]) -> W:
    """The body as what this call understands; anything else is refused with what it would."""
    try:
        return msgspec.json.decode(call.body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        fields = ", ".join(kind.__struct_fields__) or "none"
        refuse(422, f"{error}. Fields of this call: {fields}.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        refuse(400, f"The body must be a JSON object: {error}.")


def find(entities: EntityTable, kind: type[E], entity_id: str, word: str) -> E:
    found = entities.find(kind, entity_id)
    if found is None:
        refuse(404, f"There is no {word} {entity_id}. GET /v1/{word}s lists them, with the key.")
    return found


def refuse(status: int, description: str) -> NoReturn:
    raise Refusal(status, {"error": {"code": "SANDBOX_ERROR", "description": description}})
