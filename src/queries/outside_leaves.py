"""The leaves that the folder outside remembers, as far as they can be believed."""

from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import Checkpoint
from src.events.merkle import Frontier

LEAVES_PER_PAGE = 65_536


class OutsideLeaves:
    """Leaves below the newest checkpoint outside; proven by its root when they are first needed."""

    def __init__(self, folder: CheckpointFolder | None, newest: Checkpoint | None) -> None:
        self._folder = folder
        self._newest = newest
        self._is_proven = False

    def between(self, after: int, to: int) -> list[bytes]:
        """Return the leaves of the positions above `after` and up to `to`, as many as there are."""
        if self._folder is None or self._newest is None:
            return []
        return self._folder.leaves(after, min(to, self._newest.size))

    def is_proven(self) -> bool:
        """Whether the leaves give the root that was signed, and so can say what was written."""
        if self._newest is None or self._is_proven:
            return True
        tree = Frontier()
        while page := self.between(tree.size, tree.size + LEAVES_PER_PAGE):
            tree.extend(page)
        self._is_proven = (tree.size, tree.root) == (self._newest.size, self._newest.root)
        return self._is_proven

    def drop(self) -> int:
        """Believe them no longer; return up to which position they were to reach."""
        reach = self._newest.size if self._newest else 0
        self._newest = None
        return reach
