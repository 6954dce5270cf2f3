"""Building read models again beside those that serve, and putting them in their place.

A copy is built in the schema `models_next` from the first fact on, with the code
that runs now; compared with what serves, row by row at the same position; and
swapped in within one transaction. What it replaced is kept in `models_old`. The
book is only read.
"""
