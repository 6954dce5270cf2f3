"""Comparisons that fail in the scenario's own methods say what differs."""

import pytest

pytest.register_assert_rewrite("tests.scenario", "tests.promises")
