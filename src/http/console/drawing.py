"""Draws a chart as SVG that needs nothing from outside: no script, no font, no address.

It is shown as an image, so whoever sees it cannot point at its parts; what there
is to read stands in the table beside it.
"""

import re
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Any, cast
from xml.etree.ElementTree import Element, tostring

import pygal  # type: ignore[import-untyped]  # pygal ships no types; `_Drawn` says what we use
from msgspec import Struct
from msgspec.structs import replace
from pygal.style import Style  # type: ignore[import-untyped]  # as above

from src.http.console.charts import Chart, Kind, Unit, write_number

# pygal asks to be asked at every import of the process, for charts of its plug-ins, in a way
# that Python 3.11 warns of each time. There are no such plug-ins here.
_HOOK = "PluginImportFixer"
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != _HOOK]

BARS_MAX = 62
"""More periods than this are lines: bars would be too thin to be told apart."""
BARS_NARROW_MAX = 14
LABELS_MAX, LABELS_NARROW_MAX = 10, 4
"""So many labels find room along the time."""
ROW_PIXELS = 26
"""One part's height for each series."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What nobody can write in XML, and a provider's reason may have."""
_WITHOUT = ("script", "desc")
"""What pygal writes for its own scripts."""


class Colours(StrEnum):
    """On which ground the picture stands."""

    LIGHT = "light"
    DARK = "dark"


class Width(StrEnum):
    """How much room there is: letters must stay readable on a phone."""

    WIDE = "wide"
    NARROW = "narrow"


class _Ink(Struct, frozen=True):
    text: str
    guide: str
    series: tuple[str, ...]
    """Three to one against the ground, and apart from each other for the colour-blind."""


_INKS = {
    Colours.LIGHT: _Ink("#24292f", "#c4c9cf", ("#005f9e", "#b34700", "#00755a", "#7a3e9d")),
    Colours.DARK: _Ink("#e6e9ec", "#4a525b", ("#6cb6ff", "#f0a04b", "#4fd1a5", "#d2a8ff")),
}
_PIXELS = {Width.WIDE: (960, 340), Width.NARROW: (380, 300)}
_LETTERS = {Width.WIDE: 13, Width.NARROW: 12}


def draw(chart: Chart, colours: Colours, width: Width) -> bytes:
    """Return the picture; the same chart gives the same bytes."""
    chart = replace(chart, labels=tuple(_NO_XML.sub("\ufffd", each) for each in chart.labels))
    drawn = _drawn(chart, colours, width)
    for each in chart.series:
        values = each.values if chart.kind is Kind.PERIODS else each.values[::-1]
        drawn.add(each.name, values)
    root = cast("Element", drawn.render_tree())
    _tidy(root)
    written: bytes = tostring(root, encoding="utf-8")
    return written


def pixels(chart: Chart, width: Width) -> tuple[int, int]:
    """Return how wide and how high a picture is, so that a page can keep its place."""
    across, down = _PIXELS[width]
    if chart.kind is Kind.PERIODS:
        return across, down
    return across, max(down // 2, 110 + ROW_PIXELS * len(chart.labels) * len(chart.series))


def _drawn(chart: Chart, colours: Colours, width: Width) -> Any:  # noqa: ANN401  # pygal ships no types
    across, down = pixels(chart, width)
    look: dict[str, Any] = {
        "style": _style(_INKS[colours], _LETTERS[width]),
        "width": across,
        "height": down,
        "explicit_size": True,
        "js": [],
        "show_legend": len(chart.series) > 1,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": len(chart.series),
        "truncate_legend": -1,
        "truncate_label": -1 if width is Width.WIDE else _LETTERS[width],
        "margin": 6,
        "margin_right": 28,
        "value_formatter": _formatter(chart),
        "no_data_text": "Nothing yet",
        "min_scale": 2,
        "max_scale": 6 if width is Width.WIDE else 4,
    }
    shape = _along_time if chart.kind is Kind.PERIODS else _below_each_other
    drawn = shape(chart, width, look)
    drawn.uuid = "chart"  # pygal would name every picture anew
    return drawn


def _along_time(
    chart: Chart,
    width: Width,
    look: dict[str, Any],
) -> Any:  # noqa: ANN401  # pygal ships no types
    bars, labels = BARS_MAX, LABELS_MAX
    if width is Width.NARROW:
        bars, labels = BARS_NARROW_MAX, LABELS_NARROW_MAX
    every = max(1, -(-len(chart.labels) // labels))
    look |= {
        "x_labels": chart.labels,
        "x_labels_major_every": every,
        "show_minor_x_labels": False,
    }
    if len(chart.labels) <= bars:
        return pygal.Bar(**look)
    return pygal.Line(**look, show_dots=False, stroke_style={"width": 3})


def _below_each_other(
    chart: Chart,
    width: Width,
    look: dict[str, Any],
) -> Any:  # noqa: ANN401  # pygal ships no types
    return pygal.HorizontalBar(
        **look,
        x_labels=_named(chart, width)[::-1],
        range=(0, 1) if chart.unit is Unit.SHARE else None,
    )


def _named(chart: Chart, width: Width) -> list[str]:
    """Let a name that stands alone say its number too."""
    if width is Width.NARROW or len(chart.series) > 1:
        return list(chart.labels)
    return [f"{label}: {numbers[0]}" for label, numbers in chart.rows()]


def _formatter(chart: Chart) -> Callable[[float], str]:
    """Write the numbers of the axis, which are round, without minor units."""
    return lambda value: write_number(value, chart.unit, chart.currency).removesuffix(".00")


def _style(ink: _Ink, letters: int) -> Any:  # noqa: ANN401  # pygal ships no types
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=ink.text,
        foreground_strong=ink.text,
        foreground_subtle=ink.guide,
        guide_stroke_color=ink.guide,
        major_guide_stroke_color=ink.guide,
        guide_stroke_dasharray="1,3",
        major_guide_stroke_dasharray="1,3",
        colors=ink.series,
        value_colors=(ink.text,) * len(ink.series),
        opacity="1",
        stroke_opacity="1",
        transition="0s",
        font_family="system-ui, sans-serif",
        label_font_size=letters,
        major_label_font_size=letters,
        legend_font_size=letters,
        value_font_size=letters,
        no_data_font_size=letters * 2,
    )


def _tidy(root: Element) -> None:
    """Take out scripts, what they would read, and remarks with the day and with addresses."""
    for parent in root.iter():
        for child in list(parent):
            tag = cast("object", child.tag)  # of a remark it is a function
            if not isinstance(tag, str) or tag in _WITHOUT:
                parent.remove(child)
