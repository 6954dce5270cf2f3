"""What is taken off, how often, and totals that are too small to be paid or nothing at all."""

import asyncio

import pytest

from tests.journeys.buyers import Buyer, ok, order_of, orders_at_razorpay, refused, stock_of
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio


async def coupon(shop: ShopUnderTest, code: str, kind: str, **terms: object) -> None:
    await shop.sent("PUT", f"/admin/coupons/{code}", {"kind": kind, **terms}, shop.bearer("admin"))


async def uses(shop: ShopUnderTest, code: str) -> tuple[int, int]:
    """Return how often a coupon is held and used."""
    answer = await shop.client.get(f"/admin/coupons/{code}", headers=shop.bearer("operator"))
    shown = ok(answer)
    return shown["held"], shown["used"]


async def use(buyer: Buyer, code: str) -> None:
    ok(await buyer.ask("PUT", f"/carts/{buyer.cart_id}/coupon", {"code": code}))


async def bought(shop: ShopUnderTest, buyer: Buyer) -> None:
    pending = await buyer.intent()
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")


async def test_each_kind_of_coupon_takes_off_what_it_says(shop: ShopUnderTest) -> None:
    await shop.stocked("KIND", price=3_333, units=50)
    await coupon(shop, "TENTH", "percent", value=10)
    await coupon(shop, "FLAT", "fixed", value=1_500)
    await coupon(shop, "FREIGHT", "free_shipping")
    expected = {"TENTH": (1_000, 5_000), "FLAT": (1_500, 5_000), "FREIGHT": (0, 0)}
    for code, (discount, shipping) in expected.items():
        buyer = await Buyer.guest(shop, KIND=3)
        await use(buyer, code)
        pending = await buyer.intent()
        totals = {name: each["amount"] for name, each in pending["totals"].items()}
        assert totals == {
            "subtotal": 9_999,
            "discount": discount,
            "shipping": shipping,
            "total": 9_999 - discount + shipping,
        }
        assert sum(line["discount"]["amount"] for line in pending["items"]) == discount
        assert await uses(shop, code) == (1, 0)
        await shop.pay(order_of(pending))
        await buyer.until(pending, "ORDER_CREATED")
        assert await uses(shop, code) == (0, 1)


async def test_a_coupon_for_one_use_a_mailbox_is_given_once(shop: ShopUnderTest) -> None:
    await shop.stocked("MAILBOX", units=50)
    await coupon(shop, "ONCE", "percent", value=50, limit_per_customer=1)
    first = await Buyer.guest(shop, "once@example.in", MAILBOX=1)
    await use(first, "ONCE")
    await bought(shop, first)
    second = await Buyer.guest(shop, "Once@Example.in", MAILBOX=1)
    await use(second, "ONCE")
    problem = refused(await second.order(), 422, "coupon-not-applicable")
    assert problem["coupon"] == "ONCE"
    assert (await second.cart())["state"] == "CART_PENDING"
    assert await stock_of(shop, "MAILBOX") == (0, 1, 49)
    ok(await second.ask("DELETE", f"/carts/{second.cart_id}/coupon"))
    await bought(shop, second)


async def test_one_mailbox_in_many_carts_at_once_uses_a_coupon_once(shop: ShopUnderTest) -> None:
    await shop.stocked("GREEDY", units=50)
    await coupon(shop, "GREED", "percent", value=50, limit_per_customer=1)
    buyers = [await Buyer.guest(shop, "greedy@example.in", GREEDY=1) for _ in range(8)]
    for buyer in buyers:
        await use(buyer, "GREED")
    started = await asyncio.gather(*(buyer.start() for buyer in buyers[:4]))
    assert [answer.status_code for answer in started] == [201] * 4
    answers = await asyncio.gather(*(buyer.order() for buyer in buyers))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    assert (await uses(shop, "GREED"))[1] == 0


async def test_a_coupon_with_a_limit_survives_a_rush(shop: ShopUnderTest) -> None:
    await shop.stocked("RUSH", units=50)
    await coupon(shop, "FIRST3", "fixed", value=100, limit_total=3)
    buyers = [await Buyer.guest(shop, RUSH=1) for _ in range(12)]
    for buyer in buyers:
        await use(buyer, "FIRST3")
    answers = await asyncio.gather(*(buyer.order() for buyer in buyers))
    taken = [answer for answer in answers if answer.status_code == 201]
    assert len(taken) == 3
    for answer in answers:
        if answer not in taken:
            refused(answer, 422, "coupon-not-applicable")
    assert await uses(shop, "FIRST3") == (3, 0)
    assert await stock_of(shop, "RUSH") == (3, 0, 47)
    session = ok(taken[0])["checkout_session_id"]
    winner = buyers[answers.index(taken[0])]
    ok(await winner.ask("POST", f"/checkout/{session}/cancel"))
    assert await uses(shop, "FIRST3") == (2, 0)


async def test_coupons_that_do_not_count_are_refused_with_the_reason(shop: ShopUnderTest) -> None:
    await shop.stocked("REASONS", units=5)
    await coupon(shop, "OVER", "percent", value=10, ends_at="2020-01-01T00:00:00Z")
    await coupon(shop, "SOON", "percent", value=10, starts_at="2999-01-01T00:00:00Z")
    minimum = {"amount": 10_001, "currency": "INR"}
    await coupon(shop, "MORE", "percent", value=10, minimum_subtotal=minimum)
    buyer = await Buyer.guest(shop, REASONS=1)
    for code in ("OVER", "SOON", "MORE", "NEVER-WAS"):
        answer = await buyer.ask("PUT", f"/carts/{buyer.cart_id}/coupon", {"code": code})
        assert refused(answer, 422, "coupon-not-applicable")["reason"]
    assert (await buyer.cart())["coupon"] is None


async def test_nothing_to_pay_is_an_order_at_once(shop: ShopUnderTest) -> None:
    await shop.stocked("GIFT", units=5)
    await coupon(shop, "ALL", "percent", value=100)
    free = {"name": "Free", "rates": [{"price": {"amount": 0, "currency": "INR"}}]}
    await shop.sent("PUT", "/admin/shipping-methods/free", free, shop.bearer("admin"))
    buyer = await Buyer.guest(shop, GIFT=1)
    await use(buyer, "ALL")
    answer = await buyer.order(key="gift", shipping_method="free")
    assert answer.status_code == 201
    done = ok(answer)
    assert (done["state"], done["payment_intent"]) == ("ORDER_CREATED", None)
    assert await stock_of(shop, "GIFT") == (0, 1, 4)
    assert await uses(shop, "ALL") == (0, 1)
    assert not await orders_at_razorpay(shop, done["checkout_session_id"])
    session = {"checkout_session_id": done["checkout_session_id"]}
    again = await buyer.order(shipping_method="free", **session)
    assert (again.status_code, ok(again)["order_id"]) == (200, done["order_id"])
    order = ok(await buyer.ask("GET", f"/orders/{done['order_id']}"))
    assert order["totals"]["total"]["amount"] == 0


async def test_too_little_to_be_paid_is_refused_before_anything_is_held(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("PENNY", price=99, units=5)
    free = {"name": "Free", "rates": [{"price": {"amount": 0, "currency": "INR"}}]}
    await shop.sent("PUT", "/admin/shipping-methods/free", free, shop.bearer("admin"))
    buyer = await Buyer.guest(shop, PENNY=1)
    problem = refused(await buyer.order(shipping_method="free"), 422, "amount-below-minimum")
    assert problem["minimum"] == 100
    assert await stock_of(shop, "PENNY") == (0, 0, 5)
    assert (await buyer.cart())["state"] == "CART_PENDING"
    paying = await buyer.intent(shipping_method="standard")
    assert paying["totals"]["total"]["amount"] == 5_099
