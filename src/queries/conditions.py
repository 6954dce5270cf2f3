"""The WHERE of a list: only the filters that were given, so that each finds its index."""

from typing import Any


class Conditions:
    """Collects conditions and their values; `?` in a condition is its value's number."""

    def __init__(self, book: int) -> None:
        self._texts = ["book = $1"]
        self.values: list[Any] = [book]

    def add(self, text: str, *values: object) -> None:
        """Ask for one more thing; the text is ours, only values come from outside."""
        for value in values:
            self.values.append(value)
            text = text.replace("?", f"${len(self.values)}", 1)
        self._texts.append(text)

    def given(self, text: str, value: object | None) -> None:
        """Ask for it if there is a value."""
        if value is not None:
            self.add(text, value)

    def __str__(self) -> str:
        return " and ".join(self._texts)
