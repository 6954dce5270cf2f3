"""`khata cases resolve`: a person says how a case was settled, and perhaps gives its money back."""

import asyncio

import typer

from src.bootstrap.moments import new_id, now
from src.bootstrap.parts import BOOK, Parts, open_parts
from src.cli.by_whom import operator
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.commands.decisions.cases import resolve_case
from src.commands.decisions.refunds import refund_case
from src.commands.rejections import Rejection
from src.commands.view import Fact, View
from src.events.envelope import Cause
from src.events.identifiers import Stream
from src.events.refund import RefundRequested
from src.http.fields import REASON_LENGTH_MAX
from src.queries.amounts import written
from src.queries.cases import CaseAnswer, find_case
from src.settings import Settings

NAME = "khata-cases"
"""In the book, of whoever does not say who they are."""


def settle_case(
    settings: Settings, case_id: str, note: str, by: str | None = None, *, refund: bool
) -> None:
    """Close a case and say what came of it; raises Complaint."""
    if not 1 <= len(note.strip()) <= REASON_LENGTH_MAX or "\x00" in note:
        raise Complaint(f"--note takes 1 to {REASON_LENGTH_MAX} characters.", exit_code=2)
    actor = operator(NAME, by)
    with with_engines(settings) as addressed:
        typer.echo(asyncio.run(_settled(addressed, case_id, note.strip(), actor, refund=refund)))


async def _settled(settings: Settings, case_id: str, note: str, actor: str, *, refund: bool) -> str:
    parts = await open_parts(settings)
    try:
        # The worker does the same; there may be none.
        await parts.runner.catch_up()
        case = await find_case(parts.reads, BOOK, case_id, now=now())
        if case is None:
            raise Complaint(f"There is no case {case_id}; khata cases shows those that are open.")
        facts = await _write(parts, case, note, actor, refund=refund)
    finally:
        await parts.close()
    return _said(case_id, facts)


async def _write(
    parts: Parts, case: CaseAnswer, note: str, actor: str, *, refund: bool
) -> list[Fact]:
    rule, about, facts = refund_case if refund else resolve_case, Stream(case.stream), list[Fact]()

    def decide(view: View) -> list[Fact]:
        facts[:] = rule(view, about, case.case_id, note)
        return list(facts)

    try:
        await parts.ledger.transact(_cause(actor), decide, needs=[about])
    except Rejection as no:
        raise Complaint(str(no)) from no
    return facts


def _cause(actor: str) -> Cause:
    command = new_id()
    return Cause(command_id=command, correlation_id=command, actor=actor)


def _said(case_id: str, facts: list[Fact]) -> str:
    if not facts:
        return f"{case_id} was settled already"
    back = [written(event.amount) for _, event in facts if isinstance(event, RefundRequested)]
    return f"{case_id} is settled" + "".join(f"; {amount} goes back" for amount in back)
