"""/admin/orders: every order of the shop."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from src.commands.rejections import Unknown
from src.events.order import OrderStatus
from src.http.answers import answer
from src.http.documents.order import FullOrder, full_order
from src.http.moments import in_utc, up_to
from src.http.order_changes import standing_order
from src.http.parameters import CursorInQuery, IdInPath, LimitInQuery, MomentInQuery, WordInQuery
from src.http.shop import Shop
from src.projections.order_document import OrderDocument
from src.queries.orders import list_orders
from src.queries.page import LIMIT_DEFAULT, Page
from src.queries.timeline import StaffMoment, staff_timeline


class Told(Struct, frozen=True):
    """What happened and who did it, oldest first."""

    items: list[StaffMoment]


class AdminOrderController(Controller):
    """Every order of the shop."""

    path = "/admin/orders"
    tags = ["Admin"]

    @get()
    async def list_orders(
        self,
        shop: NamedDependency[Shop],
        status: FromQuery[OrderStatus | None] = None,
        customer_id: WordInQuery = None,
        order_number: WordInQuery = None,
        placed_from: MomentInQuery = None,
        placed_to: MomentInQuery = None,
        limit: LimitInQuery = LIMIT_DEFAULT,
        cursor: CursorInQuery = None,
    ) -> Response[Page[OrderDocument]]:
        """List orders, newest first; from `placed_from` on, and before `placed_to`."""
        since, until = in_utc("placed_from", placed_from), in_utc("placed_to", placed_to)
        await shop.caught_up()
        page = await list_orders(
            shop.reads,
            shop.book_id,
            shop.cursors,
            buyers=None if customer_id is None else [customer_id],
            status=status,
            number=None if order_number is None else order_number.strip().upper(),
            placed_from=since,
            placed_to=until,
            cursor=cursor,
            limit=limit,
        )
        return answer(page)

    @get("/{order_id:str}")
    async def get_order(
        self, shop: NamedDependency[Shop], order_id: IdInPath, as_of: WordInQuery = None
    ) -> Response[FullOrder]:
        """Look at one order, as it stands or as it stood (`as_of` a position or a time).

        With the person's name and addresses, until those are erased. `refunded` is
        what went back or is on its way: a refund counts from its request on, unless
        nothing came of it. `refunds` says how far each is.
        """
        then = await standing_order(shop, order_id, up_to(as_of))
        return answer(await full_order(then, shop.people), version=then.version)

    @get("/{order_id:str}/timeline")
    async def get_timeline(self, shop: NamedDependency[Shop], order_id: IdInPath) -> Response[Told]:
        """Read what happened, in words, oldest first: "what happened to this payment?"."""
        told = await staff_timeline(shop.book, order_id)
        if told is None:
            raise Unknown("order", order_id)
        return answer(Told(told))
