"""The environment, read variable by variable; whatever is wrong is remembered, not raised."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path

from src.events.time_zones import is_time_zone
from src.http.places import LOOPBACK_HOST, is_address, is_origin

PRIVATE, PASSABLE = 0o700, 0o711
KEPT = "keys"
PROTOCOL = "http/protobuf"
"""Of the ways to hand spans over, the one that Khata speaks."""
SAMPLERS = tuple(
    f"{parent}{which}"
    for parent in ("parentbased_", "")
    for which in ("always_on", "always_off", "traceidratio")
)
_HTTP = frozenset({"http", "https"})


class Environment:
    """Reads variables one by one and remembers what was wrong with them, never a value."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str) -> str | None:
        """An empty variable is an absent one, as a compose file writes it."""
        return self._environ.get(name, "").strip() or None

    def several(self, name: str) -> tuple[str, ...]:
        """What stands between commas; nothing at all when the variable is absent."""
        text = self.text(name)
        return () if text is None else tuple(each.strip() for each in text.split(","))

    def one_of(self, name: str, words: Sequence[str]) -> str:
        """The first word is the default."""
        text = self.text(name) or words[0]
        if text in words:
            return text
        self.problems.append(f"{name} must be {' or '.join(words)}.")
        return words[0]

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name) or str(default)
        if text.isascii() and text.isdigit() and least <= int(text[:12]) <= most:
            return int(text)
        self.problems.append(f"{name} must be a whole number from {least} to {most}.")
        return default

    def apart(self, name: str, port: int, other: str, other_port: int) -> None:
        """Two servers cannot share a port; 0 is another one each time."""
        if port == other_port != 0:
            self.problems.append(f"{name} and {other} are both {port}: choose two ports.")

    def time_zone(self, name: str, default: str) -> str:
        """A zone by its name in the IANA list, which Python and PostgreSQL both carry."""
        text = self.text(name) or default
        if is_time_zone(text):
            return text
        self.problems.append(f"{name} must be the name of a time zone, as Asia/Kolkata or UTC.")
        return default

    def flag(self, name: str) -> bool:
        text = self.text(name) or "0"
        if text not in {"0", "1"}:
            self.problems.append(f"{name} must be 0 or 1.")
        return text == "1"

    def url(self, name: str, schemes: frozenset[str]) -> str | None:
        text = self.text(name)
        if text is None or is_address(text, schemes):
            return text
        known = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        self.problems.append(f"{name} must be an address that begins with {known}.")
        return None

    def traces_url(self) -> str | None:
        """Where spans go; the library reads what else OTEL_… says, and would only warn of it."""
        found = [self.url(f"OTEL_EXPORTER_OTLP_{name}ENDPOINT", _HTTP) for name in ("TRACES_", "")]
        sampler, share = self.text("OTEL_TRACES_SAMPLER"), self.text("OTEL_TRACES_SAMPLER_ARG")
        if sampler is not None and sampler.lower() not in SAMPLERS:
            self.problems.append(f"OTEL_TRACES_SAMPLER must be {' or '.join(SAMPLERS)}.")
        if share is not None and not _is_share(share):
            self.problems.append("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1.")
        for name in ("TRACES_", ""):
            if (self.text(f"OTEL_EXPORTER_OTLP_{name}PROTOCOL") or PROTOCOL) != PROTOCOL:
                self.problems.append(f"OTEL_EXPORTER_OTLP_{name}PROTOCOL must be {PROTOCOL}.")
        is_off = (self.text("OTEL_SDK_DISABLED") or "").lower() == "true"
        is_off |= (self.text("OTEL_TRACES_EXPORTER") or "otlp").lower() == "none"
        return None if is_off else next(filter(None, found), None)

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins between commas as browsers spell them, or `*` alone."""
        found = self.several(name)
        if found == ("*",) or all(map(is_origin, found)):
            return found
        self.problems.append(
            f"{name} must be * alone, or origins between commas, as https://shop.example: "
            "scheme and host in small letters, a port only if it is not the usual one, no path."
        )
        return ()

    def networks(self, name: str) -> tuple[str, ...]:
        """Addresses and networks between commas, spelled as they are compared."""
        found: list[str] = []
        for each in self.several(name):
            try:
                found.append(str(ip_network(each)))
            except ValueError:
                self.problems.append(
                    f"{name} must be IP addresses or networks between commas, as 10.0.0.0/8."
                )
                return ()
        return tuple(found)

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name) or default).expanduser().resolve()

    def host(self) -> str:
        host = self.text("KHATA_HOST") or LOOPBACK_HOST
        with suppress(ValueError):
            return str(ip_address(host.strip("[]")))
        if host != "localhost":
            self.problems.append("KHATA_HOST must be an IP address of this machine, or localhost.")
        return LOOPBACK_HOST

    def home(self) -> Path:
        """The engines' account must pass through a home that root made, and nobody else."""
        home = self.path("KHATA_HOME", Path(".khata"))
        try:
            if not home.is_dir():
                home.mkdir(parents=True)
                home.chmod(PASSABLE if os.geteuid() == 0 else PRIVATE)
            (home / KEPT).mkdir(mode=PRIVATE, exist_ok=True)
        except OSError as error:
            why = error.strerror or type(error).__name__
            self.problems.append(f"KHATA_HOME: {home} cannot be used ({why}): choose another.")
        return home


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False
