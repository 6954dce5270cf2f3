"""The composition root: the only place that knows every concrete part, the clock and chance."""

from src.bootstrap.api import open_api
from src.bootstrap.moments import new_id, now
from src.bootstrap.parts import Parts, open_parts
from src.bootstrap.worker import run_worker

__all__ = ["Parts", "new_id", "now", "open_api", "open_parts", "run_worker"]
