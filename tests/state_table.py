"""What every command does to a checkout session in every state, printed from the rules themselves.

`python -m tests.state_table` prints the table; a test compares it with
`tests/commands/state_table.txt`. A column is the state in which the session
is found, a row is what is wanted of it.
"""

from collections.abc import Callable

from src.commands.decisions.cart import open_cart
from src.commands.decisions.own_cart import bring_cart
from src.commands.view import Decide
from src.events.checkout import public_state
from tests.factories import EXPIRES_AT, NOW, account, inr, shop
from tests.purchases import Purchase
from tests.scenario import Decided, Scenario, given

ONE, TWO = Purchase(), Purchase(name="two")
PENDING = given(*shop(), *ONE.pending())
STARTED = given(*shop(), *ONE.filled(), *ONE.begun())
REQUESTED = STARTED.given(*ONE.asked())
ENDED = PENDING.given(*ONE.cancelled())
MERGED = ENDED.given(account("cust_asha")).after(
    lambda view: open_cart(view, "cart_asha", "cust_asha", "INR"),
    lambda view: bring_cart(view, "cust_asha", ONE.cart_id, NOW),
)
OTHER_PENDING = ENDED.given(*TWO.begun(), *TWO.asked(again=True), *TWO.answered())

STATES: dict[str, Scenario] = {
    "no session": given(*shop(), *ONE.filled()),
    "Started": STARTED,
    "IntentRequested": REQUESTED,
    "AwaitingPayment": PENDING,
    "Completed": PENDING.after(ONE.report("captured")),
    "Ended": ENDED,
    "Ended, the cart merged": MERGED,
    "Ended, the other paid": OTHER_PENDING.after(TWO.report("captured")),
}
COMMANDS: dict[str, Decide] = {
    "StartCheckout": ONE.start(),
    "StartCheckout, another": TWO.start(),
    "RequestIntent": ONE.request(),
    "RequestIntent, other wish": ONE.request(wish="another"),
    "RequestIntent, overdue": ONE.request(now=EXPIRES_AT),
    "RecordIntent": ONE.record("order_new"),
    "CancelCheckout": ONE.cancel(),
    "CancelCheckout, overdue": ONE.cancel(EXPIRES_AT),
    "ExpireCheckout, early": ONE.expire(EXPIRES_AT.replace(minute=0)),
    "ExpireCheckout, overdue": ONE.expire(),
    "payment authorized": ONE.report("authorized", "pay_new"),
    "payment captured": ONE.report("captured", "pay_new"),
    "the same payment again": ONE.report("captured"),
    "payment failed": ONE.report("failed", "pay_new"),
    "wrong amount captured": ONE.report("captured", "pay_new", amount=inr(1)),
}
UNSAID = {"StockReserved", "StockReleased", "StockReservationExpired", "StockCommitted"}
"""Facts of each line are counted, not repeated."""

Cell = list[str]


def said(decided: Decided) -> Cell:
    """Return the facts in the order in which they are written, or the refusal."""
    if decided.refusal is not None:
        return [f"refused: {type(decided.refusal).__name__}"]
    lines: Cell = []
    for kind in decided.kinds:
        again = f"{kind} x2"
        if kind in UNSAID and kind in lines:
            lines[lines.index(kind)] = again
        else:
            lines.append(kind)
    return lines or ["nothing new"]


def columns() -> dict[str, Scenario]:
    """Return the states under their names for clients, too."""

    def public(scenario: Scenario) -> str:
        return public_state(scenario.view.checkout(ONE.session))

    return {f"{name}\n{public(scenario)}": scenario for name, scenario in STATES.items()}


def table() -> str:
    """Return the whole table."""
    heads = columns()
    rows = [
        [[name], *(said(scenario.when(decide)) for scenario in heads.values())]
        for name, decide in COMMANDS.items()
    ]
    every = [[[""], *(head.split("\n") for head in heads)], *rows]
    widths = [max(len(line) for row in every for line in row[n]) for n in range(len(heads) + 1)]
    rule = "─┼─".join("─" * width for width in widths)
    return "".join(f"{_row(row, widths)}{rule}\n" for row in every)


def _row(cells: list[Cell], widths: list[int]) -> str:
    height = max(map(len, cells))
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    return "".join(
        " │ ".join(
            cell[n].ljust(width) for cell, width in zip(padded, widths, strict=True)
        ).rstrip()
        + "\n"
        for n in range(height)
    )


def main(say: Callable[[str], object] = print) -> None:
    """Print it."""
    say(table().rstrip("\n"))


if __name__ == "__main__":
    main()
