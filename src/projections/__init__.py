"""Memory: read models kept from the book, each of which can be rebuilt from it."""
