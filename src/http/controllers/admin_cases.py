"""/admin/cases: what waits for a person."""

from enum import StrEnum
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct

from src.events.case import CaseKind
from src.http.answers import answer, held_answer
from src.http.case_resolutions import VERSIONS, resolve, standing_case
from src.http.fields import Words
from src.http.parameters import CursorInQuery, IdInPath, LimitInQuery
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.cases import OPEN, RESOLVED
from src.queries.cases import CaseAnswer, list_cases
from src.queries.page import LIMIT_DEFAULT, Page


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
        case = await standing_case(shop, case_id)
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
        done = await resolve(shop, request, case_id, data.note, is_refunded=data.refund)
        return held_answer(done.case, VERSIONS[done.case.status], done.held)
