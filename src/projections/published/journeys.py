"""Carts and checkout sessions: what people put in, how far they came, and how it ended."""

from src.projections.published.view import View

BOOK = "The number of the shop's book."

CHECKOUT_SESSIONS = View(
    name="checkout_sessions",
    comment="One row a checkout session: an attempt to pay for a cart, kept after its end."
    " What was reached stays reached: a session that ended and went on, because its money came"
    " late or was still being taken, says how it had ended beside how it stands.",
    columns={
        "book": BOOK,
        "checkout_session_id": "The checkout session, as the API calls it.",
        "cart_id": "The cart that is paid for.",
        "customer_id": "Who buys; null while a guest has not said who they are.",
        "guest": "Whether they buy without an account.",
        "currency": "ISO 4217, of all amounts of this row.",
        "subtotal_minor": "What the lines cost before discount and shipping, in minor units of"
        " `currency`.",
        "total_minor": "What is to be paid, in minor units of `currency`; null until shipping is"
        " chosen.",
        "coupon": "The code of the coupon that counts; null without one.",
        "lines": "How many products.",
        "units": "How many units of them together.",
        "state": "How it stands: CHECKOUT_STARTED, PAYMENT_PENDING, PAYMENT_CONFIRMED or"
        " ORDER_CREATED; CART_PENDING once it is over without an order.",
        "started_at": "When the prices were frozen and the stock was held, UTC.",
        "started_position": "The position of that fact in the book.",
        "payment_pending_at": "When the payment could be made for the first time, UTC; the moment"
        " of confirmation where nothing had to be paid, or where the money was there before;"
        " null if never.",
        "payment_pending_position": "The position of that fact; null if never.",
        "payment_confirmed_at": "When the money was captured, or nothing had to be paid, UTC; null"
        " if never.",
        "payment_confirmed_position": "The position of that fact; null if never.",
        "order_created_at": "When the session became an order, UTC; null if never.",
        "order_created_position": "The position of that fact; null if never.",
        "order_id": "The id of that order; null if there is none.",
        "ended_at": "When it ended without an order for the last time, UTC; null if never.",
        "ended_position": "The position of that fact; null if never.",
        "ended_as": "How it ended then: failed, cancelled, expired or superseded (another session"
        " of the goods was paid first); null if never.",
        "ended_reason": "Why: what the payment provider said of a failure, who cancelled, or the"
        " id of the session that was paid; null if nothing was said.",
        "late": "Whether it became an order after it had ended.",
        "revivals": "How often it was opened again after its end to take money that was promised.",
        "seconds_checkout_started": "How long it was in CHECKOUT_STARTED; null while it is.",
        "seconds_payment_pending": "How long it was in PAYMENT_PENDING, all the times together;"
        " null while it is, and if it never was.",
        "seconds_payment_confirmed": "How long it was in PAYMENT_CONFIRMED; null while it is, and"
        " if it never was.",
        "last_step_at": "When something happened to it last, UTC.",
        "last_step_position": "The position of that fact.",
    },
    query="""
select book, checkout_session_id, cart_id, customer_id, guest, currency,
    subtotal_minor, total_minor, coupon_code as coupon, lines, units, state,
    started_at, started_position,
    pending_at as payment_pending_at, pending_position as payment_pending_position,
    confirmed_at as payment_confirmed_at, confirmed_position as payment_confirmed_position,
    ordered_at as order_created_at, ordered_position as order_created_position, order_id,
    ended_at, ended_position, ended_as, ended_reason,
    (ended_at is not null and confirmed_at is not null) as late, revivals,
    case when state <> 'CHECKOUT_STARTED'
        then extract(epoch from started_for)::double precision end as seconds_checkout_started,
    case when pending_at is not null and state <> 'PAYMENT_PENDING'
        then extract(epoch from pending_for)::double precision end as seconds_payment_pending,
    extract(epoch from ordered_at - confirmed_at)::double precision as seconds_payment_confirmed,
    changed_at as last_step_at, changed_position as last_step_position
from models.checkout_sessions
""",
    models=("carts",),
    order=("checkout_session_id",),
    born="started_position",
    time="started_at",
)
CHECKOUT_STEPS = View(
    name="checkout_steps",
    comment="One row a step of a checkout session, in the order of `position`. The last step at or"
    " before a position says how the session stood then.",
    columns={
        "book": BOOK,
        "checkout_session_id": "The checkout session, as the API calls it.",
        "position": "The position of the fact in the book.",
        "at": "When, UTC.",
        "step": "started, payment_requested, payment_opened, payment_waived, payment_confirmed,"
        " order_created, hold_extended (promised money is being taken), hold_lapsed (it was not"
        " taken), revived (opened again to take it), failed, cancelled, expired or superseded.",
        "state": "How the session stood from then on: CHECKOUT_STARTED, PAYMENT_PENDING,"
        " PAYMENT_CONFIRMED or ORDER_CREATED; CART_PENDING once it was over without an order.",
        "reason": "Why it failed, was cancelled or the hold lapsed; the id of the session that was"
        " paid where it was superseded; null otherwise, and if nothing was said.",
        "seconds": "Since the step before; null for the first.",
    },
    query="""
select book, checkout_session_id, position, at, step, state, reason,
    extract(epoch from after)::double precision as seconds
from models.checkout_steps
""",
    models=("carts",),
    order=("checkout_session_id", "position"),
    born="position",
    time="at",
)
CARTS = View(
    name="carts",
    comment="One row a cart. A cart that went into another is over, and is no abandonment: what"
    " was in it lies in the other.",
    columns={
        "book": BOOK,
        "cart_id": "The cart, as the API calls it.",
        "customer_id": "Whose it is; null for a guest's.",
        "guest": "Whether it belongs to no account.",
        "currency": "ISO 4217.",
        "state": "CART_PENDING while it can be changed; CHECKOUT_STARTED, PAYMENT_PENDING or"
        " PAYMENT_CONFIRMED as its open session stands; ORDER_CREATED; or CART_MERGED once it"
        " went into another.",
        "items": "How many units of each product are in it, by SKU.",
        "lines": "How many products are in it.",
        "units": "How many units of them together.",
        "coupon": "The code of the coupon it is to be priced with; null without one.",
        "checkout_session_id": "The checkout session that is open, or that became the order; null"
        " without one.",
        "opened_at": "When it was opened, UTC.",
        "opened_position": "The position of that fact in the book.",
        "filled_at": "When something was put in for the first time, UTC; null if never.",
        "filled_position": "The position of that fact; null if never.",
        "taken_at": "When a guest's cart became an account's, UTC; null if never.",
        "taken_position": "The position of that fact; null if never.",
        "ordered_at": "When it became an order, UTC; null if never.",
        "ordered_position": "The position of that fact; null if never.",
        "order_id": "The id of that order; null if there is none.",
        "checkout_started_at": "When a checkout was begun for the first time, UTC; null if never.",
        "checkout_started_position": "The position of that fact; null if never.",
        "payment_pending_at": "When a payment could be made for the first time, UTC; null if"
        " never.",
        "payment_pending_position": "The position of that fact; null if never.",
        "payment_confirmed_at": "When the money was captured, or nothing had to be paid, UTC; null"
        " if never.",
        "payment_confirmed_position": "The position of that fact; null if never.",
        "order_created_at": "When the checkout was completed, UTC; null if never.",
        "order_created_position": "The position of that fact; null if never.",
        "seconds_to_checkout": "Whole seconds from `opened_at` to `checkout_started_at`; null if"
        " never.",
        "seconds_to_payment": "Whole seconds from there to `payment_pending_at`; null if never.",
        "seconds_to_confirmation": "Whole seconds from there to `payment_confirmed_at`; null if"
        " never.",
        "seconds_to_order": "Whole seconds from there to `order_created_at`; null if never.",
        "outcome": "How the checkout stands that something happened to last: ordered, open, failed"
        " or failed:… with what the payment provider said, cancelled, expired or superseded; null"
        " without a checkout.",
        "outcome_position": "The position of the last step of any of its checkouts; null without.",
        "outcome_minor": "The subtotal of that checkout, in minor units of `currency`; null"
        " without.",
        "merged_at": "When it went into another cart, UTC; null if never.",
        "merged_position": "The position of that fact; null if never.",
        "merged_into": "The id of the other cart; null if never.",
        "last_changed_at": "When something happened to it last, UTC.",
        "last_changed_position": "The position of that fact.",
    },
    query="""
select cart.book, cart.cart_id, cart.customer_id, cart.customer_id is null as guest,
    cart.currency,
    case when cart.ordered_at is not null then 'ORDER_CREATED'
        when cart.merged_at is not null then 'CART_MERGED'
        when cart.locked_by is null then 'CART_PENDING'
        else coalesce(session.state, 'CHECKOUT_STARTED') end as state,
    cart.quantities as items,
    (select count(*) from jsonb_object_keys(cart.quantities)) as lines,
    (select coalesce(sum(value::bigint), 0)::bigint from jsonb_each_text(cart.quantities))
        as units,
    cart.coupon_code as coupon, cart.locked_by as checkout_session_id,
    cart.opened_at, cart.opened_position,
    cart.filled_at, cart.filled_position, cart.taken_at, cart.taken_position,
    cart.ordered_at, cart.ordered_position, cart.order_id,
    cart.started_at as checkout_started_at, cart.started_position as checkout_started_position,
    cart.pending_at as payment_pending_at, cart.pending_position as payment_pending_position,
    cart.confirmed_at as payment_confirmed_at,
    cart.confirmed_position as payment_confirmed_position,
    cart.completed_at as order_created_at, cart.completed_position as order_created_position,
    cart.started_after as seconds_to_checkout, cart.pending_after as seconds_to_payment,
    cart.confirmed_after as seconds_to_confirmation, cart.completed_after as seconds_to_order,
    cart.outcome, cart.outcome_position, cart.outcome_minor,
    cart.merged_at, cart.merged_position, cart.merged_into,
    cart.changed_at as last_changed_at, cart.changed_position as last_changed_position
from models.carts as cart
left join models.checkout_sessions as session
    on session.book = cart.book and session.checkout_session_id = cart.locked_by
""",
    models=("carts",),
    order=("cart_id",),
    born="opened_position",
    time="opened_at",
)
VIEWS: tuple[View, ...] = (CHECKOUT_SESSIONS, CHECKOUT_STEPS, CARTS)
