"""/admin/shipping-methods: how parcels travel, and for how much."""

from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.commands.decisions.catalogue import define_shipping_method
from src.commands.decisions.preconditions import at_version
from src.commands.rejections import Unknown
from src.commands.view import Fact, View
from src.events.shipping import METHODS, ShippingMethodDefined, ShippingRate
from src.http.answers import answer, held_answer
from src.http.currencies import check_currency
from src.http.fields import (
    POSTAL_CODE_LENGTH_MAX,
    POSTAL_CODE_PATTERN,
    MoneyField,
    Name,
    WeightGrams,
    Why,
)
from src.http.parameters import CodeInPath
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.page import Page

RATES_MAX = 500

PostalPrefix = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=POSTAL_CODE_LENGTH_MAX,
        pattern=POSTAL_CODE_PATTERN,
        examples=["56"],
    ),
]


class RateRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """A price, and the parcels it is for; what is not said does not matter."""

    price: MoneyField
    postal_prefix: PostalPrefix | None = None
    min_weight_grams: WeightGrams | None = None
    max_weight_grams: WeightGrams | None = None
    free_above: MoneyField | None = None


class MethodRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """A method's name and its rates; the first rate that fits counts."""

    name: Annotated[Name, Meta(examples=["Standard"])]
    rates: Annotated[list[RateRequest], Meta(min_length=1, max_length=RATES_MAX)]
    reason: Annotated[Why, Meta(examples=["The carrier raised its rates."])] | None = None


class AdminShippingController(Controller):
    """How parcels travel; an entity tag's version is that of all methods together."""

    path = "/admin/shipping-methods"
    tags = ["Admin"]

    @get()
    async def list_methods(
        self, shop: NamedDependency[Shop]
    ) -> Response[Page[ShippingMethodDefined]]:
        """List all methods, which are never more than one page."""
        methods = await shop.ledger.look(View.shipping_methods)
        return answer(Page([methods[code] for code in sorted(methods)], None))

    @get("/{code:str}")
    async def get_method(
        self, shop: NamedDependency[Shop], code: CodeInPath
    ) -> Response[ShippingMethodDefined]:
        """Look at one method."""
        method, version = await shop.ledger.look(lambda view: _method(view, code))
        return answer(method, version=version)

    @put(
        "/{code:str}",
        responses={201: ResponseSpec(ShippingMethodDefined, description="The method is new.")},
    )
    async def define_method(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        code: CodeInPath,
        data: JSONBody[MethodRequest],
    ) -> Response[ShippingMethodDefined]:
        """Ship by this method at these rates: 201 when it is new, else 200.

        Checkouts whose shipping is frozen keep their price. With `If-Match`,
        412 `version-moved` if any method was defined meanwhile.
        """
        rates = tuple(_rate(shop, number, rate) for number, rate in enumerate(data.rates))
        method = ShippingMethodDefined(code=code, name=data.name, rates=rates)
        new = False

        def decide(view: View) -> list[Fact]:
            nonlocal new
            new = code not in view.shipping_methods()
            return define_shipping_method(view, method)

        checked = at_version(METHODS, request.expected_version(), decide)
        cause = request.cause(reason=data.reason)
        held = await shop.ledger.transact(cause, checked, needs=[METHODS])
        document, version = await shop.ledger.glance(lambda view: _method(view, code))
        return held_answer(document, version, held, status=201 if new else 200)


def _method(view: View, code: str) -> tuple[ShippingMethodDefined, int]:
    method = view.shipping_methods().get(code)
    if method is None:
        raise Unknown("shipping method", code)
    return method, view.version(METHODS)


def _rate(shop: Shop, number: int, data: RateRequest) -> ShippingRate:
    field = f"rates.{number}"
    check_currency(shop, f"{field}.price", data.price)
    check_currency(shop, f"{field}.free_above", data.free_above)
    least, most = data.min_weight_grams, data.max_weight_grams
    if least is not None and most is not None and most < least:
        raise InvalidInput.of(f"{field}.max_weight_grams", "must not be below min_weight_grams")
    return ShippingRate(
        price=data.price.money(),
        postal_prefix=data.postal_prefix,
        min_weight_grams=least,
        max_weight_grams=most,
        free_above=None if data.free_above is None else data.free_above.money(),
    )
