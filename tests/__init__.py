"""The tests: every promise, by example, by property and by crash."""
