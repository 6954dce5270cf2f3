"""Letters: their words, and the two ways in which they leave the shop."""
