"""The family of stock: two lines an order, each held and then sold, and a receipt a SKU."""

from src.queries.analytics.stock import stock_turnover
from src.queries.reading import Reading
from tests.bench.analytics_size import END, Family, Question, Size

_COLUMNS = """
insert into stock_movements_v1 (
    book, sku, position, version, moved_at, kind, quantity, checkout_session_id, order_id,
    received, adjusted, reserved, sold, returned, unit_micros, oldest_hold_at)
"""
_RECEIVED = "({orders} * 4::bigint / {skus})"
"""Of each SKU half is sold in the end."""
_RECEIPTS = f"""{_COLUMNS}
select {{book}}, 'SKU-' || n, n + 1, 1, {{begin}}, 'received', {_RECEIVED}, null, null,
    {_RECEIVED}, 0, 0, 0, 0, 0, null
from generate_series(0, {{skus}} - 1) as n
"""  # noqa: S608  # our own words
_MOVES = f"""{_COLUMNS}
select {{book}}, sku, position, 2 + sold_before * 2 + is_sold, at,
    case is_sold when 1 then 'sold' else 'reserved' end, 1, 'chk_' || n,
    case is_sold when 1 then 'ord_' || n end,
    {_RECEIVED}, 0, 1 - is_sold, sold_before + is_sold, 0,
    ({_RECEIVED} - sold_before / 2) * (extract(epoch from at - {{begin}}) * 1000000)::bigint,
    case is_sold when 0 then at end
from (
    select n, is_sold, 'SKU-' || (n * 7 + line * 13) % {{skus}} as sku,
        n * 2::bigint / {{skus}} as sold_before, {{at}} + is_sold * interval '1 s' as at,
        {{skus}} + {{position}} + line + is_sold * 10 as position
    from generate_series(1, {{orders}}) as n, generate_series(0, 1) as is_sold,
        generate_series(0, 1) as line
) as move
"""  # noqa: S608  # our own words
_STOCK = f"""
insert into stock_v1 (book, sku, received, reserved, committed, version)
select {{book}}, 'SKU-' || n, {_RECEIVED}, 0, {_RECEIVED} / 2, {_RECEIVED} + 1
from generate_series(0, {{skus}} - 1) as n
"""  # noqa: S608  # our own words


def _turnover(
    days: int, part: float | None = None, skus: tuple[str, ...] | None = None
) -> Question:
    async def ask(db: Reading, size: Size) -> object:
        return await stock_turnover(db, size.scope(days, size.position(part)), END, skus)

    return ask


FAMILY = Family(
    name="stock",
    fill=(_RECEIPTS, _MOVES, _STOCK),
    questions=(
        ("turnover, 90 days", _turnover(90)),
        ("turnover, 7 days", _turnover(7)),
        ("turnover, 90 days, one SKU", _turnover(90, skus=("SKU-1",))),
        ("turnover, 90 days, as of the end", _turnover(90, 1.0)),
        ("turnover, 90 days, as of half-way", _turnover(90, 0.5)),
    ),
)
