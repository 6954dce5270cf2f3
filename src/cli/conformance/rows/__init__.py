"""All scenarios, one module a subject; `catalogue.py` has them in order."""
