"""How authorized money becomes ours: by itself, or when somebody says so."""

from enum import StrEnum


class CaptureMode(StrEnum):
    """Who captures what a bank has authorized."""

    AUTOMATIC = "automatic"
    """The provider does, as soon as the bank has said yes."""
    MANUAL = "manual"
    """A person does; what nobody captures in time goes back to the customer."""
