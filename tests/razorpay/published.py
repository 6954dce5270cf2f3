"""Bodies that Razorpay published or delivered; payloads/SOURCES.md says where."""

from pathlib import Path

PAYLOADS = Path(__file__).parent / "payloads"


def published(name: str) -> bytes:
    """Return one body, byte for byte."""
    return (PAYLOADS / name).read_bytes()


def names(prefix: str) -> list[str]:
    """Return the names of the bodies that begin like this."""
    return sorted(path.name for path in PAYLOADS.glob(f"{prefix}*"))
