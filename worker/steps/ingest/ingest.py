"""Events in, rows out: every delivery settles as an event with its rows, a repeat, or a dead letter.

What an event itself breaks is its own dead letter; everything else leaves nothing behind and may be tried again.
"""

import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue

from worker.core.contract.event import Malformed
from worker.core.contract.inbound_message import POISON_AT, Delivery
from worker.failpoint import reached
from worker.steps.ends import buried
from worker.steps.ingest.dead_letter import keep
from worker.steps.ingest.parse import Prepared, prepare, refused_dead_letter
from worker.steps.ingest.plan import Accepted, Intake, plan
from worker.steps.sending.straight.claim import Allowance
from worker.steps.sending.straight.straight_posts import StraightPosts
from worker.store.db.error_messages import reason
from worker.store.db.postgres import Pool, clock, committed, is_caused_by_input, is_timeout, transaction
from worker.store.db.write_check import refusal
from worker.store.ingest import suspect_messages


def accept(intake: Intake, deliveries: Sequence[Delivery]) -> list[Accepted]:
    """Settle every delivery: an event with its rows, a repeat, or a dead letter.

    Raises:
        Exception: PostgreSQL cannot take it now; nothing is lost when the deliveries come again.
    """
    reached("received")
    if len(deliveries) == 1 and deliveries[0].is_suspect:
        with intake.solitude.kept() as is_kept:
            return accept_suspect(intake, deliveries[0], is_kept=is_kept)
    with intake.solitude.beside():
        return accept_innocent(intake, deliveries)


def accept_innocent(intake: Intake, deliveries: Sequence[Delivery]) -> list[Accepted]:
    """Settle a batch; where one of them breaks it, each alone."""
    try:
        return [settle(intake, deliveries, goes_straight=True)]
    except Exception as error:
        if not is_caused_by_input(error):
            raise
    return [accept_alone(intake, delivery) for delivery in deliveries]


def settle(intake: Intake, deliveries: Sequence[Delivery], *, goes_straight: bool = False) -> Accepted:
    """Write a batch down, where it may with the attempts of what goes at once."""
    configuration, now = intake.cache.fresh(intake.pool)
    prepared = prepare(configuration, deliveries, salt=intake.salt, now=now)
    posts = intake.straight_posts
    if posts and goes_straight:
        allowed = posts.allowance(configuration, {draft.account for _, draft in prepared.drafted})
        if allowed.posts:
            return settle_straight(intake.pool, posts, replace(prepared, straight=allowed), deliveries)
    return written(intake.pool, prepared, deliveries)


def settle_straight(pool: Pool, posts: StraightPosts, prepared: Prepared, deliveries: Sequence[Delivery]) -> Accepted:
    """Write a batch and claim of it; where it can be written without alone, the claim is left out for a while."""
    allowed = prepared.straight
    try:
        with posts.in_turn():
            accepted = written(pool, prepared, deliveries)
    except Exception as error:  # noqa: BLE001 (what is no fault of the claim is raised again below)
        try:
            accepted = written(pool, replace(prepared, straight=Allowance()), deliveries)
        except BaseException:
            posts.release(allowed)
            raise
        posts.failed(allowed, reason(error))
    else:
        posts.written(allowed, accepted.claims)
    return accepted


def written(pool: Pool, prepared: Prepared, deliveries: Sequence[Delivery]) -> Accepted:
    return committed(pool, partial(plan, prepared, deliveries))


def accept_suspect(intake: Intake, delivery: Delivery, *, is_kept: bool) -> list[Accepted]:
    """Run a suspect alone and counted; at POISON_AT it becomes a dead letter.

    Its last run has the process to itself, or is not counted: else an innocent at the head of its queue, beside
    something that kills each process soon after its start, would be counted each time.
    """
    take_back_counts(intake)
    with transaction(intake.pool) as connection:
        is_last = suspect_messages.runs(connection, delivery.hash) == POISON_AT - 2
    if is_last and not is_kept:
        return [accept_alone(intake, delivery)]
    with intake.solitude.emptied() if is_last else nullcontext():
        return accept_counted(intake, delivery)


def accept_counted(intake: Intake, delivery: Delivery) -> list[Accepted]:
    with transaction(intake.pool) as connection:
        now = clock(connection)
        times = suspect_messages.count(connection, delivery.hash, now=now)
        if times >= POISON_AT:
            suspect_messages.clear(connection, delivery.hash)
            detail = f"It ran {times - 1} times and never settled, as when a worker dies; look before you replay it."
            poison = refused_dead_letter(delivery, Malformed("poison", detail))
            keep(connection, [poison], now=now)
            return [Accepted(refused=1, reported=(buried(poison),))]
    began = time.monotonic()
    try:
        return [accept_alone(intake, delivery)]
    except Exception as error:
        # Only a return in good order does not count: what the event itself breaks ends as poison, and so does one that
        # timed out alone though PostgreSQL takes writes.
        timed_out = is_timeout(error, took_s=time.monotonic() - began) and refusal(intake.pool) is None
        if not is_caused_by_input(error) and not timed_out:
            intake.uncounted.put(delivery.hash)
            with suppress(Exception):
                take_back_counts(intake)
        raise


def take_back_counts(intake: Intake) -> None:
    """Take back the counts of runs that ended in good order, even if PostgreSQL was away then."""
    hashes = list(drained(intake.uncounted))
    if not hashes:
        return
    try:
        with transaction(intake.pool) as connection:
            for hash_ in hashes:
                suspect_messages.take_back(connection, hash_)
    except BaseException:
        for hash_ in hashes:
            intake.uncounted.put(hash_)
        raise


def drained(queue: SimpleQueue[bytes]) -> Iterator[bytes]:
    """Drain a queue; other threads may take from it meanwhile."""
    with suppress(Empty):
        while True:
            yield queue.get_nowait()


def accept_alone(intake: Intake, delivery: Delivery) -> Accepted:
    """Accept one delivery in its own transaction; its own fault makes it a dead letter with the traceback."""
    try:
        return settle(intake, [delivery])
    except Exception as error:
        if not is_caused_by_input(error):
            raise
        story = "".join(traceback.format_tb(error.__traceback__))
        fault = Malformed("failed", f"{type(error).__name__} while the event was being accepted.")
    with transaction(intake.pool) as connection:
        suspect_messages.clear(connection, delivery.hash)
        dead_letter = refused_dead_letter(delivery, fault, story)
        keep(connection, [dead_letter], now=clock(connection))
    return Accepted(refused=1, reported=(buried(dead_letter),))
