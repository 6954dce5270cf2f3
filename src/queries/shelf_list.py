"""The SKUs of a shop, page by page: which of them somebody wants to see."""

from msgspec import Struct

from src.queries.reading import Reading

SKUS_A_PAGE = 50


class SkuPage(Struct, frozen=True):
    """Some SKUs in their order, and the last of them if there are more."""

    skus: list[str]
    next_after: str | None


async def sku_page(
    db: Reading, book: int, *, after: str | None, like: str | None, limit: int = SKUS_A_PAGE
) -> SkuPage:
    """Return SKUs that ever moved, and have a text in their number or name."""
    rows = await db.fetch(_SKUS, book, after or "", like, limit + 1)
    skus = [row[0] for row in rows[:limit]]
    return SkuPage(skus, skus[-1] if len(rows) > limit else None)


# The text is looked for as it is: a percent sign is one.
_SKUS = """
select sku from read.stock
where book = $1 and sku > $2 collate "C"
    and ($3::text is null or strpos(lower(sku || ' ' || coalesce(name, '')), lower($3)) > 0)
order by sku limit $4
"""
