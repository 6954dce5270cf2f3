"""Letters: their words, and the ways they leave by."""
