"""What we tell operators: log lines as JSON, and figures for Prometheus; never personal data.

A line names a route and not a path, an exception's class and places and not
its words: addresses, e-mails and tokens live in what is left out.
"""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from traceback import extract_tb
from typing import Any, TextIO, cast

import msgspec
import structlog
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from src.tracing import current

FRAMES_MAX = 20
DURATION_BUCKETS_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
OTHER_METHOD = "OTHER"

NOBODY_READS = (OSError, ValueError)
"""What writing raises into a pipe without a reader, onto a full disk, into a closed file."""

Log = structlog.typing.FilteringBoundLogger


class Output:
    """Where lines go; loggers are kept for speed, so it is their output that can be changed.

    Whoever reads them may go away, and a disk may be full. Then lines are lost,
    and nothing else: a shop does not stop selling because nobody watches it.
    """

    def __init__(self) -> None:
        self.file: TextIO | None = None

    def write(self, line: str) -> int:
        """Write to the file of this moment, standard error if there is none."""
        with suppress(*NOBODY_READS):
            return (self.file or sys.stderr).write(line)
        return 0

    def flush(self) -> None:
        """Flush it."""
        with suppress(*NOBODY_READS):
            (self.file or sys.stderr).flush()


_output = Output()


def configure_logging(level: str = "info", file: TextIO | None = None) -> None:
    """Write one JSON object a line to this file, standard error if there is none."""
    _output.file = file
    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _output)),
        cache_logger_on_first_use=True,
    )
    logging.getLogger().addHandler(_libraries)  # Adding it again changes nothing.


def _line(event: Any, **_: Any) -> str:  # noqa: ANN401  # structlog hands over any event
    return msgspec.json.encode(event, enc_hook=repr).decode()


def _traced(_logger: object, _name: str, line: structlog.typing.EventDict) -> Any:  # noqa: ANN401  # structlog's own type of an answer
    """Say which trace a line belongs to, while something of it is under way."""
    now = current()
    if now.context is not None and now.trace is not None:
        line["trace_id"] = now.trace.hex
    return line


# One list for good: loggers keep it, and whoever listens in puts an ear into this very list.
_processors: list[structlog.typing.Processor] = [
    _traced,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.JSONRenderer(serializer=_line),
]


def logger(name: str) -> Log:
    """Return the log of one part of Khata."""
    log: Log = structlog.get_logger(part=name)
    return log


def places(error: BaseException) -> list[str]:
    """Return where an exception came from, innermost first, without what it says."""
    frames = extract_tb(error.__traceback__)[-FRAMES_MAX:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)]


class Libraries(logging.Handler):
    """Writes what libraries warn of as lines of ours: a template, a class and places, no words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; what fills the template may be anything, so it stays out."""
        error = record.exc_info[1] if record.exc_info else None
        seen = {} if error is None else {"error": type(error).__name__, "places": places(error)}
        log = logger(record.name)
        write = log.error if record.levelno >= logging.ERROR else log.warning
        write("library", said=str(record.msg), **seen)


_libraries = Libraries(logging.WARNING)


class RequestFigures:
    """How many requests there were, how they ended, and how long they took."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Counter(
            "khata_http_requests", "Requests.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "khata_http_request_seconds",
            "Time to the last byte of the answer.",
            ("route",),
            buckets=DURATION_BUCKETS_SECONDS,
            registry=registry,
        )
        # Finding a labelled figure costs more than raising it, so each is found once.
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        found = self._found.get(key)
        if found is None:
            known = method if method in METHODS else OTHER_METHOD
            found = (
                self._requests.labels(known, route, str(status)),
                self._seconds.labels(route),
            )
            if known == method:
                self._found[key] = found
        found[0].inc()
        found[1].observe(seconds)

    def page(self) -> bytes:
        """Return everything in the registry, in Prometheus' text format."""
        return generate_latest(self.registry)


_Family = CounterMetricFamily | GaugeMetricFamily


class Gauge(Struct, frozen=True):
    """What a figure is at this moment."""

    name: str
    """Ends in its unit, seconds where it is time."""
    says: str
    value: float
    labels: Mapping[str, str] = {}
    only_grows: bool = False
    """A counter's value, which somebody else keeps; its name ends in `_total` on the page."""


def gauges_page(gauges: Iterable[Gauge]) -> bytes:
    """Return gauges in Prometheus' text format; those of one name differ in their labels."""
    families: dict[str, _Family] = {}
    for each in gauges:
        kind = CounterMetricFamily if each.only_grows else GaugeMetricFamily
        made = families.get(each.name) or kind(each.name, each.says, labels=list(each.labels))
        families[each.name] = made
        made.add_metric(list(each.labels.values()), each.value)
    registry = CollectorRegistry()
    registry.register(_Asked(list(families.values())))
    return generate_latest(registry)


class _Asked(Collector):
    """Figures that were asked for one page."""

    def __init__(self, families: list[_Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[_Family]:
        yield from self._families
