"""A whole shop on real engines, for the parts that only the composition root joins."""

from tests.shop import shop

__all__ = ["shop"]
