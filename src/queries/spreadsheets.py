"""What a spreadsheet would work out where it should only show it, in every CSV of ours."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with; the last four are the same in full width."""
APOSTROPHE = "'"
"""Before a text that begins so, it says that this is a text: OWASP's advice on CSV injection."""
