"""The pages of the console that are in the navigation, in the order of a working day."""

from msgspec import Struct

from src.http.auth import Caller, StaffCaller, may_enter

HOME = "/console"
LOGIN = "/console/login"


class Place(Struct, frozen=True):
    """A page that everybody finds who may see it."""

    name: str
    path: str


NAVIGATION = (
    Place("Orders", "/console/orders"),
    Place("Cases", "/console/cases"),
    Place("Webhooks", "/console/webhooks"),
    Place("Stock", "/console/stock"),
    Place("Figures", "/console/charts"),
    Place("Live", "/console/live"),
    Place("Book", "/console/book"),
    Place("Proofs", "/console/proofs"),
    Place("Read models", "/console/models"),
)


def places_for(caller: Caller | None) -> list[Place]:
    """Return the pages that somebody may see."""
    if not isinstance(caller, StaffCaller):
        return []
    return [place for place in NAVIGATION if may_enter(caller, place.path)]
