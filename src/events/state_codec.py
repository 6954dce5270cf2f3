"""States to JSON and back, for as long as the code that folded them is the same.

A state is no storage format: whoever changes a fold, or anything that it is
made of, gets another `code_of`, and what older code wrote down is not read.
"""

import hashlib
import inspect
import sys
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_origin

import msgspec
from immutables import Map

from src.events import codec, upcasters
from src.events.catalogue import FOLDS, Fold

OURS = "src.events."


def encode_state(state: object) -> bytes:
    """Write a state down, equal states equally."""
    return _encoder.encode([_name(type(state)), state])


def decode_state(category: str, written: bytes) -> Any:  # noqa: ANN401  # the state that the stream's own module declares
    """Read a state; raises msgspec.DecodeError or LookupError when it is none of this category."""
    kind, state = _outer.decode(written)
    return msgspec.json.decode(state, type=_kinds(category)[kind], dec_hook=_map_of)


def is_kept(category: str) -> bool:
    """Whether the states of this category can be written down."""
    return bool(FOLDS[category].states)


@cache
def code_of(category: str) -> str:
    """Name the code that folds a category: the text of all modules that it is made of."""
    texts = [inspect.getsource(module) for module in _modules(FOLDS[category])]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _modules(fold: Fold) -> list[ModuleType]:
    found: dict[str, ModuleType] = {}
    due = [fold.evolve.__module__, codec.__name__, upcasters.__name__]
    while due:
        name = due.pop()
        if name.startswith(OURS) and name not in found:
            found[name] = sys.modules[name]
            due += {
                getattr(value, "__module__", None) or "" for value in vars(found[name]).values()
            }
    return [found[name] for name in sorted(found)]


@cache
def _kinds(category: str) -> dict[str, Any]:
    return {_name(kind): kind for kind in FOLDS[category].states}


def _name(kind: Any) -> str:  # noqa: ANN401  # a class, or a Map of something
    return str((get_origin(kind) or kind).__name__)


def _as_dict(value: object) -> dict[Any, Any]:
    assert isinstance(value, Map), type(value)
    return dict(value)  # pyright: ignore[reportUnknownArgumentType]  # a Map of anything


def _map_of(kind: Any, value: Any) -> Map[Any, Any]:  # noqa: ANN401  # as msgspec calls it
    assert get_origin(kind) is Map, kind
    return Map(msgspec.convert(value, dict[get_args(kind)], dec_hook=_map_of))  # type: ignore[misc]  # the arguments are only known now


_encoder = msgspec.json.Encoder(enc_hook=_as_dict, order="deterministic")
_outer = msgspec.json.Decoder(tuple[str, msgspec.Raw])
