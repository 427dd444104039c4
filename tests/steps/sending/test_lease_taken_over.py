import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from threading import Event

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import SECRET, event, execute, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from worker import failpoint
from worker.core.sending.nudge import NotificationId
from worker.failpoint import Boundary
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool
from worker.turbosms.client import TurboSms

LEASE_OVER = timedelta(minutes=2)
ACCEPTED = ("accepted", None)


class Frost:
    """Stops the first thread that reaches a boundary until `thaws` is set."""

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary
        self.fell = Event()
        self.thaws = Event()
        failpoint.arm(self)

    def __call__(self, boundary: Boundary) -> None:
        if boundary == self.boundary and not self.fell.is_set():
            self.fell.set()
            assert self.thaws.wait(PATIENCE_S)


@pytest.fixture
def frozen(intake: Intake, sender: Sender) -> Callable[[Boundary], Callable[[], None]]:
    """Freeze the worker that sends one text at this boundary, until its lease is over; the result thaws it."""
    thread = ThreadPoolExecutor(1)

    def freeze(boundary: Boundary) -> Callable[[], None]:
        frost = Frost(boundary)
        sending = thread.submit(send, sender, planned(intake))
        assert frost.fell.wait(PATIENCE_S)

        def thaw() -> None:
            frost.thaws.set()
            sending.result(PATIENCE_S)
            thread.shutdown()

        return thaw

    return freeze


Freeze = Callable[[Boundary], Callable[[], None]]


@pytest.mark.parametrize("boundary", ["stored", "sent", "answered"])
def test_a_worker_frozen_past_its_lease_changes_no_settled_row(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], frozen: Freeze, boundary: Boundary
) -> None:
    thaw = frozen(boundary)
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [ACCEPTED]
    before = ledger(intake)

    thaw()

    assert ledger(intake) == before
    assert len(provider.messages()) == 1
    assert "message_id.repeated" not in alerts


def ledger(intake: Intake) -> list[tuple[object, ...]]:
    """Every move and every id."""
    return rows(intake.pool, LEDGER)


LEDGER = """
SELECT m.*, p.* FROM transitions AS m
LEFT JOIN provider_messages AS p ON m.notification = p.notification
ORDER BY m.id
"""


@pytest.mark.parametrize("code", [404, 203])
def test_a_late_refusal_changes_nothing_that_another_settled(
    intake: Intake, sender: Sender, provider: Provider, frozen: Freeze, code: int
) -> None:
    provider.fault("code", code=code)
    thaw = frozen("answered")
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [ACCEPTED]
    before = ledger(intake)

    thaw()

    assert ledger(intake) == before
    assert rows(intake.pool, "SELECT * FROM pauses") == []


def test_a_late_refusal_settles_nothing_that_another_still_asks_about(
    intake: Intake, sender: Sender, provider: Provider, frozen: Freeze
) -> None:
    provider.fault("code", code=404)
    provider.fault("reset_after")
    thaw = frozen("answered")
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    leased = row(intake.pool, "SELECT lease, leased_until FROM attempts")

    thaw()

    assert states(intake) == [("sending", None)]
    assert row(intake.pool, "SELECT lease, leased_until FROM attempts") == leased
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [ACCEPTED]
    assert len(provider.messages()) == 1


def test_a_late_acceptance_settles_what_another_still_asks_about(
    intake: Intake, sender: Sender, provider: Provider, frozen: Freeze
) -> None:
    thaw = frozen("answered")
    provider.fault("http")
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [("sending", None)]

    thaw()

    assert states(intake) == [ACCEPTED]
    assert row(intake.pool, "SELECT count(*) FROM provider_messages") == (1,)
    assert sweep(intake, after=LEASE_OVER).handed_over == {}


def test_a_late_acceptance_is_recorded_though_the_text_was_given_up(
    intake: Intake, sender: Sender, provider: Provider, frozen: Freeze
) -> None:
    thaw = frozen("answered")
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now()")
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [("unconfirmed", "key_expired")]

    thaw()

    assert states(intake) == [ACCEPTED]
    assert rows(intake.pool, "SELECT message_id FROM provider_messages") == [
        (message["message_id"],) for message in provider.messages()
    ]


def test_a_late_acceptance_keeps_a_row_from_going_twice(
    intake: Intake, sender: Sender, provider: Provider, frozen: Freeze
) -> None:
    execute(intake.pool, "UPDATE triggers SET if_unconfirmed = 'resend'")
    thaw = frozen("answered")
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now()")
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [("postponed", "key_expired")]

    thaw()

    assert states(intake) == [ACCEPTED]
    assert sweep(intake, after=LEASE_OVER).nudges == ()
    assert provider.state()["posts"] == 1


def test_a_late_acceptance_of_a_second_message_keeps_its_id(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], frozen: Freeze
) -> None:
    provider.settings(keys_honoured=False, duplicate_window_s=0)
    thaw = frozen("answered")
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [ACCEPTED]

    thaw()

    made = {message["message_id"] for message in provider.messages()}
    assert len(made) == 2
    assert {row[0] for row in rows(intake.pool, "SELECT message_id FROM provider_messages")} == made
    assert states(intake) == [ACCEPTED]
    assert "message_id.repeated" not in alerts


def test_a_late_acceptance_from_before_a_pause_does_not_end_it(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], frozen: Freeze
) -> None:
    thaw = frozen("answered")
    provider.fault("code", code=203)
    send(sender, planned(intake, event()))
    provider.fault("http")
    repeat_all(sender, sweep(intake, after=LEASE_OVER))

    thaw()

    assert row(intake.pool, "SELECT scope, reason FROM pauses") == ("account", "money")
    assert "account.resumed" not in alerts


def test_a_process_stopped_past_its_lease_sends_nothing_twice(
    intake: Intake, sender: Sender, provider: Provider, database_url: str
) -> None:
    provider.settings(latency_ms=3_000)
    notification_ids = planned(intake)
    process = get_context("spawn").Process(target=send_there, args=(database_url, provider.url, notification_ids))
    process.start()
    wait_until(lambda: provider.state()["posts"] == 1, "the POST")
    os.kill(process.pid or 0, signal.SIGSTOP)
    provider.settings(latency_ms=0)
    repeat_all(sender, sweep(intake, after=LEASE_OVER))
    assert states(intake) == [ACCEPTED]
    before = ledger(intake)

    os.kill(process.pid or 0, signal.SIGCONT)
    process.join(PATIENCE_S)

    assert process.exitcode == 0
    assert ledger(intake) == before
    assert (len(provider.messages()), provider.state()["repeats"]) == (1, 1)


def send_there(database_url: str, provider_url: str, notification_ids: list[NotificationId]) -> None:
    """Send with a worker's own pool, client and threads, in a process of its own."""
    with open_pool(database_url, size=4, name="test") as pool, ThreadPoolExecutor(2) as posts:
        client = TurboSms(provider_url)
        send(
            Sender(pool, ConfigurationCache(), client, Seal([SECRET]), posts, lambda _name, _facts: None, bool),
            notification_ids,
        )
        client.close()
