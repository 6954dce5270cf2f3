"""One example of every fact, made from its types alone; always the same.

`python -m tests.events.examples` writes the golden files that are missing. It
never touches one that is there.
"""

import types
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from immutables import Map
from msgspec import Struct

from src.events.catalogue import EVENTS, VERSIONS
from src.events.codec import encode

GOLDEN = Path(__file__).parent / "golden"
A_TIME = datetime(2026, 3, 2, 10, 0, 0, 250_000, tzinfo=UTC)
CURRENCY = "INR"


def example(kind: type[Struct]) -> Any:  # noqa: ANN401 - the caller knows the class
    """Return a fact with every field filled in, the optional ones too."""
    return kind(**{name: value(name, hint) for name, hint in get_type_hints(kind).items()})


def value(name: str, hint: Any) -> Any:  # noqa: ANN401 - any type has a value
    """Return a value of a field."""
    if get_origin(hint) in (types.UnionType, Union):
        return value(name, next(each for each in get_args(hint) if each is not type(None)))
    if get_origin(hint) in {tuple, frozenset}:
        return get_origin(hint)((value(name, get_args(hint)[0]),))
    if get_origin(hint) is Map:
        key, kept = get_args(hint)
        return Map({value(f"{name} {n}", key): value(name, kept) for n in range(3)})
    if issubclass(hint, Struct):
        return example(hint)
    if issubclass(hint, Enum):
        return next(iter(hint))
    simple = {str: CURRENCY if name == "currency" else f"{name} ₹1", int: 7, bool: True}
    return A_TIME if hint is datetime else simple[hint]


def golden_file(name: str, version: int) -> Path:
    """Return where the bytes of a fact of this version are kept."""
    return GOLDEN / f"{name}.v{version}.json"


def main() -> None:
    """Write what is missing."""
    for name, kind in EVENTS.items():
        path = golden_file(name, VERSIONS[name])
        if not path.exists():
            path.write_bytes(encode(example(kind)))


if __name__ == "__main__":
    main()
