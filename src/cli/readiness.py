"""Whether a shop that was just started answers, all of it."""

import time

from src.cli.complaint import Complaint
from src.cli.local_calls import Answer, NoAnswerError, ask

OK = 200
CATCH_UP_SECONDS = 10.0
"""So long is waited for the read models; a shop with a long book is ready before they are."""
SOON_SECONDS, LATER_SECONDS_MAX = 0.03, 0.5
SLOWER_BY = 1.25
"""Every question that is answered is a line in the log, so those who wait ask ever less often."""


class Readiness:
    """Asked again and again until it is reached; raises Complaint when it takes too long."""

    def __init__(self, api_url: str, sandbox_url: str | None, seconds_max: float) -> None:
        self._api_url = api_url
        self._sandbox_url = sandbox_url
        self._since = time.monotonic()
        self._seconds_max = seconds_max
        self._said = "the API has not answered"
        self.again_seconds = SOON_SECONDS
        """So long is to be waited before the next question."""

    def is_reached(self) -> bool:
        """Ask the sandbox and the API once."""
        waited = time.monotonic() - self._since
        try:
            if self._sandbox_answers() and self._api_is_green(waited):
                return True
        except NoAnswerError as error:
            self._said = str(error)
        if waited > self._seconds_max:
            raise Complaint(
                f"The shop is not ready after {self._seconds_max:g} s: {self._said}. The lines "
                "above may say why; `khata doctor` looks closer."
            )
        return False

    def _sandbox_answers(self) -> bool:
        return (
            self._sandbox_url is None
            or self._ask(self._sandbox_url, "/_sandbox/webhooks").status == OK
        )

    def _api_is_green(self, waited: float) -> bool:
        answer = self._ask(self._api_url, "/health/ready")
        self.again_seconds = min(SLOWER_BY * self.again_seconds, LATER_SECONDS_MAX)
        if answer.status != OK:
            self._said = f"/health/ready answers {answer.status}"
            return False
        read_models = answer.body["projections"]
        behind = sum(each["behind"] for each in read_models)
        # A shop that is open has at least its sample in the book.
        begun = all(each["position"] > 0 for each in read_models)
        self._said = f"the read models are {behind} facts behind"
        return begun and (behind == 0 or waited > CATCH_UP_SECONDS)

    def _ask(self, url: str, path: str) -> Answer:
        return ask(url, "GET", path)
