"""Facts: what can happen, the states that follow, and the book that keeps them."""
