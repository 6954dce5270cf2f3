"""Everybody who comes: planned some hours ahead, so that their keys are made in one go."""

import asyncio
from datetime import timedelta
from random import Random

from src.cli.sample_history.chance import between, chance_of
from src.cli.sample_history.fates import (
    LEAVING_PER_BUYER,
    WITHOUT_INTENT,
    Fate,
    fate_of_buyer,
    fate_of_leaver,
)
from src.cli.sample_history.goods import COUPONS, SALE_COUPON
from src.cli.sample_history.persons import Known, Person, invented, sealed
from src.cli.sample_history.rhythm import HOUR, Hour, hours, is_sale
from src.cli.sample_history.shop import SampleShop
from src.cli.sample_history.timeline import Life
from src.cli.sample_history.visitor import Plan, Visitor
from src.cli.sample_history.visits import visit
from src.commands.decisions.people import keep_address, register
from src.events.customer import CustomerRegistered
from src.events.identifiers import CUSTOMER, MAILBOX, public_id, stream

HOURS_AHEAD = 6
ACCOUNT_SHARE = 0.16
"""Of all who say who they are."""
VISITS_PER_ACCOUNT = 5
ACCOUNTS_MAX = 5_000
ADDRESS_KEPT_SHARE = 0.6
COUPON_SHARE, SALE_COUPON_SHARE = 0.09, 0.35


class Crowd:
    """All who come, in the order in which they do."""

    def __init__(self, shop: SampleShop) -> None:
        self._shop = shop
        self._chance = chance_of(shop.request.seed, "crowd")
        visits = shop.request.orders * ACCOUNT_SHARE
        self._accounts_max = min(ACCOUNTS_MAX, 1 + int(visits / VISITS_PER_ACCOUNT))
        self._accounts: dict[int, Person] = {}
        self._registered: set[str] = set()
        self._came = 0

    async def life(self) -> Life:
        """Plan some hours, let them pass, plan the next."""
        request = self._shop.request
        ahead = hours(
            request.orders,
            request.since,
            request.until,
            zone=self._shop.zone,
            chance=chance_of(request.seed, "rhythm"),
        )
        for first in range(0, len(ahead), HOURS_AHEAD):
            block = ahead[first : first + HOURS_AHEAD]
            await self._plan(block)
            yield len(block) * HOUR

    async def _plan(self, block: list[Hour]) -> None:
        """Draw who comes in these hours, and seal what the book will keep of them."""
        coming = [
            (hour.begins + between(self._chance, timedelta(), HOUR), fate)
            for hour in block
            for fate in self._fates(hour.buyers)
        ]
        coming.sort(key=lambda each: each[0])
        drawn = [(at, fate, self._person(fate)) for at, fate in coming]
        persons = {each.customer_id: each for _, _, each in drawn if each is not None}
        known = dict(
            zip(
                persons,
                await asyncio.gather(
                    *(sealed(self._shop.people, each) for each in persons.values())
                ),
                strict=True,
            )
        )
        for at, fate, person in drawn:
            known_one = None if person is None else known[person.customer_id]
            self._shop.timeline.begin(at, self._visit(self._planned(at, fate, known_one)))

    def _fates(self, buyers: int) -> list[Fate]:
        leavers = buyers * LEAVING_PER_BUYER
        count = int(leavers) + (self._chance.random() < leavers % 1)
        chance = self._chance
        return [fate_of_buyer(chance) for _ in range(buyers)] + [
            fate_of_leaver(chance) for _ in range(count)
        ]

    def _person(self, fate: Fate) -> Person | None:
        """Draw a guest or one of the accounts; some visitors stay unknown."""
        chance = self._chance
        if chance.random() < ACCOUNT_SHARE:
            number = chance.randrange(self._accounts_max)
            if number not in self._accounts:
                made = invented(f"a{number}", self._own("account", number), has_account=True)
                self._accounts[number] = made
            return self._accounts[number]
        if fate in WITHOUT_INTENT:
            return None
        self._came += 1
        return invented(f"{self._came}", self._own("guest", self._came), has_account=False)

    def _planned(self, at: object, fate: Fate, known: Known | None) -> Plan:
        chance = self._own("visit", at)
        return Plan(
            fate=fate,
            chance=chance,
            basket=self._shop.goods.basket(chance),
            known=known,
            coupon=self._coupon(chance),
        )

    def _coupon(self, chance: Random) -> str | None:
        day = (self._shop.timeline.now - self._shop.request.since).days
        if is_sale(day) and chance.random() < SALE_COUPON_SHARE:
            return SALE_COUPON
        return chance.choice(list(COUPONS)) if chance.random() < COUPON_SHARE else None

    async def _visit(self, plan: Plan) -> Life:
        visitor = Visitor(self._shop, plan)
        if visitor.customer_id is not None and visitor.customer_id not in self._registered:
            self._registered.add(visitor.customer_id)
            await self._register(visitor)
            yield between(plan.chance, timedelta(seconds=5), timedelta(minutes=1))
        async for pause in visit(visitor):
            yield pause

    async def _register(self, visitor: Visitor) -> None:
        """Open an account; all have one password, and nobody knows which."""
        known, shop = visitor.plan.known, self._shop
        assert known is not None
        customer_id = known.person.customer_id
        registered = CustomerRegistered(
            customer_id=customer_id,
            mailbox=known.mailbox,
            profile=known.contact,
            password=await shop.people.seal(customer_id, shop.password),
        )
        begins = [stream(CUSTOMER, customer_id), stream(MAILBOX, known.mailbox)]
        await shop.do("guest", lambda view: register(view, registered), begins=begins)
        if visitor.chance.random() < ADDRESS_KEPT_SHARE:
            address_id = public_id("addr", shop.ids.new())
            await shop.do(
                visitor.actor,
                lambda view: keep_address(view, customer_id, address_id, known.address),
            )

    def _own(self, *names: object) -> Random:
        return chance_of(self._shop.request.seed, *names)
