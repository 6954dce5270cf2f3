"""/admin/coupons: what takes something off."""

from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.commands.decisions.catalogue import define_coupon
from src.commands.decisions.preconditions import at_version
from src.commands.view import Fact, View
from src.events.coupon import CouponKind, CouponTerms
from src.events.identifiers import COUPON, stream
from src.http.answers import answer, held_answer
from src.http.currencies import check_currency
from src.http.documents.coupon import CouponDocument, coupon_document
from src.http.fields import PERCENT_MAX, UNITS_MAX, Amount, Moment, MoneyField, Why
from src.http.moments import in_utc
from src.http.parameters import CodeInPath
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest

Uses = Annotated[int, Meta(ge=1, le=UNITS_MAX, examples=[1])]


class CouponTermsRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """A coupon's terms; `value` is percent, or minor units of a `fixed` one."""

    kind: CouponKind
    value: Amount = 0
    minimum_subtotal: MoneyField | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    limit_total: Uses | None = None
    limit_per_customer: Uses | None = None
    reason: Annotated[Why, Meta(examples=["The festival sale."])] | None = None


class AdminCouponController(Controller):
    """What takes something off."""

    path = "/admin/coupons"
    tags = ["Admin"]

    @get("/{code:str}")
    async def get_coupon(
        self, shop: NamedDependency[Shop], code: CodeInPath
    ) -> Response[CouponDocument]:
        """Look at a coupon's terms, and how often it is held and used."""
        document, version = await shop.ledger.look(lambda view: coupon_document(view, code))
        return answer(document, version=version)

    @put(
        "/{code:str}",
        responses={201: ResponseSpec(CouponDocument, description="The coupon is new.")},
    )
    async def define_coupon(
        self,
        shop: NamedDependency[Shop],
        request: ShopRequest,
        code: CodeInPath,
        data: JSONBody[CouponTermsRequest],
    ) -> Response[CouponDocument]:
        """Let a coupon count under these terms: 201 when it is new, else 200.

        Checkouts in progress keep the discount that they began with. With
        `If-Match`, 412 `version-moved` if the coupon was revised, held or used
        meanwhile.
        """
        terms, name = _terms(shop, data), stream(COUPON, code)
        new = False

        def decide(view: View) -> list[Fact]:
            nonlocal new
            new = view.coupon(code).terms is None
            return define_coupon(view, code, terms)

        checked = at_version(name, request.expected_version(), decide)
        cause = request.cause(reason=data.reason)
        held = await shop.ledger.transact(cause, checked, needs=[name])
        document, version = await shop.ledger.glance(lambda view: coupon_document(view, code))
        return held_answer(document, version, held, status=201 if new else 200)


def _terms(shop: Shop, data: CouponTermsRequest) -> CouponTerms:
    check_currency(shop, "minimum_subtotal", data.minimum_subtotal)
    least = data.minimum_subtotal
    starts_at, ends_at = in_utc("starts_at", data.starts_at), in_utc("ends_at", data.ends_at)
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise InvalidInput.of("ends_at", "must be after starts_at")
    return CouponTerms(
        kind=data.kind,
        value=_value(data),
        currency=shop.currency,
        minimum_subtotal=None if least is None else least.money(),
        starts_at=starts_at,
        ends_at=ends_at,
        limit_total=data.limit_total,
        limit_per_customer=data.limit_per_customer,
    )


def _value(data: CouponTermsRequest) -> int:
    match data.kind:
        case CouponKind.PERCENT if not 1 <= data.value <= PERCENT_MAX:
            raise InvalidInput.of("value", f"must be 1 to {PERCENT_MAX} percent")
        case CouponKind.FIXED if data.value < 1:
            raise InvalidInput.of("value", "must be at least 1 minor unit")
        case CouponKind.FREE_SHIPPING:
            return 0
        case _:
            return data.value
