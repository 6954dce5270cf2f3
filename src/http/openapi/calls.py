"""Who may make each call, and what it can refuse: what no handler's signature tells.

What every call can refuse is not repeated here; `refusals` adds it.
"""

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from src.commands import rejections as rules
from src.commands.gateway import GatewayError, GatewayRefusedError
from src.commands.payment_intents import ProviderUnavailable
from src.http import refusals as edge
from src.queries.analytics import scope
from src.queries.live import TooManyWatchers
from src.queries.read_pool import QuestionTooLong

Refusals = tuple[type[Exception], ...]


class Who(Enum):
    """Whom a call is for; below a closed area it is staff, whatever stands here."""

    ANYBODY = "anybody"
    BUYER = "a customer, or nobody in particular"
    SHOPPER = "the customer, or the guest who holds the cart's secret"
    CUSTOMER = "the customer alone"
    RAZORPAY = "Razorpay"


class Call(Struct, frozen=True, kw_only=True):
    """What is true of one call."""

    who: Who = Who.ANYBODY
    refuses: Refusals = ()
    tagged: bool = False
    """The answer has an ETag."""
    guarded: bool = False
    """If-Match is honoured."""


_CLOSED: Refusals = (rules.CartIsOrdered, rules.CartIsMerged)
_LOCKED: Refusals = (rules.Unknown, rules.CartIsLocked, *_CLOSED)
_STARTING: Refusals = (
    rules.Unknown,
    *_CLOSED,
    rules.CartIsEmpty,
    rules.OtherCurrency,
    rules.CouponNotApplicable,
    rules.ShippingNotAvailable,
    rules.TotalChanged,
    rules.InventoryUnavailable,
    rules.AmountBelowMinimum,
)
ANALYSING: Refusals = (
    scope.ScopeRefused,
    scope.UnknownTimeZone,
    scope.RangeTooLong,
    scope.TooManyGroups,
    edge.ReadModelBehind,
    QuestionTooLong,
)
"""What every question of an analyst can be refused for."""
_INTENDING: Refusals = (
    rules.PersonErased,
    rules.SessionExpired,
    rules.NotPossibleNow,
    rules.IntentExists,
    ProviderUnavailable,
    GatewayError,
    GatewayRefusedError,
)


def _cart(*more: type[Exception]) -> Call:
    return Call(who=Who.SHOPPER, refuses=(*_LOCKED, *more), tagged=True, guarded=True)


def _shopper(*refuses: type[Exception], tagged: bool = True, guarded: bool = False) -> Call:
    return Call(who=Who.SHOPPER, refuses=(rules.Unknown, *refuses), tagged=tagged, guarded=guarded)


def _customer(*more: type[Exception], guarded: bool = False, tagged: bool = True) -> Call:
    refuses = (rules.Unknown, rules.PersonErased, *more)
    return Call(who=Who.CUSTOMER, refuses=refuses, tagged=tagged, guarded=guarded)


_SHOWN = Call(refuses=(rules.Unknown,), tagged=True)
_DEFINED = Call(tagged=True, guarded=True)
_CHANGED = Call(refuses=(rules.Unknown, rules.NotPossibleNow), tagged=True, guarded=True)
_REFUNDING: Refusals = (rules.NothingToRefund, rules.RefundTooLarge, rules.AmountBelowMinimum)

_LETTER = Call(refuses=(edge.TooManyRequests,))
_PROVING: Refusals = (rules.ProofNotGood, edge.TooManyRequests)

CALLS: Mapping[str, Call] = {
    "get_product": _SHOWN,
    "open_cart": Call(who=Who.BUYER, refuses=(rules.PersonErased,), tagged=True, guarded=True),
    "get_cart": _shopper(),
    "set_item": _cart(rules.OtherCurrency, rules.CartIsFull),
    "remove_item": _cart(),
    "apply_coupon": _cart(rules.CouponNotApplicable, rules.OtherCurrency),
    "remove_coupon": _cart(),
    "list_choices": _shopper(tagged=False),
    "start_checkout": Call(
        who=Who.SHOPPER,
        refuses=_STARTING,
        tagged=True,
        guarded=True,
    ),
    "get_checkout": _shopper(rules.SessionExpired),
    "cancel_checkout": _shopper(rules.NotPossibleNow, rules.SessionExpired, guarded=True),
    "watch_checkout": _shopper(TooManyWatchers, tagged=False),
    "verify_payment": _shopper(edge.InvalidSignature, rules.SessionExpired),
    "create_payment_intent": Call(
        who=Who.SHOPPER,
        refuses=(*_STARTING, *_INTENDING),
        tagged=True,
        guarded=True,
    ),
    "list_own_orders": Call(who=Who.CUSTOMER),
    "get_order": _shopper(),
    "cancel_order": Call(
        who=Who.SHOPPER, refuses=(rules.Unknown, rules.NotPossibleNow), tagged=True, guarded=True
    ),
    "get_timeline": _shopper(tagged=False),
    "register": Call(
        refuses=(rules.EmailTaken, rules.PersonErased, edge.TooManyRequests),
        tagged=True,
        guarded=True,
    ),
    "look_up_order": _LETTER,
    "request_claim": _LETTER,
    "claim": Call(refuses=(*_PROVING, rules.PersonErased, edge.ReadModelBehind), tagged=True),
    "forgotten_password": _LETTER,
    "reset_password": Call(refuses=_PROVING),
    "log_in": Call(refuses=(edge.InvalidCredentials, edge.TooManyRequests)),
    "log_out_everywhere": Call(who=Who.CUSTOMER),
    "get_me": _customer(),
    "revise_me": _customer(guarded=True),
    "erase_me": _customer(guarded=True, tagged=False),
    "change_password": _customer(
        edge.InvalidCredentials, edge.TooManyRequests, guarded=True, tagged=False
    ),
    "list_addresses": _customer(tagged=False),
    "keep_address": _customer(rules.LimitReached, guarded=True),
    "get_address": _customer(),
    "change_address": _customer(guarded=True),
    "drop_address": _customer(guarded=True, tagged=False),
    "get_own_cart": _customer(),
    "bring_cart": _customer(rules.CartIsLocked, rules.CartIsOrdered, guarded=True),
    "list_public_keys": Call(tagged=True),
    "receive_razorpay": Call(who=Who.RAZORPAY, refuses=(edge.InvalidSignature,)),
    "admin_list_product": _DEFINED,
    "admin_get_stock": _SHOWN,
    "admin_receive_stock": Call(refuses=(rules.Unknown,), tagged=True, guarded=True),
    "admin_adjust_stock": Call(
        refuses=(rules.Unknown, rules.StockIsPromised), tagged=True, guarded=True
    ),
    "admin_get_coupon": _SHOWN,
    "admin_define_coupon": _DEFINED,
    "admin_get_method": _SHOWN,
    "admin_define_method": _DEFINED,
    "admin_get_order": _SHOWN,
    "admin_cancel_order": _CHANGED,
    "admin_fulfil_order": _CHANGED,
    "admin_refund_order": Call(refuses=(rules.Unknown, *_REFUNDING), guarded=True),
    "admin_list_order_refunds": Call(refuses=(rules.Unknown,)),
    "admin_get_timeline": Call(refuses=(rules.Unknown,)),
    "admin_get_payment": _SHOWN,
    "admin_get_payment_timeline": Call(refuses=(rules.Unknown,)),
    "admin_get_case": _SHOWN,
    "admin_resolve_case": Call(
        refuses=(rules.Unknown, rules.NothingToRefund, rules.AmountBelowMinimum),
        tagged=True,
        guarded=True,
    ),
    "admin_get_webhook": _SHOWN,
    "admin_replay_webhook": Call(refuses=(rules.Unknown,), tagged=True, guarded=True),
    "analytics_get_sales": Call(refuses=ANALYSING),
    "analytics_get_funnel": Call(refuses=ANALYSING),
    "analytics_get_abandonment": Call(refuses=ANALYSING),
    "analytics_get_stock": Call(refuses=ANALYSING),
    "analytics_get_payment_success": Call(refuses=ANALYSING),
    "analytics_get_late_money": Call(refuses=ANALYSING),
    "audit_get_checkpoint": Call(refuses=(rules.Unknown, edge.BookAltered)),
    "audit_get_consistency": Call(refuses=(rules.Unknown, edge.BookAltered)),
    "audit_get_proof": Call(refuses=(rules.Unknown, edge.BookAltered)),
    "audit_get_stream": Call(refuses=(rules.Unknown,)),
    "audit_get_why": Call(refuses=(rules.Unknown, edge.BookAltered)),
}
"""By operation id. A call that is not here is for anybody, and refuses what every call can."""
