"""What Razorpay is being asked about, since when, and what came of asking."""

from msgspec import Struct

from src.events.inquiry import InquiryKind, Outcome
from src.queries.reading import Reading


class OpenInquiries(Struct, frozen=True, kw_only=True):
    """What is being asked about, of one kind."""

    open: int
    oldest_seconds: float


class Inquiries(Struct, frozen=True, kw_only=True):
    """All that watchers want to know of it."""

    open: dict[InquiryKind, OpenInquiries]
    outcomes: dict[tuple[InquiryKind, Outcome], int]
    """How often was asked, since the schedule is kept."""


async def inquiries(db: Reading, book: int, counted_max: int) -> Inquiries:
    """Ask two small questions; counts end at counted_max."""
    rows = await db.fetch(_OPEN, book, counted_max, [kind.value for kind in InquiryKind])
    asked = await db.fetch(_OUTCOMES, book)
    return Inquiries(
        open={
            InquiryKind(row["kind"]): OpenInquiries(
                open=row["open"], oldest_seconds=float(row["oldest_seconds"])
            )
            for row in rows
        },
        outcomes={
            (InquiryKind(row["kind"]), Outcome(row["outcome"])): row["inquiries"] for row in asked
        },
    )


_OPEN = """
select wanted.kind, count(found.began_at) as open, greatest(0, coalesce(
    extract(epoch from clock_timestamp() - min(found.began_at)), 0)) as oldest_seconds
from unnest($3::text[]) as wanted(kind)
left join lateral (
    select began_at from edge.inquiries as asked
    where asked.book = $1 and asked.kind = wanted.kind order by began_at limit $2
) as found on true
group by wanted.kind
"""
_OUTCOMES = "select kind, outcome, inquiries from edge.inquiry_outcomes where book = $1"
