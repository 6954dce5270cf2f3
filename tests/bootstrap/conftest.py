"""A whole shop on real engines, for the parts that only the composition root joins."""

from tests.shop import shop  # noqa: F401  # a fixture, found by its name here
