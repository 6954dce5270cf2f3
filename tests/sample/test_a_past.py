"""A past that was made up is a book like any other, and always the same for the same seed."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from src.bootstrap import open_parts
from src.bootstrap.notary import notary_of
from src.bootstrap.worker import expire_due
from src.cli.audit_verify import verify_book
from src.cli.complaint import Complaint
from src.cli.sample_history.report import lines_of
from src.commands.decisions.inquiries import LADDER
from src.events.checkout import AwaitingPayment, IntentRequested, Started
from src.events.identifiers import CHECKOUT, category_of
from src.settings import Settings
from tests.journeys.whole_book import check_log, stored_chain, whole_book
from tests.promises import check_promises
from tests.sample.conftest import Sampled
from tests.sample.past import UNTIL, bare, made, request, states_of


def test_the_same_seed_makes_the_same_facts_in_every_installation(
    sampled: Sampled, sampled_again: Sampled
) -> None:
    first, second = (
        [bare(event) for event in asyncio.run(whole_book(each.settings.app_url))]
        for each in (sampled, sampled_again)
    )
    assert first == second
    assert len(first) == sampled.made.position > 150 * 20


def test_another_seed_makes_another_past(sampled: Sampled, settings: Settings) -> None:
    made(settings, request(orders=10, days=2, seed=2))
    first, other = (
        {event.event_id for event in asyncio.run(whole_book(each.app_url))}
        for each in (sampled.settings, settings)
    )
    assert not first & other


def test_no_fact_is_recorded_before_the_past_begins_or_after_it_ends(sampled: Sampled) -> None:
    events = asyncio.run(whole_book(sampled.settings.app_url))
    times = [event.recorded_at for event in events]
    assert times == sorted(times)
    assert UNTIL - timedelta(days=7) <= times[0] <= times[-1] < UNTIL


def test_every_promise_holds_and_every_hash_is_right(sampled: Sampled) -> None:
    events = asyncio.run(whole_book(sampled.settings.app_url))
    check_log(events)
    asyncio.run(stored_chain(sampled.settings.app_url, events))
    check_promises(states_of(events))


def test_about_as_many_orders_are_placed_as_were_asked_for(sampled: Sampled) -> None:
    assert 140 <= sampled.made.orders <= 155
    assert sampled.made.facts == Counter(
        event.type for event in asyncio.run(whole_book(sampled.settings.app_url))
    )


def test_a_session_is_open_at_the_end_only_if_its_time_is_not_over(sampled: Sampled) -> None:
    states = states_of(asyncio.run(whole_book(sampled.settings.app_url)))
    checkouts = [state for name, state in states.items() if category_of(name) == CHECKOUT]
    still_open = [
        each for each in checkouts if isinstance(each, Started | IntentRequested | AwaitingPayment)
    ]
    # What is due in the last second is the worker's.
    last = UNTIL - timedelta(seconds=1)
    assert [each for each in still_open if each.basis.expires_at < last] == []


def test_a_worker_goes_on_with_it_and_every_audit_is_green(sampled: Sampled) -> None:
    asyncio.run(_work(sampled.settings))
    assert verify_book(sampled.settings, 0) == 0


async def _work(settings: Settings) -> None:
    parts = await open_parts(settings)
    try:
        await parts.runner.catch_up()
        await parts.analysts_runner.catch_up()
        await expire_due(parts)
        await parts.runner.catch_up()
        await parts.analysts_runner.catch_up()
        old_enough = await parts.inquiries.old_enough(0, sampled_head := 10**9, UNTIL - LADDER[0])
        assert old_enough is None or old_enough <= sampled_head
        assert await parts.bookmarks.position("inquiries") > 0
    finally:
        await parts.close()
    notary = notary_of(settings)
    await notary.catch_up()
    await notary.close()


def test_a_book_that_is_not_empty_is_refused(sampled: Sampled) -> None:
    with pytest.raises(Complaint, match="needs an empty book"):
        made(sampled.settings, request())


def test_a_run_says_in_numbers_what_it_made(sampled: Sampled) -> None:
    said = "\n".join(lines_of(sampled.made))
    assert f"{sampled.made.position:,}" in said
    assert "7 days until 2026-08-31T18:00:00Z, seed 1" in said
    assert "orders/s" in said
