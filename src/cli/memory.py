"""How often a process looks for garbage: for servers that make little of it and answer many."""

import gc

OBJECTS_BETWEEN_LOOKS = 50_000
"""Python's own 700 comes with every other request; what forms no cycle is freed at once anyway."""
YOUNG_LOOKS_PER_MIDDLE, MIDDLE_LOOKS_PER_FULL = 10, 10


def settle_down() -> None:
    """Call it once everything is made: what is there now stays, and is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, YOUNG_LOOKS_PER_MIDDLE, MIDDLE_LOOKS_PER_FULL)
