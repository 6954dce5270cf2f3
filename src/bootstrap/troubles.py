"""Troubles that are not about the work itself: it is tried again in the next round."""

from src.commands.wish import Busy
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError

WAITING = (DatabaseUnavailableError, OutcomeUnknownError, Busy)
