from datetime import timedelta

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import add_account, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.steps.effects import Moved
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import Sent, send
from worker.steps.upkeep.sweeper import Released, expire
from worker.store.db.postgres import clock, transaction
from worker.store.sending import pauses

MINUTE = timedelta(minutes=1)
ACCEPTED = ("accepted", None)


def send_all(sender: Sender, released: Released) -> Sent:
    return sum((send(sender, nudge.notification_ids) for nudge in released.nudges), Sent())


def test_while_an_account_is_paused_nothing_is_claimed_tried_or_buried(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    execute(intake.pool, "UPDATE accounts SET in_flight = 1")
    provider.fault("code", code=203, times=None)
    notification_ids = planned(intake, event(), event(), event())
    send(sender, notification_ids)
    assert sorted(states(intake)) == [("planned", None), ("planned", None), ("postponed", "money")]

    assert sweep(intake, after=timedelta(seconds=55)).count == 0
    assert send(sender, notification_ids) == Sent()

    assert provider.state()["posts"] == 1
    assert row(intake.pool, "SELECT scope, reason, code FROM pauses") == ("account", "money", 203)
    assert alerts == ["account.paused"]
    assert rows(intake.pool, "SELECT DISTINCT tries FROM notifications") == [(0,)]
    assert rows(intake.pool, "SELECT * FROM dead_letters") == []


@pytest.mark.parametrize(("code", "reason"), [(203, "money"), (105, "token"), (401, "sender")])
def test_an_accepted_probe_lets_the_account_go_on(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], code: int, reason: str
) -> None:
    execute(intake.pool, "UPDATE accounts SET in_flight = 1")
    provider.fault("code", code=code)
    send(sender, planned(intake, event(), event(), event()))
    assert row(intake.pool, "SELECT reason FROM pauses") == (reason,)

    probe = send_all(sender, sweep(intake, after=MINUTE))
    assert (probe.claimed, probe.posted, probe.settled) == (1, 1, 1)
    assert alerts == ["account.paused", "account.resumed"]
    assert rows(intake.pool, "SELECT * FROM pauses") == []

    send_all(sender, sweep(intake, after=MINUTE))
    assert states(intake) == [ACCEPTED] * 3


def test_a_probe_is_one_row_though_thousands_wait(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Дякуємо за оплату!'")
    crowd = [person(phone=f"067{number:07}", id=str(number)) for number in range(500)]
    provider.fault("code", code=203, times=None)
    nudged = planned(intake, *(event(recipients=crowd) for _ in range(4)))
    send(sender, nudged)
    before = row(intake.pool, "SELECT count(*) FROM attempts")[0]

    released = sweep(intake, after=MINUTE)
    assert released.count == 1
    assert send(sender, nudged) == Sent(1, 1, 1)

    assert row(intake.pool, "SELECT count(*) FROM attempts") == (before + 1,)
    assert row(intake.pool, "SELECT cardinality(row_ids) FROM attempts WHERE is_probe") == (1,)
    assert send(sender, nudged) == Sent()


def test_failing_probes_grow_rarer_without_another_alert(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("code", code=203, times=None)
    send(sender, planned(intake, event(), event()))

    waits = [probe_wait_min(intake)]
    for _ in range(6):
        assert sweep(intake, after=MINUTE * (waits[-1] - 0.5)).count == 0
        assert send_all(sender, sweep(intake, after=MINUTE)).posted == 1
        waits.append(probe_wait_min(intake))

    assert waits == [1, 2, 4, 8, 15, 15, 15]
    assert alerts == ["account.paused"]
    assert {state for state, _ in states(intake)} <= {"planned", "postponed"}
    assert rows(intake.pool, "SELECT DISTINCT tries FROM notifications") == [(0,)]


def probe_wait_min(intake: Intake) -> int:
    return int(row(intake.pool, "SELECT ceil(extract(epoch FROM probe_at - now()) / 60) FROM pauses")[0])


OPT_OUT = """
INSERT INTO suppressions
SELECT account, recipient_key, 'asked', 'test', now() FROM notifications WHERE phone LIKE '%1'
"""


def test_a_row_that_is_not_sent_is_no_probe(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=203)
    send(sender, planned(intake, event(recipients=[person(phone="0671000001")])))
    planned(intake, event(recipients=[person(phone="0671000002")]))
    execute(intake.pool, OPT_OUT)

    send_all(sender, sweep(intake, after=MINUTE))
    assert states(intake)[0] == ("cancelled", "suppressed")
    send_all(sender, sweep(intake))

    assert states(intake)[1] == ACCEPTED
    assert rows(intake.pool, "SELECT * FROM pauses") == []


def test_a_row_in_line_is_no_probe(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=203)
    send(sender, planned(intake))
    execute(intake.pool, "UPDATE rate_limits SET requests_at = now() + interval '5 min'")

    send_all(sender, sweep(intake, after=MINUTE))
    assert states(intake) == [("postponed", "paced")]
    assert row(intake.pool, "SELECT probes, probe_at <= now() FROM pauses") == (0, True)


@pytest.fixture
def in_doubt(intake: Intake, sender: Sender, provider: Provider) -> None:
    """A paused account; two of its texts are in doubt, one made and one not, and another was refused."""
    execute(intake.pool, "UPDATE accounts SET in_flight = 1")
    for fault in ("reset_after", "reset_before"):
        provider.fault(fault)
        send(sender, planned(intake, event()))
    provider.fault("code", code=203)
    send(sender, planned(intake, event()))


@pytest.mark.usefixtures("in_doubt")
def test_the_probe_of_a_paused_account_is_an_attempt_in_doubt(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    assert sweep(intake, after=timedelta(seconds=50)).handed_over == {}

    first = sweep(intake, after=timedelta(seconds=10))
    assert sum(map(len, first.handed_over.values())) == 1
    repeat_all(sender, first)
    assert send_all(sender, first) == Sent()
    assert states(intake) == [ACCEPTED, ("sending", None), ("planned", "money")]
    assert row(intake.pool, "SELECT scope FROM pauses") == ("account",)

    repeat_all(sender, sweep(intake, after=2 * MINUTE))
    assert states(intake)[:2] == [ACCEPTED, ACCEPTED]
    assert rows(intake.pool, "SELECT * FROM pauses") == []

    send_all(sender, sweep(intake, after=2 * MINUTE))
    assert states(intake) == [ACCEPTED] * 3
    assert alerts == ["attempt.in_doubt", "attempt.in_doubt", "account.paused", "account.resumed"]
    assert len(provider.messages()) == 3


@pytest.mark.usefixtures("in_doubt")
def test_a_key_forgotten_while_its_account_is_paused_ends_unconfirmed(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now() WHERE settled_at IS NULL")

    repeat_all(sender, sweep(intake, after=timedelta(seconds=50)))

    assert states(intake) == [*[("unconfirmed", "key_expired")] * 2, ("postponed", "money")]
    assert provider.state()["posts"] == 3


@pytest.mark.usefixtures("in_doubt")
def test_an_overdue_row_of_a_paused_account_expires_unclaimed(intake: Intake, provider: Provider) -> None:
    planned(intake)
    add_account(intake.pool, "other")
    planned(intake, event(account="other"))
    execute(intake.pool, "UPDATE notifications SET expires_at = now()")

    assert expire(intake.pool)[0] == Moved("normal", "expired", 2)

    waiting = [("sending", None), ("sending", None)]
    assert states(intake) == [*waiting, ("expired", "too_late"), ("expired", "too_late"), ("planned", None)]
    expired = "SELECT from_state, to_state, reason FROM transitions WHERE actor = 'expire' ORDER BY from_state"
    assert rows(intake.pool, expired) == [
        ("planned", "expired", "too_late"),
        ("postponed", "expired", "too_late"),
    ]
    assert rows(intake.pool, "SELECT DISTINCT due_at FROM notifications WHERE state = 'expired'") == [(None,)]
    assert provider.state()["posts"] == 3


def test_a_person_who_resumes_an_account_waits_for_no_probe(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("code", code=203)
    send(sender, planned(intake))
    with transaction(intake.pool) as connection:
        assert pauses.resume(connection, "acme", now=clock(connection)) == ["account"]

    send_all(sender, sweep(intake, after=timedelta(seconds=31)))

    assert states(intake) == [ACCEPTED]
    assert alerts == ["account.paused"]
