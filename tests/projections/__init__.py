"""Read models, on a real database."""
