"""The composition root at work: what its loops do when one thing among many is wrong."""
