"""A shop to begin with: things that an Indian general store sells, and a way to ship them."""

from importlib.resources import files
from typing import Protocol

from src.bootstrap import new_id
from src.cli.catalogue_file import CatalogueRow, RefusedLine, read_catalogue
from src.cli.offering import offer
from src.commands.decisions.catalogue import define_shipping_method
from src.commands.transact import Ledger
from src.commands.view import Fact, View
from src.events.envelope import Cause
from src.events.identifiers import PRODUCT, STOCK, named, stream
from src.events.money import Money
from src.events.shipping import METHODS, ShippingMethodDefined, ShippingRate

CATALOGUE = "sample_catalogue.csv"
FREE_ABOVE = Money(99_900, "INR")


class HasLedger(Protocol):
    """The parts of a shop, as far as a sample needs them."""

    @property
    def ledger(self) -> Ledger: ...


STANDARD = ShippingMethodDefined(
    code="standard",
    name="Standard delivery, 3 to 6 days",
    # The last rate has no bounds, so that whatever is in a cart, it has a price everywhere.
    rates=(
        ShippingRate(price=Money(4_900, "INR"), max_weight_grams=500, free_above=FREE_ABOVE),
        ShippingRate(price=Money(7_900, "INR"), max_weight_grams=2_000, free_above=FREE_ABOVE),
        ShippingRate(price=Money(12_900, "INR"), max_weight_grams=10_000, free_above=FREE_ABOVE),
        ShippingRate(price=Money(24_900, "INR"), free_above=Money(249_900, "INR")),
    ),
)


async def seed_sample(parts: HasLedger) -> None:
    """Write the sample shop into the book: all of it in one append, or nothing."""
    rows = sample_rows()
    cause = Cause(command_id=named("sample shop"), correlation_id=new_id(), actor="khata:sample")
    needs = [stream(kind, row.sku) for row in rows for kind in (PRODUCT, STOCK)]
    await parts.ledger.transact(
        cause, lambda view: open_sample(view, rows), needs=[*needs, METHODS]
    )


def open_sample(view: View, rows: list[CatalogueRow]) -> list[Fact]:
    """Offer every product and define the one way to ship."""
    facts = [fact for row in rows for fact in offer(view, row)]
    return [*facts, *define_shipping_method(view, STANDARD)]


def sample_rows() -> list[CatalogueRow]:
    """The products of the sample shop."""
    with files("src.cli").joinpath(CATALOGUE).open("rb") as file:
        lines = list(read_catalogue(file))
    wrong = [line for line in lines if isinstance(line, RefusedLine)]
    if wrong:
        raise AssertionError(f"the sample catalogue is wrong: {wrong}")
    return [line[1] for line in lines if not isinstance(line, RefusedLine)]
