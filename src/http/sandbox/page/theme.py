"""The shop's colour, with the text on it in black or in white, whichever is read better."""

import re

COLOUR = "#1f4a5c"
_SPELLING = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
# WCAG 2.2, relative luminance: what the eye makes of red, green and blue.
_WEIGHTS = (0.2126, 0.7152, 0.0722)
BLACK_IS_READ_BETTER_FROM = 0.179


def colour(text: str) -> str:
    """The colour as `#rrggbb`; what is none is our own."""
    found = _SPELLING.fullmatch(text.strip())
    if found is None:
        return COLOUR
    digits = found[1].lower()
    return "#" + (digits if len(digits) > len("rgb") else "".join(2 * digit for digit in digits))


def stylesheet(text: str) -> bytes:
    brand = colour(text)
    on_brand = "#000" if _luminance(brand) >= BLACK_IS_READ_BETTER_FROM else "#fff"
    return f":root {{ --brand: {brand}; --on-brand: {on_brand}; }}\n".encode()


def _luminance(brand: str) -> float:
    shares = [int(brand[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB, as its standard spells it
        for share in shares
    ]
    return sum(weight * share for weight, share in zip(_WEIGHTS, linear, strict=True))
