"""A shop with a real account that cannot hear it: said once, where nobody overlooks it."""

import typer

from src.settings import Settings


def warn_without_webhook_secret(settings: Settings) -> None:
    """Say on standard error that money will be captured and the shop will not be told."""
    if not settings.razorpay.webhook_secrets:
        typer.echo(
            "khata: WARNING: RAZORPAY_WEBHOOK_SECRETS is not set: every webhook will be refused "
            "until it is the secret that the webhook has in Razorpay's dashboard.",
            err=True,
        )
