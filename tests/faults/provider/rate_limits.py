"""The pace of calls: a provider that bears less than the account may, and the rush after an outage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from tests.faults.harness.environment import ACCOUNTS, Stage, moment
from tests.faults.harness.events import Fate, Publication, now, published
from tests.faults.harness.row import Result
from tests.faults.provider.outages import port_of, until_paused
from tests.faults.provider.wrong_answers import EVENTS
from tests.faults.verdict.checker import mark_of
from tests.faults.verdict.evidence import Message, messages
from tests.faults.workers.process_ends import faulted
from tests.support.crm import rows
from tests.support.tcp_proxy import door

REFUSALS = "SELECT extract(epoch FROM at) FROM transitions WHERE actor = 'record' AND reason = 'rate_limited'"
LANES = "SELECT text, lane FROM notifications"
IN_FLIGHT = 5
#: What the account may, what the provider bears, for how long it refuses then.
RATE, BORNE, PENALTY_S = 30, 8, 1.0
#: Events a second, and how many come while the provider is away.
PACE, MISSED = 50.0, 500
#: Of these bookings the hour comes before the provider does.
TOO_LATE, SOON = 20, timedelta(seconds=5)
DRAIN_RATE = 20


def too_fast(stage: Stage, _runs: int) -> Result:
    """The provider bears less than the account may: every replica slows down, and the pace comes back when it may."""
    stage.set_accounts("requests_per_s", RATE)
    stage.set_accounts("in_flight", IN_FLIGHT)
    stage.provider.settings(pace_per_s=BORNE, pace_penalty_s=PENALTY_S)
    with stage.fleet() as fleet:
        stage.publish(stage.events.stream(EVENTS)).wait()
        assert stage.rest().came, "it came to rest"
        slowed, complaints = moment(), len(fleet.log_lines("provider.limits"))
        stage.provider.settings(pace_per_s=None)
        stage.publish(stage.events.stream(EVENTS)).wait()
        result = stage.result(fleet, runs=complaints, since=moment())
    times = [message.at for message in messages(stage.provider)]
    refusals = [float(at) for (at,) in rows(stage.pool, REFUSALS)]
    calls = sorted(at for at in times + refusals if at < slowed)
    figures = {
        "438 answers": stage.provider.state()["refused_requests"].get("438", 0),
        "slowed": complaints,
        "calls/s while limited": round(speed(calls), 1),
        "calls/s afterwards": round(speed([at for at in times if at >= slowed]), 1),
        "peak calls/s": peak(calls),
    }
    faults = [] if complaints else ["nobody slowed down"]
    faults += [] if figures["calls/s afterwards"] > figures["calls/s while limited"] else ["the pace did not come back"]
    return faulted(replace(result, figures=figures), faults)


def speed(times: Sequence[float]) -> float:
    """Calls a second from the first to the last."""
    return len(times) / max(1e-3, max(times, default=0.0) - min(times, default=0.0))


def peak(times: Sequence[float], *, span_s: float = 1.0) -> int:
    """The most calls in any second."""
    ordered = sorted(times)
    first = most = 0
    for nth, at in enumerate(ordered):
        while ordered[first] <= at - span_s:
            first += 1
        most = max(most, nth - first + 1)
    return most


def outage_under_load(stage: Stage, _runs: int) -> Result:
    """Nobody reaches the provider while events go on: what comes after keeps the pace, and urgent texts go first."""
    stage.set_accounts("requests_per_s", DRAIN_RATE)
    stage.set_accounts("in_flight", IN_FLIGHT)
    late = list(too_late(stage))
    with door(stage.provider.url) as way, stage.fleet(turbosms_url=f"http://127.0.0.1:{port_of(way)}") as fleet:
        way.open()
        stage.publish(stage.events.stream(EVENTS // 4), pace=PACE).wait()
        way.shut()
        stage.publish([*late, *stage.events.stream(MISSED)], pace=PACE).wait()
        until_paused(stage)
        way.open()
        opened = moment()
        result = stage.result(fleet, runs=1, since=opened)
    later = [message for message in messages(stage.provider) if message.at >= opened]
    figures = drained(stage, later, opened)
    states = [notification.state for notification in stage.evidence().notifications]
    figures = {"drain s": round(result.recovery_s or 0.0, 1), "expired": states.count("expired"), **figures}
    most = DRAIN_RATE + IN_FLIGHT + 1
    faults = [f"{figures['peak calls/s']} calls in a second"] if int(str(figures["peak calls/s"])) > most else []
    faults += (
        [] if figures["urgent sent after s"] < figures["others sent after s"] else ["urgent texts did not go first"]
    )
    return faulted(replace(result, figures=figures), faults)


def too_late(stage: Stage) -> Iterator[Publication]:
    """Bookings that begin while the provider is away."""
    for _ in range(TOO_LATE):
        mark, phones = stage.events.mark(), stage.events.phones(1)
        body = stage.events.body("booking.confirmed", ACCOUNTS[0], mark=mark, phones=phones)
        body["data"]["booking"]["start"] = (now() + EVENTS // 4 / PACE * timedelta(seconds=1) + SOON).isoformat()
        yield published(body, mark=mark, phones=phones, fate=Fate(frozenset({"expired"})))


def drained(stage: Stage, later: Sequence[Message], opened: float) -> dict[str, float]:
    """How the backlog went: the pace of the account that was asked fastest, and the mean wait of both kinds."""
    owners = {publication.mark: publication.account for publication in stage.confirmed}
    calls = {key: (mark_of(message.text), message.at) for message in later if (key := message.key)}
    by_account = ([at for mark, at in calls.values() if owners[mark] == account] for account in ACCOUNTS)
    lanes: Mapping[str, str] = {mark_of(text): lane for text, lane in rows(stage.pool, LANES)}
    urgent = [at - opened for mark, at in calls.values() if lanes[mark] == "urgent"]
    others = [at - opened for mark, at in calls.values() if lanes[mark] != "urgent"]
    return {
        "peak calls/s": max(map(peak, by_account)),
        "urgent sent after s": round(sum(urgent) / len(urgent), 1),
        "others sent after s": round(sum(others) / len(others), 1),
    }
