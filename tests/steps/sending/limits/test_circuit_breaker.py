from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import add_account, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from tests.turbosms.raw_server import close, serving
from worker.core.sending.circuit_breaker import is_failure
from worker.core.sending.nudge import NotificationId
from worker.core.sending.send_result import Accepted, Answer, Later, Paused, Refused, Repeated, Unknown
from worker.steps.effects import Moved
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import Sent, send
from worker.steps.upkeep.sweeper import expire
from worker.turbosms.client import TurboSms

ACCEPTED = ("accepted", None)
QUICK, CRAWLING = timedelta(seconds=9.9), timedelta(seconds=10)
OPEN = [("acme", "provider", "provider_failing", None)]


def stops(intake: Intake) -> list[tuple[object, ...]]:
    return rows(intake.pool, "SELECT account, scope, reason, code FROM pauses")


def send_some(intake: Intake, sender: Sender, count: int = 1) -> list[NotificationId]:
    notification_ids = planned(intake, *(event() for _ in range(count)))
    send(sender, notification_ids)
    return notification_ids


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("http", {"status": 502}),
        ("html", {}),
        ("reset_after", {}),
        ("no_answer", {}),
        ("code", {"code": 999}),
        ("code", {"code": 503}),
    ],
)
def test_five_failures_leave_the_provider_alone(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], fault: str, more: dict[str, object]
) -> None:
    provider.fault(fault, times=None, **more)
    send_some(intake, sender, 4)
    assert stops(intake) == []

    send_some(intake, sender)
    posts = provider.state()["posts"]
    notification_ids = send_some(intake, sender, 2)

    assert stops(intake) == OPEN
    assert alerts.count("account.paused") == 1
    assert provider.state()["posts"] == posts == 5
    waiting = "SELECT DISTINCT state, tries FROM notifications WHERE id = ANY(%s)"
    assert rows(intake.pool, waiting, [number for _, number in notification_ids]) == [("planned", 0)]


def test_five_calls_that_reach_nobody_leave_the_provider_alone(
    intake: Intake, sender: Sender, alerts: list[str]
) -> None:
    with serving(close) as server:
        url = server.url
    client = TurboSms(url, deadline_s=20)

    send_some(intake, replace(sender, provider=client), 6)
    client.close()

    assert stops(intake) == OPEN
    assert alerts.count("account.paused") == 1
    assert states(intake) == [("postponed", "provider_unreachable")] * 6
    assert rows(intake.pool, "SELECT DISTINCT tries FROM notifications") == [(0,)]


@pytest.mark.parametrize(
    ("answer", "fails", "fails_late"),
    [
        (Answer(Accepted("id"), {}), False, True),
        (Answer(Refused("bad_number", 404), {}), False, True),
        (Answer(Paused("money", 203), {}), False, True),
        (Answer(Repeated("repeat", 507), {}, adopted=True), False, True),
        (Answer(Later("rate_limited", timedelta(minutes=1), 438), {}), False, True),
        (Answer(Unknown("timeout"), {}), True, True),
        (Answer(Later("provider_unreachable", timedelta(seconds=30)), {}), True, True),
    ],
)
def test_a_slow_answer_is_a_failure_and_a_rate_limit_is_none(answer: Answer, *, fails: bool, fails_late: bool) -> None:
    assert is_failure(answer, took=QUICK) is fails
    assert is_failure(answer, took=CRAWLING) is fails_late


def test_a_good_answer_between_failures_keeps_it_shut(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("http", times=4)
    provider.fault("http", times=None, after=1)
    send_some(intake, sender, 4)
    send_some(intake, sender)
    assert ACCEPTED in states(intake)

    for _ in range(2):
        send_some(intake, sender)
    assert stops(intake) == []

    send_some(intake, sender)
    assert stops(intake) == OPEN


def test_refusals_and_complaints_never_open_it(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", times=6, code=404)
    provider.fault("code", times=None, code=438)

    send_some(intake, sender, 6)
    send_some(intake, sender, 6)

    assert stops(intake) == []


def test_probes_grow_rarer_until_an_answer_lifts_the_pause(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("code", code=503, times=11)
    send_some(intake, sender, 5)
    waits = [probe_wait_s(intake)]
    for _ in range(6):
        assert sweep(intake, after=timedelta(seconds=waits[-1] - 10)).count == 0
        released = sweep(intake, after=timedelta(seconds=10))
        assert released.count == 1
        send(sender, released.nudges[0].notification_ids)
        waits.append(probe_wait_s(intake))
    assert waits == [30, 60, 120, 240, 300, 300, 300]
    assert alerts == ["account.paused"]

    released = sweep(intake, after=timedelta(minutes=6))
    assert send(sender, released.nudges[0].notification_ids) == Sent(1, 1, 1)
    assert stops(intake) == []
    assert row(intake.pool, "SELECT failure_weight FROM rate_limits") == (0.0,)

    for nudge in sweep(intake, after=timedelta(minutes=20)).nudges:
        send(sender, nudge.notification_ids)
    assert states(intake) == [ACCEPTED] * 5
    assert alerts == ["account.paused", "account.resumed"]


def probe_wait_s(intake: Intake) -> int:
    return round(row(intake.pool, "SELECT ceil(extract(epoch FROM probe_at - now()) / 10) * 10 FROM pauses")[0])


def test_a_remembered_answer_ends_it_as_well(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("reset_after", times=5)
    send_some(intake, sender, 5)
    assert stops(intake) == OPEN

    released = sweep(intake, after=timedelta(seconds=31))
    assert released.count == 1
    repeat_all(sender, released)
    assert stops(intake) == []
    assert alerts[-1] == "account.resumed"

    repeat_all(sender, sweep(intake, after=timedelta(minutes=1)))
    assert states(intake) == [ACCEPTED] * 5
    assert len(provider.messages()) == 5


def test_after_an_outage_urgent_goes_first_and_late_texts_expire(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("code", code=503, times=5)
    send_some(intake, sender, 5)
    names = ["1-normal", "2-normal", "3-urgent", "4-late", "5-late", "6-urgent"]
    for name in names:
        planned(intake, backlog(name))
    ends = "UPDATE notifications SET expires_at = now() WHERE text LIKE %s"
    execute(intake.pool, ends, "%4-late%")
    assert expire(intake.pool)[0] == Moved("normal", "expired", 1)
    execute(intake.pool, ends, "%5-late%")

    with ThreadPoolExecutor(1) as by:
        sender = replace(sender, posts=by)
        send(sender, sweep(intake, after=timedelta(seconds=31)).nudges[0].notification_ids)
        assert stops(intake) == []
        for nudge in sweep(intake, after=timedelta(minutes=5)).nudges:
            send(sender, nudge.notification_ids)

    results = [name for message in provider.messages() for name in names if name in message["text"]]
    assert results == ["3-urgent", "6-urgent", "1-normal", "2-normal"]
    late = rows(intake.pool, "SELECT state, reason FROM notifications WHERE text LIKE %s", "%-late%")
    assert late == [("expired", "too_late")] * 2
    assert sorted(states(intake)).count(ACCEPTED) == 9


def backlog(name: str) -> dict[str, object]:
    if "urgent" in name:
        return event("order.created", order={"id": name, "number": name, "version": 1})
    return event(invoice={"id": name, "number": name, "version": 1})


def test_another_account_goes_on(intake: Intake, sender: Sender, provider: Provider) -> None:
    add_account(intake.pool, "other")
    provider.fault("http", times=None, match={"recipient": "380671234567"})
    theirs = [event(account="other", recipients=[person(phone="0501112233")]) for _ in range(3)]

    send(sender, planned(intake, *(event() for _ in range(5)), *theirs))

    assert stops(intake) == OPEN
    results = rows(intake.pool, "SELECT account, state, count(*) FROM notifications GROUP BY 1, 2 ORDER BY 1")
    assert results == [("acme", "sending", 5), ("other", "accepted", 3)]
