"""The checkout benchmark: buyers against a whole shop, counted where the order is in the book."""
