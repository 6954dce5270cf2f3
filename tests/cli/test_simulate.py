"""`khata simulate` reaches every control call of a sandbox."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from src.cli.simulate import __file__ as simulate_folder
from src.cli.simulate import simulate
from src.cli.simulate.bank_side import DISPUTE_MOVES
from src.http.sandbox.routes import CONTROL
from tests.sandbox.receiver import bound_socket, receiving
from tests.sandbox.shop import Shop, running_sandbox, settings_for

LIFE = {"payment.authorized", "payment.captured", "order.paid"}
Run = Callable[..., str]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with receiving(bound_socket()) as receiver:
        settings = settings_for(tmp_path / "sandbox.db", receiver.url, retry_scale=0.02)
        with running_sandbox(settings, receiver) as shop:
            yield shop


@pytest.fixture
def run(tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Run:
    """One command, as typed; its output."""
    monkeypatch.setenv("KHATA_HOME", str(tmp_path))
    monkeypatch.setenv("KHATA_SANDBOX_PORT", str(shop.http.base_url.port))

    def run(words: str, exit_code: int = 0) -> str:
        done = CliRunner().invoke(simulate, words.split())
        assert done.exit_code == exit_code, done.output
        return done.output

    return run


def word(output: str, prefix: str) -> str:
    found = re.search(rf"{prefix}_[A-Za-z0-9]{{14}}", output)
    assert found is not None, output
    return found[0]


@pytest.mark.parametrize("order", ["order_é", "order_%00"])
def test_what_is_no_id_is_no_order(run: Run, order: str) -> None:
    assert "There is no order order_" in run(f"fail {order}", exit_code=1)


def test_a_customer_pays_and_the_webhooks_are_listed(shop: Shop, run: Run) -> None:
    said = run(f"pay {shop.order()['id']} --method card")
    assert said.splitlines()[0] == "payment captured"
    assert "razorpay_signature" in said
    assert {each.event for each in shop.receiver.take(3)} == LIFE
    run("flush")
    listed = run(f"webhooks --of {word(said, 'pay')} --tries").splitlines()
    assert [line.split()[1] for line in listed if "delivered, 1 try" in line] == [
        "payment.authorized", "payment.captured", "order.paid",
    ]  # fmt: skip
    assert sum(line.endswith(" 200") for line in listed) == 3


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("fail {} --reason insufficient_funds", "failed"),
        ("stumble {}", "captured"),
        ("authorize {}", "authorized"),
        ("silent {}", "created"),
        ("pay {} --amount 100 --currency USD --no-webhook", "captured"),
    ],
)
def test_a_payment_can_end_in_every_way(shop: Shop, run: Run, words: str, status: str) -> None:
    said = run(words.format(shop.order()["id"]))
    assert said.splitlines()[0] == f"payment {status}"


@pytest.mark.parametrize(
    ("words", "is_signed"), [("fail", False), ("silent", False), ("pay", True)]
)
def test_only_what_checkout_js_would_sign_has_a_signature(
    shop: Shop, run: Run, words: str, *, is_signed: bool
) -> None:
    assert ("razorpay_signature" in run(f"{words} {shop.order()['id']}")) is is_signed


@pytest.mark.parametrize(
    ("words", "wanted"),
    [("late order_1", "pay_…"), ("capture order_1", "pay_…"), ("pay pay_1", "order_…")],
)
def test_an_id_of_the_wrong_kind_is_told_from_the_right_one(
    run: Run, words: str, wanted: str
) -> None:
    given = words.split()[1]
    assert f"{given} is no {wanted}, which is wanted here." in run(words, exit_code=2)


def test_a_bank_answers_late_and_razorpay_captures_later(shop: Shop, run: Run) -> None:
    payment = word(run(f"silent {shop.order()['id']}"), "pay")
    assert run(f"late {payment}").startswith("payment captured")
    payment = word(run(f"authorize {shop.order()['id']}"), "pay")
    assert run(f"capture {payment}").startswith("payment captured")


def test_somebody_pays_elsewhere(run: Run) -> None:
    said = run("foreign-pay --amount 500 --without-order")
    assert said.startswith("payment captured")
    assert "razorpay_order_id" not in said


def test_refunds_wait_arrive_and_fail(shop: Shop, run: Run) -> None:
    payment = word(run(f"pay {shop.order()['id']}"), "pay")
    assert run(f"refund-plan pending --times 2 --payment {payment}") == (
        "the next 2 refunds are pending\n"
    )
    first, second = (shop.sdk.payment.refund(payment, {"amount": 500})["id"] for _ in range(2))
    assert run(f"refund-process {first}") == f"refund {first} processed\n"
    assert run(f"refund-fail {second} --no-webhook") == f"refund {second} failed\n"


def test_the_balance_is_set_and_paid_out(shop: Shop, run: Run) -> None:
    payment = word(run(f"pay {shop.order()['id']}"), "pay")
    assert run("balance 100") == "the balance is 100 paise\n"
    with pytest.raises(shop.sdk_errors.BadRequestError, match="enough balance"):
        shop.sdk.payment.refund(payment, {"amount": 500})
    assert run("balance") == "the balance is endless\n"
    assert shop.sdk.payment.refund(payment, {"amount": 500})["amount"] == 500
    assert re.match(r"settlement setl_\w{14} of \d+ paise\n", run("settle"))


def test_a_dispute_goes_its_way(shop: Shop, run: Run) -> None:
    payment = word(run(f"pay {shop.order()['id']}"), "pay")
    dispute = word(run(f"dispute {payment} --amount 500 --phase chargeback"), "disp")
    assert run(f"dispute-move {dispute} under_review") == f"dispute {dispute} under_review\n"
    assert run(f"dispute-move {dispute} win") == f"dispute {dispute} won\n"


def test_a_method_stops_working_and_works_again(run: Run) -> None:
    said = run("downtime --method netbanking --instrument bank=HDFC --scheduled")
    downtime = word(said, "down")
    assert said == f"downtime {downtime} of netbanking started\n"
    assert run(f"downtime-update {downtime} --severity medium").endswith("updated\n")
    assert run(f"downtime-resolve {downtime}").endswith("resolved\n")


def test_plans_are_made_listed_and_ended(shop: Shop, run: Run) -> None:
    order = shop.order()["id"]
    assert run("plan") == "nothing is planned\n"
    listed = run(f"plan drop=2 not_utf8 delay_seconds=0.5 hold_until=fetched --order {order}")
    said = 'drop=2 delay_seconds=0.5 hold_until="fetched" not_utf8=true'
    assert listed == f"order {order}: {said}\n"
    run("plan bad_signature --event order.paid")
    assert len(run("plan").splitlines()) == 2
    assert run(f"plan --order {order}") == "event order.paid: bad_signature=true\n"
    assert "Fields of this call: drop" in run("plan lose=2", exit_code=1)


def test_the_short_plans_still_work(shop: Shop, run: Run) -> None:
    for words in ("drop 2", "duplicate 2", "delay 3", "reorder"):
        assert run(words).startswith("the webhooks of the next payment are ")
    assert run("plan") == "any webhook: reorder=true\n"
    shop.pay(shop.order())
    assert shop.receiver.next().event == "order.paid"


def test_an_event_is_sent_again(shop: Shop, run: Run) -> None:
    shop.pay(shop.order(), outcome="failed", deliver=False)
    event = shop.webhooks()[0]["event_id"]
    assert run(f"replay {event}") == f"{event}: delivered\n"
    assert run(f"redeliver {event}") == f"{event}: delivered\n"
    assert "was acknowledged" in run(f"replay {event}", exit_code=1)
    assert len(shop.receiver.take(2)) == 2


def test_an_endpoint_is_listed_enabled_and_gets_another_secret(shop: Shop, run: Run) -> None:
    endpoint = shop.sdk.webhook.all()["items"][0]["id"]
    shop.sdk.webhook.edit(endpoint, None, {"active": False})
    assert run("endpoints") == f"{endpoint}  disabled  {shop.receiver.url}\n"
    assert run("enable") == f"{endpoint} is active\n"
    assert run(f"enable {endpoint}") == f"{endpoint} is active\n"
    assert run("secret new-secret") == f"{endpoint} signs new events with the new secret\n"


def test_faults_are_planned_listed_and_cleared(run: Run) -> None:
    assert run("fault slow --operation order.create --seconds 5 --about session-1") == (
        "order.create: slow, 1 times\n"
    )
    assert run("faults") == "order.create: slow, 1 times about session-1\n"
    assert run("faults --clear") == "no faults\n"
    assert "commit_then_500" in run("fault --help")


def test_time_passes_and_lists_are_behind(shop: Shop, run: Run) -> None:
    assert run("list-lag 60") == "lists are 60 s behind\n"
    order = shop.order()["id"]
    assert shop.sdk.order.all()["count"] == 0
    assert run("clock 60 --wait") == "60 s have passed at Razorpay\n"
    assert [each["id"] for each in shop.sdk.order.all()["items"]] == [order]


def test_everything_is_forgotten(shop: Shop, run: Run) -> None:
    shop.pay(shop.order(), deliver=False)
    assert run("reset --seed 7") == "the sandbox has forgotten everything\n"
    assert run("webhooks") == "no events\n"


def test_every_control_call_has_a_command() -> None:
    """Each path appears in a command, with its ids left out."""
    folder = Path(simulate_folder).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    paths = re.findall(r"""["'](/[a-z][^"'?]*)["'?]""", source)
    said = {re.sub(r"\{[^{}]*\}", "{}", path) for path in paths}
    moves = {f"/disputes/{{}}/{each}" for each in re.findall(r"\w+", DISPUTE_MOVES)}
    known = {call.split(" ")[1].removeprefix("/_sandbox") for call in CONTROL}
    assert known - said - moves == set()
