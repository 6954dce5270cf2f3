"""All scenarios in the order of the table."""

from src.cli.conformance.rows import (
    buying,
    callbacks,
    cancelling,
    disputes,
    late_money,
    manual,
    outages,
    provider_errors,
    refunds,
    signatures,
    traps,
    webhooks,
)

GROUPS = (
    buying.GROUP,
    callbacks.GROUP,
    webhooks.GROUP,
    signatures.GROUP,
    late_money.GROUP,
    refunds.GROUP,
    cancelling.GROUP,
    disputes.GROUP,
    provider_errors.CREATING,
    provider_errors.ASKING,
    provider_errors.REFUNDING,
    manual.GROUP,
    traps.GROUP,
    outages.GROUP,
)
