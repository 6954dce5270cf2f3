"""`khata sample`: a believable past for an empty book, written by the commands of production.

A simulated clock runs from `since` to `until`. Whoever lives in it (visitors,
staff, banks) is a generator that says how long it pauses. One of them moves at a
time, in the order of that clock, and draws from chance of its own: so the same
seed always makes the same facts in the same order.
"""
