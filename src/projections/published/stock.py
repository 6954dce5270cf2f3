"""Stock as analysts see it: as it is, as it was after every fact, and what was held for whom."""

from src.projections.published.view import View

STOCK = View(
    name="stock",
    comment="One row a SKU that ever moved: its units as they are now.",
    columns={
        "book": "The number of the shop's book.",
        "sku": "The product's own number.",
        "name": "What the product is called now; null if it was never listed.",
        "received": "Units that ever came in, net of counts that were corrected.",
        "sold": "Units that went into orders, without those that came back.",
        "on_hand": "Units that are there, held or not: received - sold.",
        "held": "Units on hand that are promised to open checkout sessions.",
        "available": "Units that can still be promised: on_hand - held.",
    },
    query="""
select stock.book, stock.sku, product.name, stock.received, stock.committed as sold,
    stock.received - stock.committed as on_hand, stock.reserved as held, stock.available
from models.stock as stock
left join models.products as product on product.book = stock.book and product.sku = stock.sku
""",
    models=("stock", "products"),
    order=("sku",),
)
STOCK_MOVEMENTS = View(
    name="stock_movements",
    comment=(
        "One row a fact about a SKU's units, with how they stood after it; the last row before"
        " a moment says how they stood at that moment. Columns that end in _so_far are sums"
        " since the SKU's first fact: between two rows, subtract them."
    ),
    columns={
        "book": "The number of the shop's book.",
        "sku": "The product's own number.",
        "position": "Of the fact in the book; the rows of a SKU are in its order.",
        "version": "The number of the fact among those of its SKU, from 1 on.",
        "moved_at": "When it was recorded, UTC; never before an earlier position.",
        "kind": (
            "received, adjusted (a count was corrected), reserved (promised to a checkout"
            " session), sold (the session became an order), released (it was given up),"
            " expired (it did not pay in time) or returned (its order was cancelled)."
        ),
        "quantity": "Units; below zero only where a corrected count found fewer.",
        "on_hand_change": "Units that came to those on hand, or went: below zero where sold.",
        "held_change": "Units that came to those held, or went.",
        "checkout_session_id": "For whom it was held; null where nothing was held.",
        "order_id": "Sold with this order, or back from it; null otherwise.",
        "reason": "Why it was released: failed, cancelled or superseded; null otherwise.",
        "received": "After it: units that ever came in, net of counts that were corrected.",
        "reserved": "After it: units promised to open checkout sessions.",
        "committed": "After it: units sold, without those that came back.",
        "available": "After it: units that can be promised, received - reserved - committed.",
        "on_hand": "After it: units that are there, held or not, received - committed.",
        "oldest_hold_at": "After it: when the oldest promise still kept was made, UTC; or null.",
        "received_so_far": "Sum of quantity of the received up to here.",
        "adjusted_so_far": "Sum of quantity of the adjusted up to here, may be below zero.",
        "sold_so_far": "Sum of quantity of the sold up to here, also of those that came back.",
        "returned_so_far": "Sum of quantity of the returned up to here.",
        "unit_seconds_so_far": (
            "Units on hand times the seconds they were there, up to moved_at; divide a"
            " difference by the seconds between, and it is the mean of units on hand."
        ),
    },
    query="""
select book, sku, position, version, moved_at, kind, quantity,
    case kind when 'received' then quantity when 'adjusted' then quantity
        when 'returned' then quantity when 'sold' then -quantity else 0 end as on_hand_change,
    case kind when 'reserved' then quantity when 'sold' then -quantity
        when 'released' then -quantity when 'expired' then -quantity else 0 end as held_change,
    checkout_session_id, order_id, reason,
    received + adjusted as received, reserved, sold - returned as committed,
    received + adjusted - reserved - sold + returned as available,
    received + adjusted - sold + returned as on_hand, oldest_hold_at,
    received as received_so_far, adjusted as adjusted_so_far,
    sold as sold_so_far, returned as returned_so_far,
    unit_micros * 0.000001 as unit_seconds_so_far
from models.stock_movements
""",
    models=("stock_movements",),
    order=("sku", "position"),
    born="position",
    time="moved_at",
)
RESERVATIONS = View(
    name="reservations",
    comment=(
        "One row a promise of some units of a SKU to a checkout session. A session that had"
        " ended and was paid after all may be promised the same SKU again, in a row of its own."
    ),
    columns={
        "book": "The number of the shop's book.",
        "sku": "The product's own number.",
        "position": "Of the fact in the book that made the promise.",
        "checkout_session_id": "Whom it was made to.",
        "quantity": "Units that were held; a promise ends once, and all of it.",
        "reserved_at": "When it was made, UTC.",
        "ended_at": "When it ended, UTC; null while it holds.",
        "ended_position": "Of the fact that ended it; null while it holds.",
        "ended_as": "committed (sold), released or expired; null while it holds.",
        "order_id": "The order it was sold with; null otherwise.",
        "held_seconds": "From reserved_at to ended_at; null while it holds.",
    },
    query="""
select book, sku, position, checkout_session_id, quantity, reserved_at, ended_at,
    ended_position, ended_as, order_id,
    extract(epoch from ended_at - reserved_at) as held_seconds
from models.reservations
""",
    models=("stock_movements",),
    order=("sku", "position"),
    born="position",
    time="reserved_at",
)
VIEWS: tuple[View, ...] = (STOCK, STOCK_MOVEMENTS, RESERVATIONS)
