"""The resources as clients read them, each a pure function of what the book says."""
