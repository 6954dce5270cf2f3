"""Every way in which the embedded engines can say no.

EngineError
├── NoEngineForPlatform     there is no wheel for this machine
├── EngineNotEmbedded       its address was asked for, but it was not started here
├── HomeInUse               another process holds the directory
├── HomeUnusable            the directory or what is in it cannot be used
├── OtherMajorVersion       the cluster was made by another PostgreSQL
└── EngineDidNotStart       a server or its supervisor ended, or was too slow
"""


class EngineError(Exception):
    """An embedded engine cannot do what was asked; the message says what to do."""


class NoEngineForPlatform(EngineError):
    """There is no wheel with this engine for this machine."""


class EngineNotEmbedded(EngineError):
    """The engine was not started here, so it has no address here."""


class HomeInUse(EngineError):
    """Another process holds the directory and did not let go in time."""


class HomeUnusable(EngineError):
    """The directory, or something in it, is missing, unwritable or not ours."""


class OtherMajorVersion(EngineError):
    """The cluster was made by another major version of PostgreSQL."""


class EngineDidNotStart(EngineError):
    """A server or its supervisor ended, or was too slow, before it answered."""


BY_NAME: dict[str, type[EngineError]] = {
    kind.__name__: kind for kind in EngineError.__subclasses__()
}
