"""A book of any size in little time: the same purchases again and again, as the book writes them.

The rows go through `khata.write`, ten purchases an append, so positions, versions,
leaves and the chain are what they must be, and the triggers are in place. A purchase
has short streams of its own; the stock of its two products is long and shared.
"""

from collections import Counter
from collections.abc import Callable

from src.events.cart import CartItemSet, CartOpened
from src.events.codec import encode
from src.events.connection import Connection
from src.events.identifiers import CART, Stream, stream
from tests.projections.facts import Fact, bought, opening, sku

PRODUCTS = 100
PAIRS = PRODUCTS // 2
STORIES_PER_APPEND, STORIES_PER_CALL = 10, 400
EVENTS_PER_STORY = 25
PLACE = "@"
"""Stands in the template where the number of a purchase goes."""
Tell = Callable[[int], None]


def left_cart(number: int) -> tuple[str, str]:
    """Return the id of a cart that its owner left open, and what lies in it."""
    return f"cart_left_{number}", sku(number % PAIRS)


async def fill(db: Connection, events: int, tell: Tell = lambda _: None) -> int:
    """Write purchases until the book has at least so many events; return the last one's number."""
    await db.execute(_TABLES)
    await _template(db)
    told = await db.fetchval("select position from khata.books where book = 1")
    first: int = await db.fetchval(_NEXT)
    while told < events:
        last = first + min(STORIES_PER_CALL, -(-(events - told) // EVENTS_PER_STORY)) - 1
        told = await db.fetchval(_FILL, first, last)
        first = last + 1
        tell(told)
    await db.execute("vacuum analyze khata.events")
    return first - 1


async def buy(db: Connection) -> None:
    """Write one more purchase into a book that was filled."""
    await db.fetchval("select bench.fill(last + 1, last + 1) from bench.written")


async def _template(db: Connection) -> None:
    if await db.fetchval("select exists (select from bench.story)"):
        return
    for pair in range(-1, PAIRS):
        facts = opening(PRODUCTS) if pair < 0 else _story(pair)
        columns = zip(*_rows(facts), strict=True)
        await db.execute(_ADD, pair, *map(list, columns))
    await db.fetchval(_FILL, -1, -1)


def _story(pair: int) -> list[Fact]:
    """A purchase, and a cart that somebody left."""
    cart = stream(CART, f"cart_left_{PLACE}")
    return [
        *bought(PLACE, (pair, pair + PAIRS)),
        (cart, CartOpened(cart_id=f"cart_left_{PLACE}", customer_id=None, currency="INR")),
        (cart, CartItemSet(sku=sku(pair), quantity=1)),
    ]


def _rows(facts: list[Fact]) -> list[tuple[Stream, int, str, str]]:
    versions = Counter[str]()
    rows: list[tuple[Stream, int, str, str]] = []
    for name, fact in facts:
        versions[name] += 1
        kind, payload = type(fact).__name__, encode(fact).decode()
        rows.append((Stream(name), versions[name], kind, payload))
    return rows


_TABLES = """
create schema if not exists bench;
create table if not exists bench.story (
    pair int, n int, stream text, version int, type text, payload text, primary key (pair, n));
create table if not exists bench.written (last int);
create or replace function bench.fill(first int, last int) returns bigint
language plpgsql as $$
declare
    head khata.books;
    made record;
    written record;
begin
    select * into head from khata.books where book = 1 for update;
    for begun in first .. last by 10 loop
        head.recorded_at := greatest(head.recorded_at, clock_timestamp());
        select array_agg(replace(stream, '@', number::text) order by number, n) as streams,
               -- Every 50th purchase buys a product: it is promised, then sold.
               array_agg(case when pair >= 0 and stream like 'stock-%'
                              then 1 + 2 * (number / 50) + version else version end
                         order by number, n) as versions,
               array_agg(type order by number, n) as types,
               array_agg(1::smallint) as schema_versions,
               array_agg(gen_random_uuid()) as event_ids,
               array_agg(command order by number, n) as commands,
               array_agg(null::uuid) as causes,
               array_agg('khata:bench'::text) as actors,
               array_agg(replace(payload, '@', number::text)::json order by number, n) as payloads
            into made
            from (select number, gen_random_uuid() as command
                  from generate_series(begun, least(last, begun + 9)) as number
                  offset 0) as purchase
            join bench.story on pair = case when number < 0 then -1 else number % 50 end;
        written := khata.write(1, head.position, head.recorded_at, made.streams, made.versions,
            made.types, made.schema_versions, made.event_ids, made.commands, made.commands,
            made.causes, made.actors, made.payloads);
        head.chain := sha256(head.chain || written.root || int8send(head.position + 1)
            || int8send(head.position + cardinality(made.types)));
        insert into khata.appends (book, first_position, last_position, recorded_at, root, chain)
            values (1, head.position + 1, head.position + cardinality(made.types),
                    head.recorded_at, written.root, head.chain);
        head.position := head.position + cardinality(made.types);
    end loop;
    update khata.books set position = head.position, recorded_at = head.recorded_at,
        chain = head.chain where book = 1;
    delete from bench.written;
    insert into bench.written values (last);
    return head.position;
end $$;
"""
_ADD = """
insert into bench.story
select $1, n, s, v, t, p from unnest($2::text[], $3::int[], $4::text[], $5::text[])
    with ordinality as row(s, v, t, p, n)
"""
_NEXT = "select last + 1 from bench.written"
_FILL = "select bench.fill($1, $2)"
