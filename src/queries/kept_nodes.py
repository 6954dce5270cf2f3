"""The kept roots of whole subtrees beside those that the leaves give."""

from collections.abc import Sequence

from src.events.findings import Finding, Kind, finding
from src.events.hashed_page import Asking
from src.events.merkle import KEPT_EVERY, Kept

NODES_PER_PAGE = 1_000


async def wrong_nodes(db: Asking, book: int, nodes: Sequence[Kept]) -> list[Finding]:
    """Find the subtrees whose kept root is missing or another."""
    found: list[Finding] = []
    for begin in range(0, len(nodes), NODES_PER_PAGE):
        page = nodes[begin : begin + NODES_PER_PAGE]
        levels, places = [each.level for each in page], [each.place for each in page]
        rows = await db.fetch(_NODES, book, levels, places)
        stored = {(row[0], row[1]): row[2] for row in rows}
        found += [_wrong(n) for n in page if stored.get((n.level, n.place)) != n.hash]
    return found


def _wrong(node: Kept) -> Finding:
    first, length = node.place << KEPT_EVERY * node.level, 1 << KEPT_EVERY * node.level
    words = "the kept root over these events is missing, or another"
    return finding(Kind.SUBTREE, first + 1, words, first + length)


_NODES = """
select level, place, hash from khata.tree_nodes
where book = $1 and (level, place) in (select * from unnest($2::smallint[], $3::bigint[]))
"""
