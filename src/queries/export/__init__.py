"""Rows for files: the book itself, or a view that analysts read, in pages of bounded size."""
