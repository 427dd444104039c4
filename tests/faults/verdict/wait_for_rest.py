"""Waiting until a system is at rest again: every event settled, no row waiting, every queue empty."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg_pool import PoolTimeout

from tests.faults.harness.events import Publication
from tests.faults.verdict.evidence import depths
from tests.support.crm import row
from tests.support.waiting import PATIENCE_S
from worker.amqp.connection import CONNECTION_ERRORS
from worker.store.db.postgres import Pool

LOOK_S = 0.3
UNSETTLED = """
SELECT count(*) FROM unnest(%s::text[], %s::bytea[]) AS p(id, hash)
WHERE
    p.id NOT IN (SELECT event_id FROM events)
    AND NOT EXISTS (SELECT FROM dead_letters AS d WHERE coalesce(d.body_hash, d.hash) = p.hash)
"""
WAITING = """
SELECT count(*) FROM notifications WHERE state = ANY(ARRAY['planned', 'postponed', 'sending']) AND state <> ALL(%s)
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """Whether it came to rest, when by `time.time()`, and what it was still busy with if not."""

    came: bool
    at: float
    left: str = ""


def wait_for_rest(pool: Pool, amqp_url: str, confirmed: Sequence[Publication]) -> Rest:
    """Wait for it, patiently."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        left = busy_with(pool, amqp_url, confirmed)
        at = time.time()
        if not left or time.monotonic() > deadline:
            return Rest(not left, at, left)
        time.sleep(LOOK_S)


def busy_with(pool: Pool, amqp_url: str, confirmed: Sequence[Publication]) -> str:
    """What is still to be done; empty at rest."""
    with suppress(psycopg.Error, PoolTimeout, *CONNECTION_ERRORS):
        if waiting := row(pool, WAITING, list(allowed_to_wait(confirmed)))[0]:
            return f"{waiting} notifications"
        ids, hashes = [publication.id for publication in confirmed], [publication.hash for publication in confirmed]
        if unsettled := row(pool, UNSETTLED, ids, hashes)[0]:
            return f"{unsettled} events"
        # Last, because it costs the most.
        if lying := depths(amqp_url):
            return ", ".join(f"{count} in {queue}" for queue, count in lying.items())
        return ""
    return "a server that is away"


def allowed_to_wait(confirmed: Sequence[Publication]) -> set[str]:
    """States that a row's fate calls an end although rows wait in them."""
    return {state for publication in confirmed for state in publication.fate.states} & {
        "planned",
        "postponed",
        "sending",
    }
