"""A list of Razorpay's, whole: page by page, and never without an end."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from src.commands.gateway import GatewayRefusedError
from src.http.razorpay.entities import Listed
from src.http.razorpay.line import Line

PAGE = 100
"""How many things one answer tells, the most Razorpay gives."""
PAGES_MAX = 200
"""How many pages one list may have; asking for more of them is refused."""


class Identified(Protocol):
    """Anything of Razorpay's."""

    @property
    def id(self) -> str:
        """Its id, by which a thing that moved to the next page is known again."""
        ...


E = TypeVar("E", bound=Identified)
AskPage = Callable[[dict[str, object]], object]
"""A call of the SDK's that takes the query of a list."""


async def every_page(
    line: Line, ask: AskPage, shape: type[Listed[E]], query: dict[str, object], page: int
) -> list[E]:
    """Return the whole list, each thing once; every page has a deadline of its own.

    Raises GatewayRefusedError for a list that is too long to be told.
    """
    found: dict[str, E] = {}
    for number in range(PAGES_MAX):
        question = query | {"count": page, "skip": number * page}
        async with line.deadline():
            answer = await line.ask(partial(ask, question), shape)
        found |= {each.id: each for each in answer.items}
        if len(answer.items) < page:
            return list(found.values())
    raise GatewayRefusedError(f"there are more than {PAGES_MAX * page} to tell: ask for less")
