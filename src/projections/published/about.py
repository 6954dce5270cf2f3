"""The view that says how fresh all the others are."""

from collections.abc import Iterable, Mapping

from src.projections.published.view import View

NAME = "about"
_COLUMNS: Mapping[str, str] = {
    "book": "The number of the shop's book; an installation usually has one, 1.",
    "relation": "The name of a view in this schema.",
    "version": "Of the words: raised when a column is renamed, taken away, or means another thing.",
    "position": "Every fact of the book up to this position is counted in; a relation that is made"
    " of several read models may know a few more.",
    "true_at": "When the fact at that position was recorded, UTC; null before the first.",
    "time_zone": "Where the shop's days begin and end, by its name in the IANA list.",
}


def about(views: Iterable[View], versions: Mapping[str, int], words: int) -> View:
    """Describe these views, made from projections of these versions."""
    pairs = [(view.name, model, versions[model]) for view in views for model in view.models]
    values = ", ".join(f"('{name}', '{model}', {version})" for name, model, version in pairs)
    return View(
        name=NAME,
        comment="One row a view of this schema: how far into the book it has come.",
        columns=_COLUMNS,
        query=_QUERY.format(values=values, words=words),
        models=(),
    )


_QUERY = """
select stand.book, stand.relation, {words}::int as version, stand.position,
    (select recorded_at from khata.events as fact
     where fact.book = stand.book and fact.position = stand.position) as true_at,
    (select shop.time_zone from models.shop where shop.book = stand.book) as time_zone
from (
    select known.book, made.relation, min(known.position) as position
    from (values {values}) as made(relation, model, version)
    join models.checkpoints as known
        on known.projection = made.model and known.version = made.version
    group by known.book, made.relation
) as stand
"""
