"""Cases: what waits for a person, what is known of it, and how it was settled."""

from enum import StrEnum
from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from src.events.case import CaseKind
from src.events.identifiers import WEBHOOK, Stream, category_of, key_of
from src.http.case_resolutions import resolve, standing_case
from src.http.console.filters import PageInQuery, TextInQuery, address_of, one_of, text
from src.http.console.forms import form
from src.http.console.render import Console, go_to, show
from src.http.fields import Words
from src.http.parameters import IdInPath
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.cases import OPEN, RESOLVED
from src.queries.cases import CaseAnswer, list_cases
from src.queries.order_places import order_on
from src.queries.payments import PaymentAnswer, find_payment
from src.queries.timeline import StaffMoment, payment_timeline
from src.queries.webhooks import WebhookAnswer, list_webhooks

PATH = "/console/cases"
DONE = {"resolved": "The case is resolved. The note stays in the book."}
DoneInQuery = Annotated[str | None, QueryParameter(max_length=20)]


class CaseStatus(StrEnum):
    """How far a case has come."""

    OPEN = OPEN
    RESOLVED = RESOLVED


class Order(StrEnum):
    """Which case comes first."""

    OLDEST = "oldest"
    NEWEST = "newest"


class ResolveForm(Struct, forbid_unknown_fields=True):
    """How it was settled, in words that name no person, and whether the money goes back."""

    note: Words
    refund: Literal["yes"] | None = None


class Known(Struct, frozen=True, kw_only=True):
    """What the book knows about a case besides the case itself."""

    payment: PaymentAnswer | None
    order_id: str | None
    told: list[StaffMoment]
    webhooks: list[WebhookAnswer]
    webhook_id: str | None
    """The delivery that it was opened on, if it is about one."""


class CasesPage(Controller):
    """What waits for a person."""

    path = PATH

    @get()
    async def cases(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        status: TextInQuery = OPEN,
        kind: TextInQuery = None,
        order: TextInQuery = Order.OLDEST,
        cursor: PageInQuery = None,
    ) -> Response[None]:
        """List cases; unless said those that are open, the one that has waited longest first."""
        chosen = {"status": status, "kind": kind, "order": order}
        await shop.caught_up()
        page = await list_cases(
            shop.reads,
            shop.book_id,
            shop.cursors,
            now=shop.clock(),
            status=one_of("status", CaseStatus, status),
            kind=one_of("kind", CaseKind, kind),
            oldest_first=one_of("order", Order, order) is not Order.NEWEST,
            cursor=text(cursor),
        )
        return show(
            console,
            request,
            "cases.html",
            page=page,
            chosen=chosen,
            kinds=list(CaseKind),
            more=address_of(PATH, chosen),
        )

    @get("/{case_id:str}")
    async def case(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        case_id: IdInPath,
        done: DoneInQuery = None,
    ) -> Response[None]:
        """Show one case with what is known, and how to close it."""
        case = await standing_case(shop, case_id)
        known = await _known(shop, case)
        said = DONE.get(done or "")
        return show(console, request, "case.html", case=case, known=known, done=said)

    @post("/{case_id:str}/resolve")
    async def resolve(
        self, shop: NamedDependency[Shop], request: ShopRequest, case_id: IdInPath
    ) -> Response[None]:
        """Close a case, with a note."""
        said = form(request, ResolveForm)
        await resolve(shop, request, case_id, said.note, is_refunded=said.refund is not None)
        return go_to(f"{PATH}/{case_id}?done=resolved")


async def _known(shop: Shop, case: CaseAnswer) -> Known:
    about, on = Stream(case.stream), case.razorpay_order_id
    webhook_id = key_of(about) if category_of(about) == WEBHOOK else None
    if on is None:
        return Known(payment=None, order_id=None, told=[], webhooks=[], webhook_id=webhook_id)
    webhooks = await list_webhooks(shop.reads, shop.book_id, shop.cursors, razorpay_order_id=on)
    return Known(
        payment=await _payment(shop, case.razorpay_payment_id),
        order_id=await order_on(shop.reads, shop.book_id, on),
        told=await payment_timeline(shop.book, on) or [],
        webhooks=webhooks.items,
        webhook_id=webhook_id,
    )


async def _payment(shop: Shop, razorpay_payment_id: str | None) -> PaymentAnswer | None:
    if razorpay_payment_id is None:
        return None
    return await find_payment(shop.reads, shop.book_id, razorpay_payment_id)
