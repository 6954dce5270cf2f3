"""What an invented guest's attempt to buy leaves in the book, step by step, written by hand."""

from msgspec import Struct

from src.commands.decisions.intent import Buyer
from src.commands.view import Fact
from src.events import identifiers as ids
from src.events.capture import CaptureMode
from src.events.cart import CartCouponApplied, CartItemSet, CartLocked, CartOpened, CartUnlocked
from src.events.checkout import (
    CheckoutCancelled,
    CheckoutEnding,
    CheckoutExpired,
    CheckoutFailed,
    CheckoutStarted,
    PaymentIntentCreated,
    PaymentIntentRequested,
)
from src.events.coupon import (
    CouponRedeemerNamed,
    CouponReleased,
    CouponReserved,
)
from src.events.customer import GuestIdentified
from src.events.identifiers import stream
from src.events.mailbox import GuestSeen
from src.events.money import Money, spread
from src.events.payment import PaymentCaptured, PaymentOrderOpened
from src.events.pricing import AppliedCoupon, PricedLine, totals_of
from src.events.product import Product
from src.events.stock import (
    StockReleased,
    StockReservationExpired,
    StockReserved,
)
from tests.factories import BY_POST, CUP, EXPIRES_AT, TEA, inr, sealed


class PurchaseFacts(Struct, frozen=True, kw_only=True):
    """One attempt of an invented guest to buy, and the facts of its every step."""

    name: str = "one"
    cart: str = "one"
    """Two attempts of the same cart share it."""
    wants: tuple[tuple[Product, int], ...] = ((TEA, 2), (CUP, 1))
    coupon: str | None = None
    """Ten percent off."""
    email: str = "asha@example.in"

    @property
    def session(self) -> str:
        return f"chk_{self.name}"

    @property
    def cart_id(self) -> str:
        return f"cart_{self.cart}"

    @property
    def razorpay_order(self) -> str:
        return f"order_{self.name}"

    @property
    def payment_id(self) -> str:
        return f"pay_{self.name}"

    @property
    def checkout(self) -> ids.Stream:
        return stream(ids.CHECKOUT, self.session)

    @property
    def lines(self) -> tuple[PricedLine, ...]:
        totals = [product.price * quantity for product, quantity in self.wants]
        off = sum(each.amount for each in totals) // 10 if self.coupon else 0
        shares = spread(inr(off), totals)
        return tuple(
            PricedLine(
                sku=product.sku,
                name=product.name,
                quantity=quantity,
                unit_price=product.price,
                line_total=product.price * quantity,
                discount=share,
                weight_grams=product.weight_grams,
            )
            for (product, quantity), share in zip(self.wants, shares, strict=True)
        )

    @property
    def applied(self) -> AppliedCoupon | None:
        off = sum(line.discount.amount for line in self.lines)
        if self.coupon is None:
            return None
        return AppliedCoupon(code=self.coupon, free_shipping=False, discount=inr(off))

    @property
    def due(self) -> Money:
        return totals_of(self.lines, BY_POST, "INR").total

    @property
    def buyer(self) -> Buyer:
        return Buyer(
            customer_id=f"cus_{self.cart}",
            guest=True,
            mailbox=f"hash of {self.email}",
            contact=sealed(self.cart),
        )

    def filled(self) -> list[Fact]:
        """The cart, as the customer filled it."""
        name = stream(ids.CART, self.cart_id)
        opened = CartOpened(cart_id=self.cart_id, customer_id=None, currency="INR")
        facts: list[Fact] = [(name, opened)]
        facts += [(name, CartItemSet(sku=sku.sku, quantity=n)) for sku, n in self.wants]
        if self.coupon is not None:
            facts.append((name, CartCouponApplied(code=self.coupon)))
        return facts

    def begun(self) -> list[Fact]:
        """The checkout session, with everything that it holds."""
        started = CheckoutStarted(
            checkout_session_id=self.session,
            cart_id=self.cart_id,
            customer_id=None,
            currency="INR",
            lines=self.lines,
            coupon=self.applied,
            shipping=None,
            expires_at=EXPIRES_AT,
        )
        locked = CartLocked(checkout_session_id=self.session)
        facts: list[Fact] = [(self.checkout, started), (stream(ids.CART, self.cart_id), locked)]
        for product, n in self.wants:
            held = StockReserved(sku=product.sku, checkout_session_id=self.session, quantity=n)
            facts.append((stream(ids.STOCK, product.sku), held))
        if self.coupon is not None:
            taken = CouponReserved(code=self.coupon, checkout_session_id=self.session, redeemers=())
            facts.append((stream(ids.COUPON, self.coupon), taken))
        return facts

    def asked(self, *, again: bool = False) -> list[Fact]:
        """The wish for a Razorpay order; `again` when the guest is known from before."""
        buyer = self.buyer
        facts: list[Fact] = [(self.checkout, self.intent)]
        if not again:
            guest = GuestIdentified(
                customer_id=buyer.customer_id, mailbox=buyer.mailbox, profile=buyer.contact
            )
            seen = GuestSeen(customer_id=buyer.customer_id)
            facts.append((stream(ids.CUSTOMER, buyer.customer_id), guest))
            facts.append((stream(ids.MAILBOX, buyer.mailbox), seen))
        if self.coupon is not None:
            known = CouponRedeemerNamed(
                code=self.coupon,
                checkout_session_id=self.session,
                redeemers=(f"mailbox:{buyer.mailbox}",),
            )
            facts.append((stream(ids.COUPON, self.coupon), known))
        return facts

    @property
    def intent(self) -> PaymentIntentRequested:
        return PaymentIntentRequested(
            customer_id=self.buyer.customer_id,
            guest=True,
            mailbox=self.buyer.mailbox,
            contact=self.buyer.contact,
            shipping_address=sealed("address"),
            billing_address=None,
            shipping=BY_POST,
            totals=totals_of(self.lines, BY_POST, "INR"),
            wish="wish",
        )

    def answered(self) -> list[Fact]:
        """Razorpay's order."""
        return [
            self.opened(),
            (
                self.checkout,
                PaymentIntentCreated(razorpay_order_id=self.razorpay_order, due=self.due),
            ),
        ]

    def opened(self, razorpay_order: str = "") -> Fact:
        """A Razorpay order of this session becomes known to be ours."""
        name = razorpay_order or self.razorpay_order
        opened = PaymentOrderOpened(
            razorpay_order_id=name,
            checkout_session_id=self.session,
            cart_id=self.cart_id,
            due=self.due,
            capture=CaptureMode.AUTOMATIC,
        )
        return stream(ids.PAYMENT, name), opened

    def pending(self) -> list[Fact]:
        """Everything up to PAYMENT_PENDING."""
        return [*self.filled(), *self.begun(), *self.asked(), *self.answered()]

    def ended(self, ending: CheckoutEnding, why: str) -> list[Fact]:
        """An end without an order."""
        facts: list[Fact] = [(self.checkout, ending)]
        for product, n in self.wants:
            kind = {"sku": product.sku, "checkout_session_id": self.session}
            gone = (
                StockReservationExpired(**kind, quantity=n)
                if why == "expired"
                else StockReleased(**kind, quantity=n, reason=why)
            )
            facts.append((stream(ids.STOCK, product.sku), gone))
        if self.coupon is not None:
            free = CouponReleased(code=self.coupon, checkout_session_id=self.session, reason=why)
            facts.append((stream(ids.COUPON, self.coupon), free))
        unlocked = CartUnlocked(checkout_session_id=self.session, reason=why)
        return [*facts, (stream(ids.CART, self.cart_id), unlocked)]

    def cancelled(self) -> list[Fact]:
        return self.ended(CheckoutCancelled(reason="changed my mind"), "cancelled")

    def expired(self) -> list[Fact]:
        return self.ended(CheckoutExpired(expires_at=EXPIRES_AT), "expired")

    def failed(self) -> list[Fact]:
        failure = CheckoutFailed(razorpay_payment_id=self.payment_id, reason="bank_declined")
        return self.ended(failure, "failed")

    def captured(self, payment_id: str = "", amount: Money | None = None) -> Fact:
        """The news that money came."""
        news = PaymentCaptured(
            razorpay_payment_id=payment_id or self.payment_id,
            amount=amount or self.due,
            method="upi",
        )
        return stream(ids.PAYMENT, self.razorpay_order), news
