from collections import Counter

import pytest

from tests.steps.ledger import job_letter, planned, states
from tests.steps.sending.channels import due
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.hands.resend import DID_NOT_ARRIVE, MAY_HAVE_ARRIVED, Terms
from worker.core.sending.nudge import NotificationId, text_id
from worker.steps.hands.rehearse import Outcome, rehearse
from worker.steps.hands.resend import resend, resend_counts
from worker.steps.ingest.plan import Intake
from worker.steps.operate.replay import CannotBeReplayed, Replay, replay
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.db.postgres import Pool, transaction, tried

ALL = DID_NOT_ARRIVE | MAY_HAVE_ARRIVED
SECOND = "SELECT {} FROM notifications WHERE resend_of IS NOT NULL"


@pytest.fixture
def sent(intake: Intake, sender: Sender, provider: Provider) -> NotificationId:
    """A text that TurboSMS took."""
    provider.settings(duplicate_window_s=0)
    [notification_id] = planned(intake, event("order.created"))
    send(sender, [notification_id])
    return notification_id


def again(pool: Pool, *ids: NotificationId, states: frozenset[str] = ALL, texts: int = 1) -> Counter[str]:
    with transaction(pool) as connection:
        return resend(connection, "acme", ids, terms=Terms("anna", states, texts))


def test_a_resend_is_a_text_of_its_own_that_names_the_first(
    intake: Intake, sender: Sender, provider: Provider, sent: NotificationId
) -> None:
    counts = again(intake.pool, sent)
    send(sender, due(intake))

    assert counts == Counter(resent=1)
    assert states(intake) == [("accepted", None)] * 2
    texts = [message["text"] for message in provider.messages()]
    assert (len(texts), len(set(texts))) == (2, 1)
    assert row(intake.pool, SECOND.format("resend_of_month, resend_of")) == sent
    assert row(intake.pool, "SELECT count(DISTINCT (event, dedupe_key, recipient_key, text)) FROM notifications") == (
        1,
    )
    assert row(intake.pool, "SELECT done_by, action, account, subject FROM audit")[:3] == ("anna", "resend", "acme")


def test_whoever_asks_twice_gets_it_once(intake: Intake, sent: NotificationId) -> None:
    first, second = again(intake.pool, sent), again(intake.pool, sent)

    assert (first, second) == (Counter(resent=1), Counter(resent_before=1))
    assert row(intake.pool, "SELECT count(*) FROM notifications") == (2,)


def test_only_the_states_that_were_agreed_to_are_resent(intake: Intake, sent: NotificationId) -> None:
    waits = planned(intake, event("order.created"))

    counts = again(intake.pool, sent, *waits, states=DID_NOT_ARRIVE)

    assert counts == Counter(accepted=1, planned=1)


def test_the_text_itself_is_not_too_much_of_the_same(intake: Intake, sender: Sender, sent: NotificationId) -> None:
    execute(intake.pool, "UPDATE accounts SET same_text = interval '10 minutes', person_hour_max = 2")
    again(intake.pool, sent)
    send(sender, due(intake))
    send(sender, planned(intake, event("order.approved")))

    assert states(intake)[:2] == [("accepted", None)] * 2
    assert states(intake)[2] == ("postponed", "person_hour")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("INSERT INTO suppressions SELECT account, recipient_key, 'x', 'test', now() FROM notifications", "suppressed"),
        ("UPDATE records SET deleted = TRUE", "record_deleted"),
    ],
)
def test_a_resend_asks_everything_again(
    intake: Intake, sender: Sender, sent: NotificationId, change: str, reason: str
) -> None:
    execute(intake.pool, change)
    again(intake.pool, sent)
    send(sender, due(intake))

    assert row(intake.pool, SECOND.format("state, reason")) == ("cancelled", reason)


def test_what_is_late_gets_a_day_more_and_many_go_in_bulk(intake: Intake, sent: NotificationId) -> None:
    execute(intake.pool, "UPDATE notifications SET expires_at = now()")

    again(intake.pool, sent, texts=11)

    assert row(intake.pool, SECOND.format("lane, state, expires_at = created_at + interval '1 day'")) == (
        "bulk",
        "planned",
        True,
    )


def test_a_sender_that_was_changed_since_counts(intake: Intake, sent: NotificationId) -> None:
    execute(intake.pool, "UPDATE accounts SET sms_sender = 'Other'")

    again(intake.pool, sent)

    assert row(intake.pool, SECOND.format("sender")) == ("Other",)


def test_advertising_without_consent_is_not_resent(intake: Intake, sender: Sender) -> None:
    ads = event("sms.send_requested", text="Акція!", template=None, marketing=True)
    ads["data"]["recipients"][0].pop("consent", None)
    planned(intake, ads)
    [first] = rows(intake.pool, "SELECT month, id FROM notifications")
    again(intake.pool, (first[0], first[1]))
    send(sender, due(intake))

    assert row(intake.pool, SECOND.format("state, reason")) == ("cancelled", "no_consent")


def test_what_has_no_phone_or_lacks_a_value_is_not_resent(intake: Intake) -> None:
    planned(intake, event("order.created", recipients=[person("order", "12")]))
    [first] = rows(intake.pool, "SELECT month, id FROM notifications")

    assert again(intake.pool, (first[0], first[1])) == Counter(unfit=1)


def end(intake: Intake, state: str, reason: str) -> None:
    execute(intake.pool, "UPDATE notifications SET state = %s, reason = %s, due_at = NULL", state, reason)


def test_a_withdrawn_text_sent_again_is_not_revived_by_its_fact(intake: Intake) -> None:
    body = event("order.created")
    [first] = planned(intake, body)
    end(intake, "expired", "too_late")
    again(intake.pool, first)

    accepted = planned(intake, {**body, "id": "the-same-fact-once-more"})

    assert accepted == []
    assert states(intake) == [("expired", "too_late"), ("planned", None)]


def test_a_failed_text_sent_again_is_not_replayed(intake: Intake) -> None:
    [first] = planned(intake, event("order.created"))
    end(intake, "failed", "failing")
    number = job_letter(intake)
    with transaction(intake.pool) as connection:
        [second] = resend_counts(connection, "acme", [first], terms=Terms("anna", ALL, 1))[1]
    [closed] = rows(intake.pool, "SELECT state, closed_by, close_reason FROM dead_letters")
    later = job_letter(intake)

    outcomes = [replay(intake, letter, Replay("olena")) for letter in (number, later)]

    assert closed == ("dropped", "anna", f"sent again as {text_id(second)}")
    assert outcomes == [
        CannotBeReplayed("it is dropped already, by anna"),
        CannotBeReplayed(f"its text was sent again as {text_id(second)}; drop the letter"),
    ]
    assert states(intake) == [("failed", "failing"), ("planned", None)]


def test_a_rehearsal_claims_as_workers_do_and_keeps_nothing(
    intake: Intake, sender: Sender, provider: Provider, sent: NotificationId
) -> None:
    def act() -> list[Outcome]:
        sender.cache.fresh(sender.pool)
        return tried(
            intake.pool,
            lambda connection: rehearse(
                sender, connection, "acme", resend_counts(connection, "acme", [sent], terms=Terms("x", ALL, 1))[1]
            ),
            keeps=lambda _: False,
        )

    goes = act()
    execute(intake.pool, "INSERT INTO suppressions SELECT account, recipient_key, 'x', 'x', now() FROM notifications")
    stopped = act()

    assert [(outcome.state, outcome.reason) for outcome in goes] == [("sending", None)]
    assert [(outcome.state, outcome.reason) for outcome in stopped] == [("cancelled", "suppressed")]
    assert (len(states(intake)), len(provider.messages())) == (1, 1)
