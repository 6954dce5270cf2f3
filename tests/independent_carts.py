"""Carts as an auditor reads them: what came along is all there, and a cart that is over is over."""

from collections import Counter, defaultdict
from typing import Any

Json = dict[str, Any]
Units = Counter[str]


class IndependentCarts:
    """Whose carts are and what lies in them, by the rows alone."""

    def __init__(self) -> None:
        self.units: defaultdict[str, Units] = defaultdict(Counter)
        self.owners: dict[str, str | None] = {}
        self.merged: dict[str, str] = {}
        """Into which cart it went."""
        self._before: dict[str, Units] = {}
        """What carts held that this append changed."""
        self._came: list[tuple[str, str]] = []
        self._bought: list[tuple[str, Units]] = []

    def read(self, cart: str, kind: str, fact: Json) -> None:
        """Take one fact in."""
        assert kind == "CartOrdered" or cart not in self.merged, "what was merged is over"
        self._before.setdefault(cart, Counter(self.units[cart]))
        match kind:
            case "CartOpened":
                self.owners[cart] = fact["customer_id"]
            case "CartItemSet":
                self.units[cart][fact["sku"]] = fact["quantity"]
            case "CartItemRemoved":
                del self.units[cart][fact["sku"]]
            case "CartTaken":
                assert self.owners[cart] is None, "only a guest's cart is taken"
                self.owners[cart] = fact["customer_id"]
            case "CartMerged":
                self._merged(cart, fact["into"])
            case _:
                pass

    def ordered(self, cart: str, lines: list[Json]) -> None:
        """Take in that a session of the cart became an order of these lines."""
        if cart in self.merged:
            bought: Units = Counter()
            for line in lines:
                bought[line["sku"]] += line["quantity"]
            self._bought.append((self.merged[cart], bought))

    def check(self) -> None:
        """Nothing is lost when a cart comes along, and nothing stays that was bought."""
        for cart, into in self._came:
            assert self.units[into] == self._held(into) + self._held(cart), "something is lost"
            del self.units[cart]
        for into, bought in self._bought:
            assert self.units[into] == self._held(into) - bought, "bought and still there"
        self._before.clear()
        self._came.clear()
        self._bought.clear()

    def _merged(self, cart: str, into: str) -> None:
        assert self.owners[cart] is None, "only a guest's cart is merged"
        assert self.owners[into] is not None, "and into a customer's"
        assert into not in self.merged
        self.merged[cart] = into
        self._came.append((cart, into))

    def _held(self, cart: str) -> Units:
        return self._before.get(cart, self.units[cart])
