"""Every controller, for the composition root."""

from src.http.controllers.carts import CartController
from src.http.controllers.checkout import CheckoutController
from src.http.controllers.health import HealthController
from src.http.controllers.orders import OrderController
from src.http.controllers.payments import PaymentController
from src.http.controllers.webhooks import WebhookController

CONTROLLERS = (
    CartController,
    CheckoutController,
    OrderController,
    PaymentController,
    WebhookController,
    HealthController,
)
