"""Open checkouts: one row a session that waits for something, and none for any other."""

from src.events.checkout import AwaitingPayment, IntentRequested, Started, public_state
from src.events.identifiers import CHECKOUT
from src.queries.expected_rows.table import NONE, Rows, Stood, Table, one


def _expected(stood: Stood) -> Rows:
    session = stood.state
    if not isinstance(session, Started | IntentRequested | AwaitingPayment):
        return NONE
    securing = session.securing if isinstance(session, AwaitingPayment) else None
    basis = session.basis
    return one(basis.cart_id, basis.expires_at, public_state(session).value, securing)


TABLE = Table(
    model="open_checkouts",
    name="open_checkouts",
    categories=(CHECKOUT,),
    key="checkout_session_id",
    columns=("cart_id", "expires_at", "state", "securing"),
    expected=_expected,
)
