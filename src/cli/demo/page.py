"""The demo on a screen: coloured in a terminal, plain lines when piped."""

from rich.console import Console
from rich.text import Text

from src.cli.demo.story import Story
from src.cli.demo.telling import Moment, Shown
from src.cli.demo.words import PROMISES

STATE_WIDTH = 18
STATES = {
    "CART_PENDING": "yellow",
    "CHECKOUT_STARTED": "cyan",
    "PAYMENT_PENDING": "blue",
    "PAYMENT_CONFIRMED": "magenta",
    "ORDER_CREATED": "green",
}


class Page:
    """Prints whatever it hears, one line each."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def title(self, number: int, story: Story) -> None:
        self._line()
        self._line((f"{number}. {story.title}", "bold"))

    def moment(self, moment: Moment) -> None:
        state = f"{moment.state:<{STATE_WIDTH}}"
        self._line(
            (f"  {moment.seconds:6.2f} s  ", "dim"),
            (state, STATES.get(moment.state, "")),
            (moment.text, ""),
        )

    def shown(self, shown: Shown) -> None:
        mark, style = ("held", "green") if shown.held else ("BROKEN", "bold red")
        self._line((f"  {mark:<10}", style), (shown.promise, ""))
        if not shown.held:
            self._line((f"            {shown.seen}", "red"))

    def showed(self, story: Story) -> None:
        """Name the promises that a story was about."""
        for number in story.shows:
            self._line((f"  promise {number} ", "dim"), (PROMISES[number], "dim"))

    def stopped(self, why: str) -> None:
        """A story could not go on."""
        self._line(("  BROKEN    ", "bold red"), (f"the story could not go on: {why}", ""))

    def say(self, text: str, style: str = "") -> None:
        self._line((text, style))

    def _line(self, *parts: tuple[str, str]) -> None:
        line = Text.assemble(*parts)
        line.rstrip()
        self._console.print(line, soft_wrap=True)
