"""The payment gateway, answered by Razorpay through its own SDK."""

from datetime import datetime
from functools import partial

from src.commands.gateway import (
    AccountPayment,
    AccountRefund,
    GatewayUnavailableError,
    PaymentReport,
    ProviderOrder,
    RefundReport,
)
from src.events.capture import CaptureMode
from src.events.money import Money
from src.http.razorpay.account_lists import AccountLists
from src.http.razorpay.answers import ComplaintError
from src.http.razorpay.captures import Captures
from src.http.razorpay.entities import (
    Listed,
    OrderEntity,
    PaymentEntity,
    moment,
    payment_report,
    provider_order,
)
from src.http.razorpay.line import Ask, Line, refuse_no_order_id
from src.http.razorpay.money_back import MoneyBack
from src.http.razorpay.pages import PAGE
from src.http.razorpay.provider_figures import ProviderFigures
from src.http.razorpay.receipts import (
    UNIQUE_RECEIPT,
    agreeing,
    furthest_then_oldest,
    refuse_impossible,
    wish,
)
from src.http.razorpay.sdk import open_sdk
from src.http.razorpay.session import RazorpaySession
from src.http.razorpay.settings import RazorpaySettings


class RazorpayGateway:
    """PaymentGateway over the SDK: every call has a deadline, and nothing is repeated by itself."""

    def __init__(
        self,
        settings: RazorpaySettings,
        page: int = PAGE,
        figures: ProviderFigures | None = None,
    ) -> None:
        self._settings = settings
        self._session = RazorpaySession(settings)
        self._line = Line(settings, figures)
        sdk = open_sdk(settings, self._session)
        self._orders = sdk.order
        self._captures = Captures(self._line, sdk.payment)
        self._money_back = MoneyBack(self._line, sdk.payment, page)
        self._account = AccountLists(self._line, sdk, page)
        self._unique_receipts = True

    @property
    def key_id(self) -> str:
        """The public half of the key, which checkout.js needs."""
        return self._settings.key_id

    @property
    def capture_mode(self) -> CaptureMode:
        """Who captures the payments of the orders that are created here."""
        return self._settings.capture

    async def create_order(self, receipt: str, due: Money) -> ProviderOrder:
        """Create the order with this receipt, or return the one that already has it."""
        refuse_impossible(receipt, due)
        async with self._line.deadline():
            return agreeing(await self._create(receipt, due), receipt, due)

    async def find_order(self, receipt: str) -> ProviderOrder | None:
        """Return the order with this receipt; of several, the furthest and then the oldest."""
        async with self._line.deadline():
            return await self._find(receipt)

    async def payments_of(self, razorpay_order_id: str) -> list[PaymentReport]:
        """Return every payment that was tried on an order."""
        refuse_no_order_id(razorpay_order_id)
        async with self._line.deadline():
            ask = partial(self._orders.payments, razorpay_order_id)
            payments = (await self._line.ask(ask, Listed[PaymentEntity])).items
        if any(payment.order_id != razorpay_order_id for payment in payments):
            raise GatewayUnavailableError("Razorpay answered about another order")
        return [payment_report(p, razorpay_order_id, moment(p.created_at)) for p in payments]

    async def capture(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money
    ) -> PaymentReport:
        """Take authorized money and return how the payment stands then; again changes nothing."""
        return await self._captures.capture(razorpay_order_id, razorpay_payment_id, amount)

    async def refund(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money, refund_id: str
    ) -> RefundReport:
        """Give captured money back, once for each refund id of ours."""
        return await self._money_back.refund(
            razorpay_order_id, razorpay_payment_id, amount, refund_id
        )

    async def refunds_of(
        self, razorpay_order_id: str, razorpay_payment_id: str
    ) -> list[RefundReport]:
        """Return every refund of a payment, whoever asked for it."""
        return await self._money_back.refunds_of(razorpay_order_id, razorpay_payment_id)

    async def payments_between(self, since: datetime, until: datetime) -> list[AccountPayment]:
        """Return the account's payments created from `since` until just before `until`."""
        return await self._account.payments_between(since, until)

    async def refunds_between(self, since: datetime, until: datetime) -> list[AccountRefund]:
        """Return the account's refunds created from `since` until just before `until`."""
        return await self._account.refunds_between(since, until)

    def close(self) -> None:
        """Give the connections back; calls under way end by their own timeouts."""
        self._line.close()
        self._session.close()

    async def _create(self, receipt: str, due: Money) -> ProviderOrder:
        unique = self._unique_receipts
        if not unique and (found := await self._find(receipt)):
            return found
        try:
            return await self._order(
                partial(self._orders.create, self._wish(receipt, due, unique=unique))
            )
        except ComplaintError as no:
            if unique and no.rejects_field(UNIQUE_RECEIPT):
                self._unique_receipts = False  # remembered until the next start
                return await self._create(receipt, due)
            return await self._existing(no, receipt)

    async def _existing(self, no: ComplaintError, receipt: str) -> ProviderOrder:
        """Return the order that is in the way of a new one, or raise the refusal itself."""
        if order_id := no.existing_order_id:
            return await self._order(partial(self._orders.fetch, order_id))
        if "receipt should be unique" in str(no) and (found := await self._find(receipt)):
            return found
        raise no

    def _wish(self, receipt: str, due: Money, *, unique: bool) -> dict[str, object]:
        return wish(receipt, due, unique=unique, mode=self._settings.capture)

    async def _find(self, receipt: str) -> ProviderOrder | None:
        question: dict[str, object] = {"receipt": receipt, "count": PAGE}
        found = await self._line.ask(partial(self._orders.all, question), Listed[OrderEntity])
        same = [order for order in found.items if order.receipt == receipt]
        return provider_order(min(same, key=furthest_then_oldest)) if same else None

    async def _order(self, ask: Ask) -> ProviderOrder:
        return provider_order(await self._line.ask(ask, OrderEntity))
