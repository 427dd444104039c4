"""Forged messages on our queues: envelopes that stop or kill Dramatiq's own threads, and the same as events."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import Events, Publication, dead
from tests.faults.harness.row import Result
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import row
from worker.amqp.messages import nudge
from worker.amqp.topology import EVENT_QUEUES, SEND_QUEUES
from worker.core.sending.nudge import Nudge
from worker.process import DEAD

PACE = 40.0
TEN_YEARS_MS = 2_111_000_000_000
DEAD_LETTERS = "SELECT count(*) FROM dead_letters WHERE reason = 'envelope'"
NO_EVENT = dead("schema", "not_json", "not_utf8", "too_large")

#: Changes of an envelope of ours, and bytes that are none.
CHANGES: tuple[dict[str, Any], ...] = (
    {"options": None},
    {"options": []},
    {"options": {"throws": "Exception"}},
    {"options": {"pipe_target": {"queue_name": "x"}}},
    {"options": {"retries": "1"}},
    {"options": {"retries": -1}},
    {"options": {"eta": float("nan")}},
    {"options": {"eta": "tomorrow"}},
    {"options": {"eta": TEN_YEARS_MS}},
    {"actor_name": ["send_notifications"]},
    {"actor_name": "accept_events"},
    {"actor_name": "repeat_attempts"},
    {"queue_name": None},
    {"queue_name": "crm.events"},
    {"queue_name": "somebody's"},
    {"args": None},
    {"args": [[["2026-13-01", 1]]]},
    {"args": [[["2026-11-01", 2**63]]]},
    {"args": [[["2026-11-01", -1]]]},
    {"args": [[[None, None]]]},
    {"kwargs": {"ids": []}},
    {"kwargs": None},
    {"message_id": 7},
    {"message_timestamp": "now"},
    {"more": 1},
)
FORGED = '"FORGED"'
PIECES = ("1e400", "[" * 100_000 + "]" * 100_000, "9" * 5000, '"\\ud800"')
BYTES = (b"", b"\x00\xff\xfe", b"null")


def forged_everywhere(stage: Stage, _runs: int) -> Result:
    """Each on a send queue and on an event queue, under load: dead letters, and nobody dies or stops."""
    forged = list(forgeries(stage.events))
    with stage.fleet(workers=1) as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE)
        until_more_came(stage)
        stage.publish(forged).wait()
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=len(forged), since=moment())
    lost = sum(end.code == DEAD for end in fleet.ends)
    [dead_letters] = row(stage.pool, DEAD_LETTERS)
    figures = {
        "envelopes": len(forged) // 2,
        "threads lost": lost,
        "stops": len(fleet.stops),
        "dead letters envelope": dead_letters,
    }
    expected = len(forged) // 2
    faults = [f"{dead_letters} dead letters for {expected} envelopes"] if dead_letters != expected else []
    return faulted(replace(result, figures=figures), faults)


def forgeries(events: Events) -> Iterator[Publication]:
    """Every envelope on a queue of Dramatiq's, and as an event."""
    for number, body in enumerate(bodies()):
        queue = SEND_QUEUES[number % len(SEND_QUEUES)]
        addressed = body.replace(b"THIS QUEUE", queue.encode())
        yield Publication(events.mark(), "", "", queue, addressed, (), dead("envelope"), exchange="")
        queue = EVENT_QUEUES[number % len(EVENT_QUEUES)]
        # One more byte gives the two different hashes.
        yield Publication(events.mark(), "", "", queue, addressed + b" ", (), NO_EVENT, exchange="")


def bodies() -> Iterator[bytes]:
    """All of them; their queue's name is still to be put in."""
    whole = {**orjson.loads(nudge(Nudge("normal", ((date(2026, 11, 1), 5),))).body), "queue_name": "THIS QUEUE"}
    yield from (json.dumps({**whole, **change}).encode() for change in CHANGES)
    marked = json.dumps({**whole, "message_timestamp": "FORGED"})
    yield from (marked.replace(FORGED, piece).encode() for piece in PIECES)
    yield json.dumps(whole).replace('"options": {}', '"options": {}, "options": null').encode()
    yield json.dumps(whole).ljust(1_000_000).encode()
    yield from BYTES
