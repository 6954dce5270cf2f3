"""Mending the book by what Razorpay says: through the one decision, as every webhook goes."""

from collections.abc import Iterable
from contextlib import suppress

from src.bootstrap.asking import Progress, each_of
from src.bootstrap.day_differences import Difference, named
from src.bootstrap.moments import new_id
from src.bootstrap.parts import Parts
from src.bootstrap.settling import keep_session_of
from src.commands.gateway import GatewayRefusedError
from src.events.envelope import Cause

ACTOR = "staff:operator:khata-reconcile"


async def mend(parts: Parts, differences: Iterable[Difference], progress: Progress) -> None:
    """Feed what Razorpay says of everything that differs through the one decision.

    Raises GatewayUnavailableError when Razorpay does not answer.
    """
    payments, refunds = named(differences)

    # What Razorpay does not know of stays a difference.
    async def ask(order: str) -> None:
        with suppress(GatewayRefusedError):
            held = await parts.news.ask(_cause(), order)
            await keep_session_of(parts, order, held.position)

    async def ask_refunds(about: tuple[str, str]) -> None:
        with suppress(GatewayRefusedError):
            held = await parts.news.ask_refunds(_cause(), *about)
            await keep_session_of(parts, about[0], held.position)

    await each_of(ask, sorted({*payments, *(order for order, _ in refunds)}), "mending", progress)
    await each_of(ask_refunds, sorted(refunds), "mending refunds", progress)


def _cause() -> Cause:
    command = new_id()
    return Cause(command_id=command, correlation_id=command, actor=ACTOR)
