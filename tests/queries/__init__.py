"""Questions, on a real database."""
