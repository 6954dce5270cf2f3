"""What a command is called in figures and spans: the rule that decides it, found in its code.

So no command can be without a name, none is named twice, and a name holds
nothing of what the command is about.
"""

from types import CodeType, FunctionType, MethodType
from typing import TypeGuard

RULES = "src.commands.decisions."
CONDITIONS = "src.commands.decisions.preconditions"
"""A rule about rules: it names nothing."""
DEPTH_MAX = 4
"""So deep may a rule be wrapped in others."""

_names: dict[CodeType, str | None] = {}


def command_name(decide: object) -> str:
    """Return the name of the rule that decides, or of the function that it was written in."""
    return _rule(decide, DEPTH_MAX) or _place(decide)


def _rule(decide: object, depth: int) -> str | None:
    """Find the rule in a function's own code, and then in what that function wraps."""
    function = decide.__func__ if isinstance(decide, MethodType) else decide
    if not isinstance(function, FunctionType) or not depth:
        return None
    code = function.__code__
    if code not in _names:
        _names[code] = _called(function)
    found = _names[code]
    if found is not None:
        return found
    for cell in function.__closure__ or ():
        if isinstance(cell.cell_contents, FunctionType | MethodType) and (
            inner := _rule(cell.cell_contents, depth - 1)
        ):
            return inner
    return None


def _called(function: FunctionType) -> str | None:
    """Return the first rule that a function's code names."""
    mentioned = (function.__globals__.get(name) for name in function.__code__.co_names)
    return next((each.__name__ for each in mentioned if _is_rule(each)), None)


def _is_rule(thing: object) -> TypeGuard[FunctionType]:
    place = getattr(thing, "__module__", "")
    return isinstance(thing, FunctionType) and place.startswith(RULES) and place != CONDITIONS


def _place(decide: object) -> str:
    """Return the name of the function around it, or its own."""
    path: str = getattr(decide, "__qualname__", type(decide).__name__)
    return path.partition(".<locals>")[0].rpartition(".")[2]
