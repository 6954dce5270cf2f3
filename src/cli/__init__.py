"""The command `khata`: one module for each thing an operator does."""
