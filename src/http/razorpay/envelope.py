"""The envelope of a webhook: which event it is, and what lies in it unread."""

from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from src.http.razorpay.ids import is_order_id


class UnreadableWebhook(ValueError):
    """These bytes are no webhook of Razorpay's; the text says where they went wrong."""


class Envelope(Struct, frozen=True):
    """Any webhook."""

    event: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.-]{1,100}\Z")]
    payload: object = None
    created_at: object = None

    @property
    def razorpay_order_id(self) -> str | None:
        """The order it speaks of, as far as one is named."""
        for name, key in (("order", "id"), ("payment", "order_id")):
            order_id = _at(_at(_at(self.payload, name), "entity"), key)
            if isinstance(order_id, str) and is_order_id(order_id):
                return order_id
        return None


ENVELOPE = msgspec.json.Decoder(Envelope)

T = TypeVar("T")


class Of(Struct, Generic[T], frozen=True):
    """One thing in the payload."""

    entity: T


def _at(thing: object, key: str) -> object:
    return thing.get(key) if isinstance(thing, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # foreign JSON is of any shape
