"""Facts about customers and coupons: a guest who proves to be somebody, and a coupon's life."""

from src.events.coupon import (
    CouponCommitted,
    CouponDefined,
    CouponKind,
    CouponReleased,
    CouponReserved,
    CouponReturned,
    CouponTerms,
)
from src.events.customer import CustomerErased, CustomerRegistered, GuestIdentified
from src.events.identifiers import COUPON, CUSTOMER, MAILBOX, stream
from src.events.mailbox import AccountOpened, GuestsClaimed, GuestSeen
from tests.projections.facts import BOX, Fact

BOX_NAME = "box-of-the-people"
TEN = CouponTerms(kind=CouponKind.PERCENT, value=10, currency="INR")


def people() -> list[Fact]:
    """One guest who is claimed by an account, and one who is erased."""
    guest, account, gone = "guest-1", "account-1", "guest-2"
    box = stream(MAILBOX, BOX_NAME)
    registered = CustomerRegistered(
        customer_id=account, mailbox=BOX_NAME, profile=BOX, password=BOX
    )
    return [
        (stream(CUSTOMER, guest), _guest(guest)),
        (box, GuestSeen(customer_id=guest)),
        (stream(CUSTOMER, account), registered),
        (box, AccountOpened(customer_id=account)),
        (box, GuestsClaimed(customer_id=account, guests=(guest,))),
        (stream(CUSTOMER, gone), _guest(gone)),
        (stream(CUSTOMER, gone), CustomerErased(customer_id=gone)),
    ]


def _guest(name: str) -> GuestIdentified:
    return GuestIdentified(customer_id=name, mailbox=BOX_NAME, profile=BOX)


def coupon_lives(code: str = "TEN") -> list[Fact]:
    """One redemption used, one released and held again, one returned."""
    of = stream(COUPON, code)

    def held(session: str) -> Fact:
        return of, CouponReserved(code=code, checkout_session_id=session, redeemers=())

    def used(session: str) -> Fact:
        order = f"order of {session}"
        return of, CouponCommitted(code=code, checkout_session_id=session, order_id=order)

    released = CouponReleased(code=code, checkout_session_id="cs-2", reason="cancelled")
    returned = CouponReturned(code=code, order_id="order of cs-3", redeemers=())
    return [
        (of, CouponDefined(code=code, terms=TEN)),
        held("cs-1"),
        held("cs-2"),
        used("cs-1"),
        (of, released),
        held("cs-2"),
        held("cs-3"),
        used("cs-3"),
        (of, returned),
    ]
