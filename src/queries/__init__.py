"""Questions: each reads a projection, or folds the past, and changes nothing."""
