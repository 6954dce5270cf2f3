"""What a shop's numbers are, asked of the schema `read` alone: so an analyst can ask the same."""
