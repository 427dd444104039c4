"""Thousands of broken events, of which nobody knows beforehand what each must come to: all are accounted for."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from tests.faults.events.mutations import mutated
from tests.faults.harness.environment import Stage
from tests.faults.harness.events import EVENT_TYPES, POSTED_STATES, Publication
from tests.faults.harness.row import Result
from tests.faults.verdict.evidence import depths, messages
from tests.support.crm import Json, row, rows
from tests.support.waiting import PATIENCE_S

#: Whole events that are broken again and again; a text of an event is sent once.
POOL = 48
LOOK_S = 0.5
ODD_KEYS = ("", "acme", "acme.", "beta.order.created", "acme.\U0001f600", "a" * 255)

KNOWN = "SELECT sha256(body) FROM events UNION ALL SELECT coalesce(body_hash, hash) FROM dead_letters"
REPEATS = "SELECT coalesce(sum(repeats), 0)::integer FROM event_keys"
WAITING = "SELECT count(*) FROM notifications WHERE state IN ('planned', 'postponed', 'sending')"
REASONS = "SELECT reason, count(*) FROM dead_letters GROUP BY 1 ORDER BY 2 DESC"
STATES = "SELECT state, count(*) FROM notifications GROUP BY 1"
KEYS = "SELECT key FROM attempts"
EVENTS = "SELECT count(*) FROM events"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What all of them came to: bodies without a row or a dead letter, rows that wait, messages in queues."""

    unaccounted: int
    waiting: int
    lying: int

    @property
    def is_settled(self) -> bool:
        return not (self.unaccounted or self.waiting or self.lying)


def fuzzed(stage: Stage, runs: int) -> Result:
    """So many mutations of valid events; each ends as an event or as a dead letter, and nobody dies."""
    broken = list(mutations(stage, runs))
    with stage.fleet() as fleet:
        began = time.monotonic()
        stage.publish(broken).wait()
        ledger = settled(stage, broken)
        took = time.monotonic() - began
        fleet.stop()
    reasons, states = dict(rows(stage.pool, REASONS)), dict(rows(stage.pool, STATES))
    total = sum(count for state, count in states.items() if state in POSTED_STATES)
    sent = Counter((message.key, message.recipient) for message in messages(stage.provider))
    stray = sum(key not in {key for (key,) in rows(stage.pool, KEYS)} for key, _ in sent)
    lost = ledger.unaccounted + max(0, total - len(sent))
    faults = [*unsettled(ledger, reasons), *stage.misbehaviour(fleet)]
    faults += [f"lost: {total - len(sent)} messages of {total}"] if total > len(sent) else []
    faults += [f"wrong: {stray} messages without an attempt"] if stray else []
    doubled = sum(sent.values()) - len(sent)
    faults += [f"doubled: {doubled} messages"] if doubled else []
    figures = {
        "accepted": row(stage.pool, EVENTS)[0],
        "dead letters": sum(reasons.values()),
        "unaccounted": ledger.unaccounted,
        "broke the code": reasons.get("failed", 0),
        "sent": total,
        "events a s": round(runs / took),
        "stops": len(fleet.stops),
    }
    return Result(
        runs=runs, events=runs, lost=lost, doubled=doubled, wrong=stray, faults=tuple(faults), figures=figures
    )


def mutations(stage: Stage, count: int) -> Iterator[Publication]:
    """Each under an id of its own, mostly with the routing key that it had when it was whole."""
    events, random = stage.events, stage.random
    pool = [whole(stage, EVENT_TYPES[number % len(EVENT_TYPES)]) for number in range(POOL)]
    for _ in range(count):
        body = {**random.choice(pool), "id": str(UUID(int=random.getrandbits(128), version=4))}
        key = f"acme.{body['type']}" if random.random() < 0.97 else random.choice(ODD_KEYS)
        yield Publication(events.mark(), "", "acme", key, mutated(random, body), ())


def whole(stage: Stage, event_type: str) -> Json:
    """A valid event of acme's."""
    return stage.events.body(event_type, "acme", mark=stage.events.mark(), phones=stage.events.phones(1))


def settled(stage: Stage, broken: Sequence[Publication]) -> Ledger:
    """Wait until everything is accounted for and nothing waits; what is left if that does not come."""
    hashes = [publication.hash for publication in broken]
    deadline = time.monotonic() + PATIENCE_S
    while not (ledger := ledger_of(stage, hashes)).is_settled and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    return ledger


def ledger_of(stage: Stage, hashes: Sequence[bytes]) -> Ledger:
    """As it is."""
    known = {bytes(hash_) for (hash_,) in rows(stage.pool, KNOWN)}
    missing = sum(hash_ not in known for hash_ in hashes)
    # A mutation may leave an event as it was but for the order of its bytes: that is a repeat.
    repeated = row(stage.pool, REPEATS)[0] if missing else 0
    lying = 0 if missing > repeated else sum(depths(stage.amqp_url).values())
    return Ledger(max(0, missing - repeated), row(stage.pool, WAITING)[0], lying)


def unsettled(ledger: Ledger, reasons: dict[str, int]) -> Iterator[str]:
    """What is not as promised of it."""
    if not ledger.is_settled:
        yield f"not settled: {ledger}"
    if broke := reasons.get("failed", 0) + reasons.get("poison", 0):
        yield f"{broke} events broke the code that accepts them"
