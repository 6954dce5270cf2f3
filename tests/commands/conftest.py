"""Comparisons that fail in the scenario's own methods say what differs."""

import pytest

from tests.providers import provider  # noqa: F401  # a fixture, found by its name here

pytest.register_assert_rewrite("tests.scenario", "tests.promises")
