"""Every test here takes place in a shop of its own."""

from tests.projections.fixtures import shop

__all__ = ["shop"]
