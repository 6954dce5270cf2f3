"""The stories of the demo, each a customer's afternoon; `book.py` has them in order."""
