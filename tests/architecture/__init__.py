"""The shape of the code itself, held by tests."""
