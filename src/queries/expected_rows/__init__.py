"""What each row of a read model must be by the book: worked out without the projections' code."""
