"""What a person is told when no database answers: the variable, never the address in it."""

from collections.abc import Mapping

NAMES = ("DATABASE_URL", "KHATA_OWNER_DATABASE_URL", "KHATA_READ_DATABASE_URL")


def unanswered(error: BaseException, environ: Mapping[str, str]) -> str:
    """Name what leads to the database, why it is not reached, and what to do."""
    given = [name for name in NAMES if environ.get(name, "").strip()]
    where = " or ".join(given) or "the PostgreSQL in KHATA_HOME"
    reason = _first_cause(error)
    if isinstance(reason, OSError):
        said = f"{where}: nobody answers there ({type(reason).__name__})"
        return f"{said}; check that PostgreSQL runs."
    named = f"{reason}" if reason is error else type(reason).__name__
    return f"{where}: no connection ({named}); khata doctor looks closer."


def _first_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
