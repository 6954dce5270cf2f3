"""Every command has the name of its rule, however the rule is wrapped."""

from src.commands.command_names import command_name
from src.commands.decisions.cart import set_item
from src.commands.decisions.endings import expire
from src.commands.decisions.preconditions import at_version
from src.commands.view import Decide, Fact, View
from src.events.identifiers import Stream

NAME = Stream("cart-cart_1")


def test_a_rule_in_a_lambda_gives_its_name() -> None:
    assert command_name(lambda view: expire(view, "cs_1", None)) == "expire"  # type: ignore[arg-type]  # never run


def test_a_rule_under_a_condition_gives_its_name_and_the_condition_none() -> None:
    rule: Decide = lambda view: set_item(view, "cart_1", "TEA", 1, None)  # type: ignore[arg-type]  # noqa: E731  # never run; a controller's shape

    def owned(view: View) -> list[Fact]:
        return at_version(NAME, 3, rule)(view)

    assert command_name(at_version(NAME, 3, rule)) == "set_item"
    assert command_name(owned) == "set_item"
    assert command_name(at_version(NAME, None, owned)) == "set_item"


def test_what_names_no_rule_is_named_after_the_place_where_it_was_written() -> None:
    def decide(_: View) -> list[Fact]:
        return []

    assert command_name(decide) == (
        "test_what_names_no_rule_is_named_after_the_place_where_it_was_written"
    )
