"""Somebody in front of Chromium, and what must never happen while they look."""

from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    WebError,
)

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
ACTION_MS_MAX = 45_000.0
"""How long a slow machine may take over what a person would see at once."""
SCHEMES_WITHIN = {"about", "blob", "data"}


class Visitor:
    """Every window is a browser of its own: no cookie, cache or storage is shared."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []
        self.expected: list[str] = []
        """Complaints that a test brings about on purpose, each by words that are in it."""

    @property
    def complaints(self) -> list[str]:
        """Errors on a console, exceptions nobody caught, and requests to another machine."""
        return [
            complaint
            for complaint in self._complaints
            if not any(words in complaint for words in self.expected)
        ]

    async def window(
        self,
        viewport: ViewportSize = DESKTOP,
        *,
        javascript: bool = True,
        colours: Literal["light", "dark"] = "light",
        motion: Literal["no-preference", "reduce"] = "reduce",
    ) -> Page:
        context = await self._browser.new_context(
            viewport=viewport,
            java_script_enabled=javascript,
            color_scheme=colours,
            reduced_motion=motion,
            has_touch=viewport == PHONE,
        )
        self._contexts.append(context)
        context.set_default_timeout(ACTION_MS_MAX)
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._see)
        return await context.new_page()

    async def leave(self) -> None:
        for context in self._contexts:
            await context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(f"console: {message.text} ({message.location['url']})")

    def _catch(self, error: WebError) -> None:
        self._complaints.append(f"uncaught: {error.error}")

    def _see(self, request: Request) -> None:
        if not _is_of_this_machine(request.url):
            self._complaints.append(f"request: {request.url}")


def _is_of_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme in SCHEMES_WITHIN or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
