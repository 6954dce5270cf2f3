"""What a limit says of itself in an answer: RateLimit-Policy and RateLimit.

As in the IETF draft "RateLimit header fields for HTTP" (httpapi-ratelimit-headers,
revisions 8 and later): lists of quoted names with parameters.
"""

from msgspec import Struct


class Limit(Struct, frozen=True):
    """So many in so many seconds."""

    name: str
    quota: int
    window_seconds: int

    @property
    def policy(self) -> str:
        """What holds for everybody."""
        return f'"{self.name}";q={self.quota};w={self.window_seconds}'

    def left(self, remaining: int, reset_seconds: int) -> str:
        """What one caller has left, and until when."""
        return f'"{self.name}";r={remaining};t={reset_seconds}'
