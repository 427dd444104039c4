"""Answers that drip, redirect, give ids twice, or refuse a recipient of two."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from tests.faults.harness.environment import ACCOUNTS, Stage, moment
from tests.faults.harness.events import POSTED_STATES, Fate, Publication, published
from tests.faults.harness.row import Result
from tests.faults.provider.wrong_answers import EVENTS, Fault, befallen
from tests.faults.workers.process_ends import faulted
from tests.support.crm import row, rows

#: Each byte comes in time, all of them long after a call's deadline, which is 1.2 s here.
DRIP_S, CALL_MAX_S = 0.05, 3.0
IN_FLIGHT = 5
#: As many as may wait before a door that nobody opens.
CALLERS = 64
POSTED_OR_REFUSED = Fate(POSTED_STATES | {"refused"})

STORED = "SELECT key, extract(epoch FROM created_at) FROM attempts"
NAMED = "SELECT count(*) FROM provider_messages"
ACCEPTED = "SELECT count(*) FROM transitions WHERE to_state = 'accepted' AND from_state <> 'accepted'"
REFUSED = (
    "SELECT count(*), count(*) FILTER (WHERE ltrim(phone, '+') = any(%s)) FROM notifications WHERE state = 'refused'"
)


def dripping(stage: Stage, runs: int) -> Result:
    """A body that comes byte by byte is left at the deadline."""
    drip = Fault("drip", "drip", {"seconds": DRIP_S})
    # Few at once, so that no POST waits for a thread and the time since its claim is its own.
    result = befallen(stage, runs, faults=(drip,), in_flight=IN_FLIGHT)
    stored = {key: float(at) for key, at in rows(stage.pool, STORED)}
    longest = max(seen - stored[key] for key, seen in first_doubts(stage))
    figures = {"longest call s": round(longest, 2), **result.figures}
    return faulted(replace(result, figures=figures), [f"a call took {longest:.1f} s"] if longest > CALL_MAX_S else [])


def first_doubts(stage: Stage) -> Iterator[tuple[str, float]]:
    """The attempts whose answer was not read, and when their first POST ended."""
    seen: dict[str, float] = {}
    for line in log_lines(stage, "attempt.in_doubt"):
        at = datetime.fromisoformat(line["@timestamp"]).timestamp()
        seen[line["sms.attempt"]] = min(at, seen.get(line["sms.attempt"], at))
    yield from seen.items()


def log_lines(stage: Stage, action: str) -> list[dict[str, Any]]:
    """Log lines of an event, of processes that may have ended."""
    lines = (orjson.loads(line) for path in stage.folder.glob("*.log") for line in path.read_bytes().splitlines())
    return [line for line in lines if line.get("event.action") == action]


def redirected(stage: Stage, runs: int) -> Result:
    """Redirects are not followed: nobody comes to the door that they lead to."""
    with socket.create_server(("127.0.0.1", 0), backlog=CALLERS) as door:
        door.settimeout(0)
        there = {"location": f"http://127.0.0.1:{door.getsockname()[1]}/message/send.json"}
        faults = [Fault(str(status), "redirect", {"status": status, **there}) for status in (301, 307)]
        result = befallen(stage, runs, faults=faults)
        followed = callers(door)
    figures = {"followed": followed, **result.figures}
    return faulted(replace(result, figures=figures), [f"{followed} were followed"] if followed else [])


def callers(door: socket.socket) -> int:
    """How many have connected to a door that nobody opens."""
    for number in range(CALLERS):
        try:
            door.accept()[0].close()
        except BlockingIOError:
            return number
    return CALLERS


def ids_given_twice(stage: Stage, runs: int) -> Result:
    """A new message gets the id of an earlier: both rows are sent, the id stays with one, and there is an alert."""
    twice = Fault("same id", "same_id", chosen={"people": 1, "account": ACCOUNTS[0]})
    result = befallen(stage, runs, faults=(twice,), are_ids_true=False)
    alerts = len(log_lines(stage, "message_id.repeated"))
    [named], [accepted] = row(stage.pool, NAMED), row(stage.pool, ACCEPTED)
    figures = {"alerts": alerts, "rows": accepted, "ids": named, **result.figures}
    faults = [] if alerts and named + alerts == accepted else ["an id was given twice and there was no alert"]
    return faulted(replace(result, figures=figures), faults)


def refused_in_part(stage: Stage, runs: int) -> Result:
    """One of two people is on the provider's stop-list (803): each gets an outcome of his own."""
    with stage.fleet() as fleet:
        stopped = {stage.events.phones(1)[0] for _ in range(runs)}
        events = [*stage.events.stream(EVENTS - runs), *(beside_stopped(stage, phone) for phone in sorted(stopped))]
        stage.random.shuffle(events)
        stage.publish(events).wait()
        result = stage.result(fleet, runs=runs, since=moment())
    refused, meant = row(stage.pool, REFUSED, [f"38{phone}" for phone in stopped])
    figures = {"refused": refused, "of these on the stop-list": meant}
    return faulted(
        replace(result, figures=figures), [] if refused == meant == len(stopped) else ["not who should be was refused"]
    )


def beside_stopped(stage: Stage, stopped: str) -> Publication:
    """An event for two people, of whom the provider writes to one; the refused one comes on our own stop-list."""
    stage.provider.stop(f"38{stopped}")
    mark, phones = stage.events.mark(), (stopped, *stage.events.phones(1))
    body = stage.events.body("order.created", stage.random.choice(ACCOUNTS), mark=mark, phones=phones)
    return published(body, mark=mark, phones=phones, fate=POSTED_OR_REFUSED)
