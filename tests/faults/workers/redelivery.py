"""Work that comes back: to a worker that slept past its lease, to two nudges, after a cut connection, as poison."""

import signal
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from statistics import median

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import dead
from tests.faults.harness.fleet import KILLED, Fleet
from tests.faults.harness.generator import Confirmed
from tests.faults.harness.row import Result
from tests.faults.verdict.checker import mark_of
from tests.faults.verdict.evidence import messages
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import row, rows
from tests.support.waiting import wait_until
from worker.core.contract.inbound_message import POISON_AT, SUSPECT_FROM

PACE = 20.0
#: A burst that the provider takes its time for: whoever is frozen then holds some of it.
BURST, LATENCY_MS, IN_FLIGHT = 24, 500, 3
BURSTS_A_RUN = 10
DELAY_MAX_S = 5.0
#: It kills two batches, then itself alone, counted each time; the fifth count buries it.
DEATHS = SUSPECT_FROM + POISON_AT - 1
CAUGHT = "whose POST was under way at a death waits for the lease, here 4 s"

OPEN = "SELECT key FROM attempts WHERE settled_at IS NULL AND created_at <= %s"
STILL_OPEN = "SELECT count(*) FROM attempts WHERE key = ANY(%s) AND settled_at IS NULL"
NOW = "SELECT clock_timestamp()"
TAKEN_OVER = "SELECT count(*) FROM attempts WHERE key = ANY(%s) AND lease > 1"
#: Moves of rows whose attempt somebody else has settled, after the sleeper woke.
LATE = """
SELECT count(*)
FROM attempts AS a
CROSS JOIN LATERAL unnest(a.row_months, a.row_ids) AS r(month, id)
INNER JOIN transitions AS m ON r.month = m.month AND r.id = m.notification
WHERE a.key = ANY(%s) AND m.at > %s AND m.actor IN ('send', 'record', 'release')
"""
RECEIVED = "SELECT event_id, extract(epoch FROM received_at) FROM events"
DEAD_LETTERS = "SELECT count(*) FROM dead_letters WHERE coalesce(body_hash, hash) = %s AND reason = 'poison'"
LEFT_OPEN = """
SELECT n.text
FROM attempts AS a
CROSS JOIN LATERAL unnest(a.row_months, a.row_ids) AS r(month, id)
INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
WHERE a.lease > 1
"""
HOLD = "LOCK TABLE attempts IN EXCLUSIVE MODE"


def frozen(stage: Stage, runs: int) -> Result:
    """SIGSTOP with POSTs under way, past their lease, until others have repeated and settled them; then SIGCONT."""
    stage.provider.settings(latency_ms=LATENCY_MS)
    asleep: list[tuple[list[str], datetime]] = []
    with stage.fleet() as fleet:
        while holders(stage, asleep) < runs and len(asleep) < runs * BURSTS_A_RUN:
            stage.publish(stage.events.stream(BURST)).wait()
            asleep.append(sleep_past_lease(stage, fleet))
            fleet.wait_for_retries()
        result = stage.result(fleet, runs=runs, since=asleep[-1][1].timestamp())
    taken = sum(row(stage.pool, TAKEN_OVER, keys)[0] for keys, _ in asleep)
    late = sum(row(stage.pool, LATE, keys, woke)[0] for keys, woke in asleep)
    figures = {"taken over": taken, "late writes": late, "answered 507": stage.provider.state()["repeats"]}
    faults = [f"{late} rows were moved after others had settled them"] if late else []
    faults += [] if holders(stage, asleep) >= runs else ["nothing was under way in who was frozen"]
    return faulted(replace(result, figures=figures), faults)


def holders(stage: Stage, asleep: Sequence[tuple[list[str], datetime]]) -> int:
    """How many of those who were frozen held something: which worker has a POST under way is drawn by RabbitMQ."""
    return sum(row(stage.pool, TAKEN_OVER, keys)[0] > 0 for keys, _ in asleep)


def sleep_past_lease(stage: Stage, fleet: Fleet) -> tuple[list[str], datetime]:
    """Freeze a worker until nothing that it may hold is open; these attempts, and the moment when it woke."""
    wait_until(lambda: stage.provider.state()["in_flight"] >= IN_FLIGHT, "POSTs are under way")
    slot = fleet.signal(signal.SIGSTOP)
    [now] = row(stage.pool, NOW)
    keys = [key for (key,) in rows(stage.pool, OPEN, now)]
    wait_until(lambda: row(stage.pool, STILL_OPEN, keys)[0] == 0, "others have settled what it held")
    [woke] = row(stage.pool, NOW)
    fleet.signal(signal.SIGCONT, slot)
    return keys, woke


def killed_while_retrying(stage: Stage, runs: int) -> Result:
    """A nudge fails, its retry is published, and the worker dies before it acknowledges: both copies come."""
    with stage.fleet(failpoints="retried:kill") as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE)
        for number in range(1, runs + 1):
            until_more_came(stage)
            # A claim that meets this lock ends with an error of PostgreSQL, and its rows stay planned.
            with stage.pool.connection() as connection:
                connection.execute(HOLD)
                fleet.wait_for_kills(number)
        load.finish()
        copies = fleet.kills
        fleet.disarm()
        return stage.result(fleet, runs=copies, since=moment(), reason="each death left two nudges of the same rows")


def connections_closed(stage: Stage, runs: int) -> Result:
    """RabbitMQ closes every connection under load: what cannot be acknowledged comes again."""
    ended: list[float] = []
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), ahead=200)
        for _ in range(runs):
            until_more_came(stage)
            stage.servers.rabbitmqctl("close_all_connections", "fault")
            ended.append(moment())
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=runs, ended=ended)
        repeats = sum(line["sms.repeats"] for line in fleet.log_lines("events.accepted"))
    return replace(result, figures={"redelivered, already settled": repeats, "published again": load.repeats})


def poisonous(stage: Stage, runs: int) -> Result:
    """Events that kill their worker, in turn: each becomes a dead letter, and no other waits for it."""
    poison = [stage.events.single("invoice.overdue", fate=dead("poison")) for _ in range(runs)]
    with stage.fleet(failpoints=",".join(f"parsed:kill:holding={item.mark}" for item in poison)) as fleet:
        # Slow enough for innocents that must run alone because a death held them too.
        load = stage.publish(stage.events.stream(), pace=PACE / 2)
        until_more_came(stage)
        began = moment()
        for publication in poison:
            stage.publish([publication]).wait()
            wait_until(lambda item=publication: row(stage.pool, DEAD_LETTERS, item.hash)[0], "it is a dead letter")
        kills, over = fleet.kills, moment()
        load.finish()
        fleet.disarm()
        result = stage.result(fleet, runs=runs, since=over)
    others = [confirmed for confirmed in load.confirmed if began <= confirmed.at <= over]
    accepted, sent, caught = delays(stage, others)
    figures = {
        "kills": kills,
        "a restart took s": round(restart_s(fleet), 1),
        "others": len(others),
        "accepted after s": round(accepted, 1),
        "sent after s": round(sent, 1),
        "under way at a death": len(caught),
        "these sent after s": round(max(caught, default=0.0), 1),
    }
    slow = max(accepted, sent)
    faults = [f"others waited {slow:.1f} s for poison"] if slow > DELAY_MAX_S else []
    faults += [] if kills == runs * DEATHS else [f"{kills} deaths for {runs} poisonous events, not {DEATHS} each"]
    return faulted(replace(result, figures=figures, reason=CAUGHT), faults)


def restart_s(fleet: Fleet) -> float:
    """How long the replacement of a killed worker took to work, in the median."""
    started = sorted(
        datetime.fromisoformat(line["@timestamp"]).timestamp() for line in fleet.log_lines("worker.started")
    )
    killed = sorted(end.at for end in fleet.ends if end.code == KILLED)
    # Those that started before the first death are the fleet itself; each later start replaces a dead worker.
    return median(at - end for at, end in zip(started[len(fleet.workers) :], killed, strict=False))


def delays(stage: Stage, others: Iterable[Confirmed]) -> tuple[float, float, list[float]]:
    """The longest time to a row, the longest to a message, and the times of those whose POST a death left open."""
    received = {event: float(at) for event, at in rows(stage.pool, RECEIVED)}
    left_open = {mark_of(text) for (text,) in rows(stage.pool, LEFT_OPEN)}
    sent: dict[str, float] = {}
    for message in messages(stage.provider):
        sent.setdefault(mark_of(message.text), message.at)
    known = [
        confirmed for confirmed in others if confirmed.publication.id in received and confirmed.publication.mark in sent
    ]
    waits = {confirmed.publication.mark: sent[confirmed.publication.mark] - confirmed.at for confirmed in known}
    accepted = [received[confirmed.publication.id] - confirmed.at for confirmed in known]
    caught = [wait for mark, wait in waits.items() if mark in left_open]
    return max(accepted), max(wait for mark, wait in waits.items() if mark not in left_open), caught
