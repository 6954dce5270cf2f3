"""What `khata doctor` finds."""

from msgspec import Struct


class Finding(Struct, frozen=True):
    """What was looked at, and either how it is or what is wrong with it."""

    what: str
    says: str
    mend: str | None = None
    """What to do; None when all is well."""
