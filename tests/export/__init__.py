"""Files of a shop, read back by whoever reads files."""
