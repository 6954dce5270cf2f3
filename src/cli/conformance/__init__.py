"""`khata conformance`: what Razorpay and its network can do to a shop, and what this one does then.

`row.py` says what a scenario is, `rows/` has all of them, `stage.py` is what they act
on, `running.py` runs them, `page.py` and `report.py` say how they went.
"""
