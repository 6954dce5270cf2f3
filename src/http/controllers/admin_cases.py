"""/admin/cases: what waits for a person."""

from enum import StrEnum
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct
from msgspec.structs import replace

from src.commands.decisions.cases import resolve_case
from src.commands.decisions.refunds import refund_case
from src.commands.rejections import Unknown, VersionMoved
from src.commands.view import Fact, View
from src.events.case import CaseKind
from src.events.identifiers import Stream
from src.http.answers import answer, held_answer
from src.http.fields import Words
from src.http.parameters import CursorInQuery, IdInPath, LimitInQuery
from src.http.preconditions import expected_of
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.cases import OPEN, RESOLVED
from src.queries.cases import CaseAnswer, find_case, list_cases
from src.queries.page import LIMIT_DEFAULT, Page

VERSIONS = {OPEN: 1, RESOLVED: 2}
"""A case is opened and, once, resolved."""


class CaseStatus(StrEnum):
    """How far a case has come."""

    OPEN = OPEN
    RESOLVED = RESOLVED


class ResolveRequest(Struct, forbid_unknown_fields=True):
    """How it was settled, in words that name no person: they stay in the book for ever."""

    note: Annotated[Words, Meta(examples=["Sent back by hand, reference RF-118."])]
    refund: bool = False
    """Whether the money that the case is about goes back."""


class AdminCaseController(Controller):
    """What waits for a person."""

    path = "/admin/cases"
    tags = ["Admin"]

    @get()
    async def list_cases(
        self,
        shop: NamedDependency[Shop],
        status: FromQuery[CaseStatus | None] = None,
        kind: FromQuery[CaseKind | None] = None,
        limit: LimitInQuery = LIMIT_DEFAULT,
        cursor: CursorInQuery = None,
    ) -> Response[Page[CaseAnswer]]:
        """List cases, newest first; the age of an open one grows."""
        await shop.caught_up()
        page = await list_cases(
            shop.reads,
            shop.book_id,
            shop.cursors,
            now=shop.clock(),
            status=status,
            kind=kind,
            cursor=cursor,
            limit=limit,
        )
        return answer(page)

    @get("/{case_id:str}")
    async def get_case(
        self, shop: NamedDependency[Shop], case_id: IdInPath
    ) -> Response[CaseAnswer]:
        """Look at one case."""
        case = await _case(shop, case_id)
        return answer(case, version=VERSIONS[case.status])

    @post("/{case_id:str}/resolve", status_code=200)
    async def resolve_case(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        case_id: IdInPath,
        data: JSONBody[ResolveRequest],
    ) -> Response[CaseAnswer]:
        """Close a case, and with `refund` give its money back, as far as it is still here.

        Closing it again changes nothing: the first note stays, and no money moves.
        """
        case = await _case(shop, case_id)
        about, version, news = Stream(case.stream), VERSIONS[case.status], 0
        if await expected_of(shop, request, about) not in {None, version}:
            raise VersionMoved(version)
        rule = refund_case if data.refund else resolve_case

        def decide(view: View) -> list[Fact]:
            nonlocal news
            facts = rule(view, about, case_id, data.note)
            news = len(facts)
            return facts

        held = await shop.ledger.transact(request.cause(), decide, needs=[about])
        if data.refund and case.razorpay_order_id is not None:
            shop.carry_out_soon(case.razorpay_order_id)
        if news:
            case = replace(case, status=RESOLVED, resolved_at=held.recorded_at, note=data.note)
        else:
            case = await _case(shop, case_id)
        return held_answer(case, VERSIONS[case.status], held)


async def _case(shop: Shop, case_id: str) -> CaseAnswer:
    """Return a case as it stands in the book now, if the read model comes that far in time."""
    await shop.caught_up()
    case = await find_case(shop.reads, shop.book_id, case_id, now=shop.clock())
    if case is None:
        raise Unknown("case", case_id)
    return case
