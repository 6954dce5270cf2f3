"""How a child of `khata up` hears its order, and learns that nobody needs it any more.

Its standard input is a pipe from `khata up`. The first line is the order: the
variables that differ from its own environment, so that no address with a
password in it stands in any process list. The end of the pipe is the end of
`khata up`, however that came; on Linux the kernel ends the child by itself.
"""

import ctypes
import os
import signal
import sys
import threading

import msgspec

ORDER_BYTES_MAX = 64 << 10
GOODBYE_SECONDS = 10.0
PR_SET_PDEATHSIG = 1
STDIN = 0

Order = dict[str, str]
"""Variables by name."""


def hear_order() -> Order:
    """Wait for the order, then watch the pipe; ends the process if there is none to come."""
    _die_with_parent()
    with os.fdopen(STDIN, "rb", buffering=0, closefd=False) as told:
        line = told.readline(ORDER_BYTES_MAX)
    if not line.endswith(b"\n"):
        sys.exit(0)
    threading.Thread(target=_watch, daemon=True).start()
    return msgspec.json.decode(line, type=Order)


def written(order: Order) -> bytes:
    """The order as it goes through the pipe."""
    return msgspec.json.encode(order) + b"\n"


def _watch() -> None:
    """Ask ourselves to stop once the pipe ends, and insist a little later."""
    while os.read(STDIN, ORDER_BYTES_MAX):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GOODBYE_SECONDS)
    os._exit(1)


def _die_with_parent() -> None:
    """Only Linux knows how; everywhere else, and for what came before this call, the pipe tells."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
