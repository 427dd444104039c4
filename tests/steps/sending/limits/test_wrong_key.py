"""A key that does not open a token is the process's state: rows stay as they were, for whoever has the right one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import SECRET, TOKEN, add_account, execute, row, rows
from tests.support.simulated_provider import Provider
from worker.core.clock.timeouts import KEY_WAIT
from worker.steps.ingest.plan import Intake
from worker.steps.operate.key_state import UNOPENED, KeyState
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal

OTHER = "a key that this installation has not"
#: Whatever a failure would have counted.
COUNTED = """
SELECT
    (SELECT sum(tries) FROM notifications), (SELECT count(*) FROM dead_letters),
    (SELECT count(*) FROM suspect_messages)
"""


def seal_anew(intake: Intake, *keys: str) -> None:
    for (account,) in rows(intake.pool, "SELECT id FROM accounts"):
        sealed = Seal(keys).close(TOKEN.encode(), token_of(account))
        execute(intake.pool, "UPDATE accounts SET token = %s WHERE id = %s", sealed, account)


def test_rows_whose_token_does_not_open_are_left_unchanged(intake: Intake, sender: Sender, provider: Provider) -> None:
    seal_anew(intake, OTHER)
    notification_ids = planned(intake)
    before = rows(intake.pool, "SELECT state, tries, nudges, text, attempt FROM notifications")

    for _ in range(10):
        send(sender, notification_ids)

    assert rows(intake.pool, "SELECT state, tries, nudges, text, attempt FROM notifications") == before
    assert row(intake.pool, COUNTED) == (0, 0, 0)
    assert row(intake.pool, "SELECT count(*) FROM attempts") == (0,)
    assert sweep(intake).count == 0, "nobody spins over it"
    assert sweep(intake, after=KEY_WAIT).count == 1
    send(replace(sender, seal=Seal([OTHER])), notification_ids)
    assert (states(intake), len(provider.messages())) == ([("accepted", None)], 1)


def test_an_attempt_is_repeated_by_a_worker_that_opens_its_token(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))
    seal_anew(intake, OTHER)

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [("sending", None)]
    assert row(intake.pool, "SELECT tries, settled_at FROM notifications, attempts") == (0, None)
    repeat_all(replace(sender, seal=Seal([OTHER])), sweep(intake, after=KEY_WAIT))
    assert (states(intake), len(provider.messages())) == ([("accepted", None)], 1)


def test_a_token_moved_into_another_accounts_row_sends_nothing(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    add_account(intake.pool, "other")
    execute(
        intake.pool,
        "UPDATE accounts SET token = (SELECT token FROM accounts WHERE id = 'other') WHERE id = 'acme'",
    )
    notification_ids = planned(intake)

    send(sender, notification_ids)

    assert (states(intake), provider.messages()) == ([("planned", None)], [])
    emitted = Alerts()
    state = KeyState(intake.pool, Seal([SECRET]), emitted.record, emitted.back)
    assert (state.look() or "").startswith("does not open token of acme.")


class Alerts:
    """The alerts of the key's state."""

    def __init__(self) -> None:
        self.alerts: list[tuple[str, Mapping[str, object]]] = []
        self.ends = 0

    def record(self, name: str, facts: Mapping[str, object]) -> None:
        self.alerts.append((name, facts))

    def back(self) -> None:
        self.ends += 1


def test_a_key_that_opens_nothing_alerts_once_and_recovers_by_itself(intake: Intake) -> None:
    for number in range(5):
        add_account(intake.pool, f"account-{number}")
    emitted = Alerts()
    state = KeyState(intake.pool, Seal([SECRET]), emitted.record, emitted.back)
    assert (state.look(), state.is_shut) == (None, False)

    seal_anew(intake, OTHER)
    arguments = [state.look() for _ in range(3)]

    assert all("does not open token of account-0" in (argument or "") for argument in arguments), arguments
    assert (state.is_shut, [name for name, _ in emitted.alerts]) == (True, [UNOPENED])
    seal_anew(intake, SECRET)
    assert (state.look(), state.is_shut, emitted.ends, len(emitted.alerts)) == (None, False, 1, 1)


def test_an_accounts_unopened_token_stops_no_other_account(intake: Intake) -> None:
    add_account(intake.pool, "other")
    emitted = Alerts()
    state = KeyState(intake.pool, Seal([SECRET]), emitted.record, emitted.back)
    foreign = Seal([OTHER]).close(b"x", token_of("acme"))
    execute(intake.pool, "UPDATE accounts SET token = %s WHERE id = 'acme'", foreign)

    text = state.look()

    assert (text or "").startswith("does not open token of acme.")
    assert not state.is_shut


def test_an_account_without_a_token_is_no_matter_of_the_key(intake: Intake) -> None:
    execute(intake.pool, "UPDATE accounts SET token = ''")
    emitted = Alerts()

    assert KeyState(intake.pool, Seal([SECRET]), emitted.record, emitted.back).look() is None
    assert emitted.alerts == []
