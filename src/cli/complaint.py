"""What a command says when it cannot do what it was asked: one line, and what to do."""


class Complaint(Exception):
    """The command stops here; the message says why and what to do about it."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class AlreadySaidError(Exception):
    """The command stops here; a process that it started has said why."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code
