"""The supervisor's line to whoever started it: one order in, one answer out, then silence."""

import contextlib
import os
import select
import signal

from src.embedded.order import Answer, Order, line, read_order

ORDER_BYTES_MAX = 64 << 10
PARENT_CHECK_SECONDS = 1.0
STDIN, STDOUT = 0, 1


class Parent:
    """Gone once its end of the pipe is closed, whatever closed it."""

    def __init__(self) -> None:
        self._pid = os.getppid()
        self._asked_to_stop = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._ask_to_stop())

    def read_order(self) -> Order:
        with os.fdopen(STDIN, "rb", buffering=0, closefd=False) as told:
            return read_order(told.readline(ORDER_BYTES_MAX))

    def answer(self, answer: Answer) -> None:
        """Said once; the output is closed so that nobody waits for more."""
        with contextlib.suppress(BrokenPipeError):  # Nobody waits for it any more; `is_gone` tells.
            os.write(STDOUT, line(answer))
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)

    def is_gone(self) -> bool:
        """The parent's pid is asked too: a fork of it may still hold the pipe open."""
        closed = bool(select.select([STDIN], [], [], 0)[0])
        return closed or self._asked_to_stop or os.getppid() != self._pid

    def wait_for_news(self) -> None:
        """Return when the pipe closes, a server ends, or it is time to look again."""
        readable, _, _ = select.select([STDIN, self._wake_read], [], [], PARENT_CHECK_SECONDS)
        if self._wake_read in readable:
            os.read(self._wake_read, ORDER_BYTES_MAX)

    def _ask_to_stop(self) -> None:
        self._asked_to_stop = True
