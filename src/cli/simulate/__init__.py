"""`khata simulate`: tells the sandbox of the running shop what customers, banks and networks do."""

from src.cli.simulate import bank_side, network, payments, plans, refunds, webhooks
from src.cli.simulate.calls import simulate

__all__ = ["bank_side", "network", "payments", "plans", "refunds", "simulate", "webhooks"]
