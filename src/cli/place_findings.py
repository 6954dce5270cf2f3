"""What `khata doctor` finds about places: the home's disk, and whoever takes traces."""

import os
import shutil
import socket
from urllib.parse import urlsplit

from src.cli.database_findings import place_of
from src.cli.finding import Finding
from src.settings import Settings

DISK_FREE_BYTES_MIN = 512 * 1024 * 1024
"""An embedded PostgreSQL stops when its disk is full, and the shop with it."""
TIMEOUT_SECONDS = 2.0
TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT"
PORTS = {"http": 80, "https": 443}


def home(settings: Settings) -> Finding:
    """Look whether we may write there, and whether there is room."""
    if not os.access(settings.home, os.W_OK | os.X_OK):
        return Finding("KHATA_HOME", f"{settings.home} is not writable", "make it this user's")
    free = shutil.disk_usage(settings.home).free
    if free < DISK_FREE_BYTES_MIN:
        says = f"{settings.home} has {free // 1024**2} MiB left on its disk"
        return Finding("KHATA_HOME", says, "make room, or choose another disk")
    return Finding("KHATA_HOME", str(settings.home))


def traces(settings: Settings) -> list[Finding]:
    """Look whether anybody listens where traces go."""
    if settings.traces_url is None:
        return []
    try:
        _reach(settings.traces_url).close()
    except OSError as error:
        says = f"{place_of(settings.traces_url)}: no answer ({type(error).__name__})"
        return [Finding(TRACES, says, "start the collector, correct the address, or leave it out")]
    return [Finding(TRACES, place_of(settings.traces_url))]


def _reach(url: str) -> socket.socket:
    parts = urlsplit(url)
    place = parts.hostname or "", parts.port or PORTS[parts.scheme]
    return socket.create_connection(place, TIMEOUT_SECONDS)
