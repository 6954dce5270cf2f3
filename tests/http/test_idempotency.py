"""The same wish sent twice, over HTTP."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from src.http.idempotency import ANONYMOUS_REPLAY_SECONDS, KEEP_HOURS, KEY_LENGTH_MAX
from tests.http.memory import MemoryIdempotency
from tests.http.tiny import Shop

pytestmark = pytest.mark.anyio
KEY = {"Idempotency-Key": "k1"}


async def test_a_repetition_is_answered_with_the_same_words_and_says_so(shop: Shop) -> None:
    async with shop.client() as client:
        first = await client.post("/things", json={"quantity": 2}, headers=KEY)
        second = await client.post("/things", json={"quantity": 2}, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["khata-position"] == first.headers["khata-position"]
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(shop.counter.effects) == 1


async def test_another_body_under_the_same_key_is_refused(shop: Shop) -> None:
    async with shop.client() as client:
        await client.post("/things", json={"quantity": 2}, headers=KEY)
        other = await client.post("/things", json={"quantity": 3}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(shop.counter.effects) == 1


async def test_of_fifty_at_once_one_has_an_effect_and_the_others_are_told_to_wait(
    shop: Shop,
) -> None:
    shop.counter.gate = asyncio.Event()
    async with shop.client() as client:
        tries = [
            asyncio.create_task(client.post("/things", json={}, headers=KEY)) for _ in range(50)
        ]
        early = [await each for each in asyncio.as_completed(tries[1:])]
        shop.counter.gate.set()
        winner = await tries[0]
        late = await client.post("/things", json={}, headers=KEY)
    assert winner.status_code == 201
    assert {answer.json()["code"] for answer in early} == {"request-in-progress"}
    assert {answer.headers["retry-after"] for answer in early} == {"1"}
    assert late.content == winner.content
    assert len(shop.counter.effects) == 1


async def test_an_expired_lease_runs_the_same_command_again(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    store = shop.store
    assert isinstance(store, MemoryIdempotency)
    async with shop.client() as client:
        await client.post("/things", json={}, headers=KEY)
        (held,) = store.rows.values()
        held.answer, held.lease_until = None, shop.clock()  # As after a crash before the answer.
        await client.post("/things", json={}, headers=KEY)
    (first, first_again), (second, second_again) = shop.counter.effects
    assert first == second
    assert (first_again, second_again) == (False, True)


async def test_a_500_is_not_kept_and_the_repetition_runs_the_same_command(shop: Shop) -> None:
    shop.counter.broken = 1
    async with shop.client() as client:
        broken = await client.post("/things", json={}, headers=KEY)
        mended = await client.post("/things", json={}, headers=KEY)
    assert (broken.status_code, mended.status_code) == (500, 201)
    assert shop.counter.effects[0][0] == shop.counter.effects[1][0]
    assert shop.counter.effects[1][1]


async def test_a_refusal_is_kept_too(shop: Shop) -> None:
    async with shop.client() as client:
        first = await client.post("/things/locked", headers=KEY)
        second = await client.post("/things/locked", headers=KEY)
    assert (first.status_code, second.status_code) == (409, 409)
    assert first.content == second.content
    assert second.headers["content-type"] == "application/problem+json"


async def test_a_key_belongs_to_its_caller_and_its_address(shop: Shop) -> None:
    async with shop.client() as client:
        for headers in ({}, {"X-Session-Id": "a"}, {"X-Session-Id": "b"}, shop.bearer("customer")):
            await client.post("/things", json={}, headers={**KEY, **headers})
        await client.post("/things/trivial", json={}, headers=KEY)
    commands = {command for command, _ in shop.counter.effects}
    assert len(commands) == len(shop.counter.effects) == 4


async def test_nobody_in_particular_hears_an_answer_again_for_ten_minutes_and_a_guest_for_a_day(
    shop: Shop,
) -> None:
    """Whoever shares an address could guess a key, and the answer of a new cart has its secret."""
    guest = {**KEY, "X-Session-Id": "a"}
    async with shop.client() as client:
        for headers in (KEY, guest):
            await client.post("/things", json={}, headers=headers)
        shop.clock.forward(timedelta(seconds=ANONYMOUS_REPLAY_SECONDS))
        soon = await client.post("/things", json={}, headers=KEY)
        shop.clock.forward(timedelta(seconds=1))
        late = [await client.post("/things", json={}, headers=each) for each in (KEY, guest)]
    assert soon.headers["idempotent-replayed"] == "true"
    assert [each.status_code for each in late] == [422, 201]
    assert late[0].json()["code"] == "idempotency-key-reused"
    assert len(shop.counter.effects) == 2


async def test_what_nobody_in_particular_did_is_forgotten_with_their_key(shop: Shop) -> None:
    """Or else whoever says the key after them is given what the book knows: a cart's secret."""
    guest = {**KEY, "X-Session-Id": "a"}
    async with shop.client() as client:
        for _ in range(2):
            for headers in (KEY, guest):
                assert (await client.post("/things", headers=headers)).status_code == 201
            shop.clock.forward(timedelta(hours=KEEP_HOURS, seconds=1))
            await shop.store.purge()
    nobodys, guests, nobodys_later, guests_later = (each for each, _ in shop.counter.effects)
    assert nobodys != nobodys_later
    assert guests == guests_later, "whoever knows a secret is known by it"


async def test_nobody_in_particular_tries_the_same_command_again_after_a_failure(
    shop: Shop,
) -> None:
    shop.counter.broken = 1
    async with shop.client() as client:
        statuses = [(await client.post("/things", headers=KEY)).status_code for _ in range(2)]
    assert statuses == [500, 201]
    (first, _), (second, again) = shop.counter.effects
    assert (first, again) == (second, True)


async def test_without_a_key_every_call_is_a_wish_of_its_own(shop: Shop) -> None:
    async with shop.client() as client:
        await client.post("/things", json={})
        await client.post("/things", json={})
    assert len({command for command, _ in shop.counter.effects}) == 2


@pytest.mark.parametrize("key", ["", "a b", "é", "\x7f", "k" * (KEY_LENGTH_MAX + 1)])
async def test_what_cannot_be_a_key_is_refused(shop: Shop, key: str) -> None:
    async with shop.client() as client:
        headers = [(b"idempotency-key", key.encode("latin-1"))]
        answer = await client.post("/things", json={}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert shop.counter.effects == []


async def test_a_webhook_ignores_the_key(shop: Shop) -> None:
    async with shop.client() as client:
        for body in (b"one", b"three"):
            answer = await client.post("/webhooks/razorpay", content=body, headers=KEY)
            assert answer.json() == len(body)


async def test_what_is_kept_is_sealed(shop: Shop) -> None:
    store = shop.store
    assert isinstance(store, MemoryIdempotency)
    async with shop.client() as client:
        answer = await client.post("/things", json={}, headers={"Idempotency-Key": "asha"})
    ((name, held),) = store.rows.items()
    assert held.answer is not None
    assert b"correlation" in answer.content
    assert b"correlation" not in held.answer
    assert "asha" not in name
