"""What a rule of the shop said: a row of the table for each of its reasons."""

from src.commands import rejections as rules
from src.http.reasons import Reason, login, rule

RULES: dict[type[Exception], Reason] = {
    rules.Unknown: rule(404, "not-found", "There is no such thing"),
    rules.PersonErased: Reason(
        404,
        "customer-erased",
        "The person was erased",
        "Nothing more is kept of this person. Register again, or buy with another cart.",
    ),
    rules.CartIsLocked: rule(
        409, "cart-locked", "The cart is being checked out", "checkout_session_id"
    ),
    rules.CartIsOrdered: rule(409, "cart-ordered", "The cart became an order", "order_id"),
    rules.CartIsMerged: rule(409, "cart-merged", "The cart went into another", "cart_id"),
    rules.CartIsEmpty: rule(422, "cart-empty", "The cart is empty"),
    rules.CartIsFull: rule(422, "cart-full", "The cart is full"),
    rules.OtherCurrency: rule(422, "other-currency", "The product has another currency"),
    rules.CouponNotApplicable: rule(
        422, "coupon-not-applicable", "The coupon cannot be used", "coupon", "reason"
    ),
    rules.ShippingNotAvailable: Reason(
        422,
        "shipping-not-available",
        "Nothing ships there",
        "No such shipping method carries this cart to that place.",
    ),
    rules.TotalChanged: rule(409, "total-changed", "The total has changed", "totals"),
    rules.InventoryUnavailable: rule(
        409, "inventory-unavailable", "There is not enough stock", "lines"
    ),
    rules.AmountBelowMinimum: rule(
        422, "amount-below-minimum", "The total is too small to be paid", "minimum"
    ),
    rules.NotPossibleNow: rule(
        409, "not-possible-now", "This is not possible in this state", "wish", "state"
    ),
    rules.SessionExpired: rule(
        410, "session-expired", "The checkout session has expired", "cart_id"
    ),
    rules.IntentExists: rule(
        409, "intent-exists", "There is a payment intent already", "checkout_session_id"
    ),
    rules.EmailTaken: rule(409, "email-taken", "This e-mail has an account"),
    rules.ProofNotGood: Reason(
        401, "invalid-claim", "This secret is wrong, used or too old", headers=login, speaks=True
    ),
    rules.LimitReached: rule(422, "limit-reached", "There are as many as there may be", "most"),
    rules.NothingToRefund: rule(409, "nothing-to-refund", "There is nothing to give back"),
    rules.RefundTooLarge: rule(409, "refund-too-large", "More was to go back than is left", "left"),
    rules.StockIsPromised: rule(
        409, "stock-is-promised", "The stock is promised", "available", "holds"
    ),
    rules.VersionMoved: rule(412, "version-moved", "The resource has changed", "version"),
}
