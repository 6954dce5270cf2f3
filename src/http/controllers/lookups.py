"""/orders/lookup: an order for whoever has its number, and reads the mail of its buyer."""

from typing import Annotated

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.events.identifiers import order_number_as_read
from src.events.letter import LetterKind
from src.http.fields import PRINTABLE_PATTERN, Email
from src.http.letter_requests import LetterRequestDocument, ask_for_letter
from src.http.shop import Shop
from src.http.shop_request import ShopRequest

ORDER_NUMBER_LENGTH_MAX = 32

GivenOrderNumber = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=ORDER_NUMBER_LENGTH_MAX,
        pattern=PRINTABLE_PATTERN,
        description="As it was read out or copied: letters of any size, with or without the line.",
        examples=["K7M2Q-4XD3N"],
    ),
]


class LookupRequest(Struct, forbid_unknown_fields=True):
    """Which order, and who bought it."""

    order_number: GivenOrderNumber
    email: Email


class LookupController(Controller):
    """Orders looked up by mail."""

    path = "/orders"
    tags = ["Orders"]

    @post("/lookup", status_code=202)
    async def look_up_order(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[LookupRequest]
    ) -> Response[LetterRequestDocument]:
        """Ask for a letter with a link to one order, sent to the e-mail that bought it.

        The answer is the same whether or not there is such an order. The link is good for 24
        hours; it carries the order's id, and a pass that is sent as `X-Session-Id`.
        """
        return await ask_for_letter(
            shop,
            request,
            door="lookup",
            kind=LetterKind.ORDER,
            email=data.email,
            about=order_number_as_read(data.order_number),
        )
