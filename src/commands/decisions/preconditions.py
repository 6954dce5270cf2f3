"""What a client may demand of a resource before it is changed."""

from src.commands.rejections import VersionMoved
from src.commands.view import Decide, Fact, View
from src.events.identifiers import Stream


def at_version(name: Stream, expected: int | None, decide: Decide) -> Decide:
    """Return the rule, refused with VersionMoved unless the stream is at the expected version."""

    def checked(view: View) -> list[Fact]:
        if expected is not None and view.version(name) != expected:
            raise VersionMoved(view.version(name))
        return decide(view)

    return checked
