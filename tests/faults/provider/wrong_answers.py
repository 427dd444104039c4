"""A provider that answers wrongly: each fault befalls some POSTs of 200 events, and is counted apart."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import SENT, Fate, Publication
from tests.faults.harness.row import Result
from tests.faults.verdict.checker import judge, mark_of
from tests.faults.verdict.evidence import Evidence
from tests.support.crm import row, rows
from tests.support.http_client import http
from tests.support.waiting import wait_until
from worker.store.db.postgres import Pool

EVENTS = 200
#: A short run has fewer victims: one of so many events.
VICTIM_OF = 6
#: Faults open the breaker now and then: what matters here is not how long it stays open.
WAITS = "BREAK_WAIT=0.4,BREAK_WAIT_MAX=0.8,PROBE_WAIT=0.4,PROBE_WAIT_MAX=0.8"
#: For rows that must see every answer: a late answer on a busy machine would be in doubt.
PATIENT = f"{WAITS},POST_DEADLINE=10,LEASE=25,LEASE_LEFT_MIN=11"
#: From a row's first POST to its last move.
DELAYS = """
SELECT n.text, extract(epoch FROM max(m.at) - min(m.at) FILTER (WHERE m.to_state = 'sending'))
FROM notifications AS n
INNER JOIN transitions AS m ON n.month = m.month AND n.id = m.notification
GROUP BY n.month, n.id, n.text
"""
#: Recipient and text of each row that the provider has taken, and its id.
IDS = """
SELECT ltrim(n.phone, '+'), n.text, p.message_id
FROM notifications AS n
LEFT JOIN provider_messages AS p ON n.account = p.account AND n.month = p.month AND n.id = p.notification
WHERE n.state IN ('accepted', 'sent', 'delivered', 'read', 'undelivered')
"""
DEAD = "SELECT count(*) FROM dead_letters"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the provider does wrong to some POSTs of its victims.

    Attributes:
        name: as the report has it.
        action: the simulator's name for it.
        script: what more it takes; whom it befalls and how often is added.
        fate: what must come of a victim.
        chosen: what its events shall have in common, as `people`.
        ends: how many rows of each victim end in a state, where its fate allows several.
    """

    name: str
    action: str
    script: Mapping[str, object] = field(default_factory=dict[str, object])
    fate: Fate = SENT
    chosen: Mapping[str, str | int] = field(default_factory=dict[str, str | int])
    ends: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Cast:
    """The events of a fault: victims, and others beside them that it spares."""

    fault: Fault
    victims: Sequence[Publication]
    spared: Sequence[Publication] = ()

    @property
    def events(self) -> list[Publication]:
        return [*self.victims, *self.spared]


def befallen(
    stage: Stage,
    runs: int,
    *,
    faults: Sequence[Fault],
    settings: Mapping[str, object] | None = None,
    in_flight: int | None = None,
    waits: str = WAITS,
    bound: Callable[[Pool], int] | None = None,
    are_ids_true: bool = True,
) -> Result:
    """Each fault befalls so many POSTs, all mixed; each has a report of its own."""
    stage.provider.settings(**(settings or {}))
    if in_flight:
        stage.set_accounts("in_flight", in_flight)
    casts = [cast(stage, fault, runs, of=min(EVENTS, VICTIM_OF * runs)) for fault in faults]
    with stage.fleet(waits=waits) as fleet:
        stage.publish(shuffled(stage, casts)).wait()
        wait_until(lambda: fired(stage) == runs * len(faults), "every fault has befallen")
        result = stage.result(fleet, runs=runs * len(faults), since=moment(), bound=bound)
        alerts = len(fleet.log_lines("provider.unexpected"))
    figures = {"answered 507": stage.provider.state()["repeats"], "alerts": alerts, "peak MB": fleet.peak_kb // 1024}
    return check_ids(stage, replace(result, figures=figures), casts, are_ids_true=are_ids_true)


def cast(stage: Stage, fault: Fault, victims: int, *, of: int) -> Cast:
    """Make a fault's events, and let it befall each victim once, so that a second POST takes nobody else's share."""
    chosen: Any = fault.chosen
    publications = tuple(stage.events.stream(victims, fate=fault.fate, **chosen))
    for victim in publications:
        stage.provider.fault(fault.action, **fault.script, match={"text_contains": victim.mark})
    return Cast(fault, publications, tuple(stage.events.stream(of - victims, **chosen)))


def shuffled(stage: Stage, casts: Sequence[Cast]) -> list[Publication]:
    """Everybody's events, in an order drawn anew."""
    publications = list(chain.from_iterable(item.events for item in casts))
    stage.random.shuffle(publications)
    return publications


def fired(stage: Stage) -> int:
    """How often faults have befallen so far."""
    return sum(item["fired"] for item in http.get(f"{stage.provider.url}/_simulator/faults").json())


def check_ids(stage: Stage, result: Result, casts: Sequence[Cast], *, are_ids_true: bool) -> Result:
    """The same with a line for each fault, and with what must hold whatever the fault."""
    evidence, delays = stage.evidence(), dict_of_longest(rows(stage.pool, DELAYS))
    lines = {item.fault.name: line(part(evidence, item.events), delays) for item in casts}
    strays = misnamed(stage)
    faults = [f"{strays} rows bear another message's id"] if strays and are_ids_true else []
    faults += chain.from_iterable(unexpected_ends(item, evidence) for item in casts)
    figures = {**result.figures, "wrong ids": strays, **lines}
    return replace(result, figures=figures, faults=(*result.faults, *faults))


def line(evidence: Evidence, delays: Mapping[str, float]) -> dict[str, object]:
    """The figures of a fault."""
    verdict = judge(evidence)
    longest = max((delays.get(publication.mark, 0.0) for publication in evidence.confirmed), default=0.0)
    return {
        "events": len(evidence.confirmed),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "wrong": len(verdict.wrong),
        "settled_s": round(longest, 1),
        **Counter(notification.state for notification in evidence.notifications),
    }


def part(evidence: Evidence, events: Sequence[Publication]) -> Evidence:
    """What is known of some events."""
    marks, ids = {publication.mark for publication in events}, {publication.id for publication in events}
    return replace(
        evidence,
        confirmed=events,
        messages=[message for message in evidence.messages if mark_of(message.text) in marks],
        notifications=[notification for notification in evidence.notifications if mark_of(notification.text) in marks],
        dead_letters=[dead_letter for dead_letter in evidence.dead_letters if dead_letter.event_id in ids],
        queues={},
    )


def dict_of_longest(results: Sequence[tuple[Any, ...]]) -> dict[str, float]:
    """The longest delay of each event, by its mark."""
    longest: dict[str, float] = {}
    for text, seconds in results:
        longest[mark_of(text)] = max(longest.get(mark_of(text), 0.0), float(seconds or 0.0))
    return longest


def misnamed(stage: Stage) -> int:
    """Accepted rows whose id is none, or that of a message to somebody else."""
    named = {message["message_id"]: (message["recipient"], message["text"]) for message in stage.provider.messages()}
    return sum(named.get(id_) != (phone, text) for phone, text, id_ in rows(stage.pool, IDS))


def unexpected_ends(item: Cast, evidence: Evidence) -> Iterator[str]:
    """Victims whose rows did not end as its fault's `ends` say."""
    notifications = part(evidence, item.victims).notifications
    for state, number in item.fault.ends.items():
        ended = sum(row.state == state for row in notifications)
        if ended != number * len(item.victims):
            yield f"{item.fault.name}: {ended} rows are {state}, not {number} of each victim"


def dead_letters(stage: Stage) -> int:
    """How many dead letters there are."""
    return int(row(stage.pool, DEAD)[0])
