"""How parcels travel and what that costs: one stream for all of a shop's methods.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from typing import assert_never

from immutables import Map
from msgspec import Struct

from src.events.identifiers import SHIPPING, stream
from src.events.money import Money

METHODS = stream(SHIPPING, "methods")
"""A shop has a handful of methods and chooses between all of them at once."""


class ShippingRate(Struct, frozen=True, kw_only=True):
    """A price, and the parcels it is for; what is not said does not matter."""

    price: Money
    postal_prefix: str | None = None
    min_weight_grams: int | None = None
    max_weight_grams: int | None = None
    free_above: Money | None = None
    """Lines less discounts of at least this travel free."""


class ShippingMethodDefined(Struct, frozen=True, kw_only=True):
    """A method has this name and these rates from now on; the first rate that fits counts."""

    code: str
    name: str
    rates: tuple[ShippingRate, ...]


ShippingEvent = ShippingMethodDefined
ShippingMethods = Map[str, ShippingMethodDefined]
NO_METHODS: ShippingMethods = Map()


def evolve(methods: ShippingMethods, event: ShippingEvent) -> ShippingMethods:
    """Facts are not argued with: evolve never rejects."""
    match event:
        case ShippingMethodDefined():
            return methods.set(event.code, event)
        case _:
            assert_never(event)
