"""Asks axe whether everybody can use what a window shows."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = "() => axe.run(document, { resultTypes: ['violations'], iframes: false })"


async def violations(page: Page) -> list[str]:
    """What axe minds, in the page and in each of its frames; empty when it minds nothing."""
    found: list[str] = []
    for frame in page.frames:
        await frame.evaluate(AXE)
        answer: dict[str, Any] = await frame.evaluate(RUN)
        found += [_told(each) for each in answer["violations"]]
    return found


def _told(violation: dict[str, Any]) -> str:
    where = "; ".join(str(node["target"]) + " " + node["html"] for node in violation["nodes"])
    return f"{violation['id']}: {violation['help']}: {where}"
