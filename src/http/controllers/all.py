"""Every controller of the shop's API, for the composition root."""

from src.http.controllers.addresses import AddressController
from src.http.controllers.admin_cases import AdminCaseController
from src.http.controllers.admin_coupons import AdminCouponController
from src.http.controllers.admin_order_changes import AdminOrderChangeController
from src.http.controllers.admin_orders import AdminOrderController
from src.http.controllers.admin_payments import AdminPaymentController
from src.http.controllers.admin_products import AdminProductController
from src.http.controllers.admin_shipping import AdminShippingController
from src.http.controllers.admin_stock import AdminStockController
from src.http.controllers.admin_webhooks import AdminWebhookController
from src.http.controllers.analytics_journeys import AnalyticsJourneyController
from src.http.controllers.analytics_payments import AnalyticsPaymentController
from src.http.controllers.analytics_sales import AnalyticsSalesController
from src.http.controllers.analytics_stock import AnalyticsStockController
from src.http.controllers.audit import AuditController
from src.http.controllers.audit_orders import AuditOrderController
from src.http.controllers.carts import CartController
from src.http.controllers.checkout import CheckoutController
from src.http.controllers.claims import ClaimController
from src.http.controllers.customers import CustomerController
from src.http.controllers.forgotten_passwords import ForgottenPasswordController
from src.http.controllers.health import HealthController
from src.http.controllers.logins import LoginController
from src.http.controllers.lookups import LookupController
from src.http.controllers.orders import OrderController
from src.http.controllers.own_cart import OwnCartController
from src.http.controllers.own_password import OwnPasswordController
from src.http.controllers.payments import PaymentController
from src.http.controllers.products import ProductController
from src.http.controllers.published_keys import PublishedKeysController
from src.http.controllers.shipping_methods import ShippingMethodController
from src.http.controllers.webhooks import WebhookController

CONTROLLERS = (
    ProductController,
    CartController,
    ShippingMethodController,
    CheckoutController,
    PaymentController,
    OrderController,
    LookupController,
    CustomerController,
    ClaimController,
    ForgottenPasswordController,
    LoginController,
    OwnPasswordController,
    AddressController,
    OwnCartController,
    WebhookController,
    AdminProductController,
    AdminStockController,
    AdminCouponController,
    AdminShippingController,
    AdminOrderController,
    AdminOrderChangeController,
    AdminPaymentController,
    AdminCaseController,
    AdminWebhookController,
    AnalyticsSalesController,
    AnalyticsJourneyController,
    AnalyticsStockController,
    AnalyticsPaymentController,
    AuditController,
    AuditOrderController,
    PublishedKeysController,
    HealthController,
)
