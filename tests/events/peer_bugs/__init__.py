"""What went wrong in other event stores, one test each: it cannot go wrong here."""
