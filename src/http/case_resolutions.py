"""Resolving a case: decided on what its stream says, whoever asked and from which page."""

from msgspec import Struct
from msgspec.structs import replace

from src.commands.decisions.cases import resolve_case
from src.commands.decisions.refunds import refund_case
from src.commands.rejections import Unknown, VersionMoved
from src.commands.view import Fact, View
from src.commands.wish import Held
from src.events.identifiers import Stream
from src.http.preconditions import expected_of
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.cases import OPEN, RESOLVED
from src.queries.cases import CaseAnswer, find_case

VERSIONS = {OPEN: 1, RESOLVED: 2}
"""A case is opened and, once, resolved."""


class Resolution(Struct, frozen=True):
    """A case as it now stands, and where in the book that holds."""

    case: CaseAnswer
    held: Held


async def resolve(
    shop: Shop, request: ShopRequest, case_id: str, note: str, *, is_refunded: bool
) -> Resolution:
    """Close a case, and give its money back if that is wished for; again changes nothing."""
    case = await standing_case(shop, case_id)
    about, version, news = Stream(case.stream), VERSIONS[case.status], 0
    if await expected_of(shop, request, about) not in {None, version}:
        raise VersionMoved(version)
    rule = refund_case if is_refunded else resolve_case

    def decide(view: View) -> list[Fact]:
        nonlocal news
        facts = rule(view, about, case_id, note)
        news = len(facts)
        return facts

    held = await shop.ledger.transact(request.cause(), decide, needs=[about])
    if is_refunded and case.razorpay_order_id is not None:
        shop.carry_out_soon(case.razorpay_order_id)
    if not news:
        return Resolution(await standing_case(shop, case_id), held)
    now = replace(case, status=RESOLVED, resolved_at=held.recorded_at, note=note)
    return Resolution(now, held)


async def standing_case(shop: Shop, case_id: str) -> CaseAnswer:
    """Return a case as it stands in the book now, if the read model comes that far in time."""
    await shop.caught_up()
    case = await find_case(shop.reads, shop.book_id, case_id, now=shop.clock())
    if case is None:
        raise Unknown("case", case_id)
    return case
