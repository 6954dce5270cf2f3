"""What the controllers work with; the composition root puts it together once."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from src.commands.payment_intents import PaymentIntents
from src.commands.people import People
from src.commands.provider_news import ProviderNews
from src.commands.rejections import Unknown
from src.commands.transact import Ledger
from src.commands.view import View
from src.commands.webhook_inbox import Settled, WebhookInbox
from src.commands.wish import Held
from src.events.cart import CartContents, NoCart
from src.events.checkpoint_notes import NoteKey
from src.events.envelope import Cause
from src.events.letterbox import Letterbox
from src.events.outbox_publisher import Standing
from src.events.ports import Book
from src.http.auth import Caller, CustomerCaller, StaffCaller, holds_secret
from src.http.doors import Doors
from src.http.families import FamilyStore
from src.http.passwords import Passwords
from src.http.snapshots import SnapshotKeeper
from src.http.stopping import Stopping
from src.http.tokens import Tokens
from src.projections.lag import Lag
from src.queries.live import SessionFeeds
from src.queries.live_book import BookFeed
from src.queries.page import Cursors
from src.queries.reading import Reading


class Shop(Struct, frozen=True, kw_only=True):
    """Everything that the handlers of one process share."""

    ledger: Ledger
    book: Book
    book_id: int
    people: People
    intents: PaymentIntents
    news: ProviderNews
    inbox: WebhookInbox
    settle_soon: Callable[[str, bytes | None], None]
    """Settle a stored delivery after its sender has its answer."""
    settle: Callable[[str], Awaitable[Settled]]
    """Settle a stored delivery now, and show what came of it; safe to repeat."""
    take_promised: Callable[[str], Awaitable[Held | None]]
    """Take what a bank has promised for a Razorpay order, if the book wants it, while somebody
    waits; None when there was nothing to take, or no answer."""
    carry_out_soon: Callable[[str], None]
    """Ask Razorpay for what the book wants of one of its orders, without anybody waiting."""
    erase: Callable[[Cause, str, int | None], Awaitable[Held]]
    """Erase an account, at the version that is expected of it; safe to repeat."""
    snapshots: SnapshotKeeper
    feed: SessionFeeds
    book_feed: BookFeed
    reads: Reading
    analytics: Reading
    """For questions of analysts alone: few connections, perhaps to a replica."""
    time_zone: str
    """Where the shop's days begin and end."""
    reached: Callable[[int], Awaitable[None]]
    """Wait until the read models have a position; raises ReadModelBehind."""
    caught_up: Callable[[], Awaitable[None]]
    """Wait, for a moment, until the read models have what the book has now."""
    stopping: Stopping
    lag: Callable[[], Awaitable[list[Lag]]]
    """How far each read model is behind."""
    redis_state: Callable[[], Awaitable[str]]
    """`up` or `down`, asked now."""
    outbox: Callable[[], Awaitable[Standing | None]]
    """How far the outbox is; None while Redis is away, and where there is no outbox."""
    lost_keys: Callable[[], Sequence[str]]
    """Variables of keys that were there when this process began, and are not any more."""
    owns_the_book: Callable[[], Awaitable[bool]]
    """Whether the application's role could rewrite the book, which it should not."""
    notary_key: Callable[[], NoteKey | None]
    """The key that checkpoints are judged by; None where no notary was ever at work."""
    cursors: Cursors
    tokens: Tokens
    families: FamilyStore
    passwords: Passwords
    doors: Doors
    letterbox: Letterbox
    guest_key: bytes
    currency: str
    checkout_ttl: timedelta
    key_id: str
    key_secrets: tuple[str, ...]
    """What checkout.js may have signed with, the current secret first."""
    webhook_secrets: tuple[str, ...]
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]

    def owns(self, caller: Caller, cart_id: str, contents: CartContents) -> bool:
        """Whether a cart is the caller's, by account or by secret."""
        match caller:
            case StaffCaller():
                return False
            case CustomerCaller(customer_id) if customer_id == contents.customer_id:
                return True
            case _:
                return contents.customer_id is None and holds_secret(
                    caller, cart_id, self.guest_key, self.clock()
                )

    def check_cart(self, view: View, caller: Caller, cart_id: str) -> CartContents:
        """Return the contents of the caller's cart; another's does not exist."""
        cart = view.cart(cart_id)
        if isinstance(cart, NoCart) or not self.owns(caller, cart_id, cart.contents):
            raise Unknown("cart", cart_id)
        return cart.contents
