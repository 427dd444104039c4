from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.steps.ledger import states
from tests.steps.sending.channels import due
from tests.support.crm import execute, row, rows
from tests.support.simulated_provider import Provider
from worker.core.hands.people import Addressee
from worker.core.hands.send_request import Message
from worker.steps.hands.send import RefusedError, Sending, Sent, send
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send as send_texts
from worker.store.db.postgres import clock, transaction

READY = Message("acme", "Вітаємо, {contact_firstname}! Рахунок {invoice_number}.", day=date(2026, 12, 1))
OLENA = Addressee(2, "+380671234567", {"firstname": "Олена"}, {"invoice_number": "INV-1"})
IVAN = Addressee(3, "+380501112233", {"firstname": "Іван"}, {"invoice_number": "INV-2"})
BY_ANNA = Sending("anna", 2)
STOP = (
    "INSERT INTO suppressions SELECT account, recipient_key, 'asked', 'test', now() FROM notifications WHERE phone = %s"
)


def sent(intake: Intake, message: Message = READY, *people: Addressee, how: Sending = BY_ANNA) -> Sent:
    return send(intake, message, people or (OLENA, IVAN), how)


def test_each_person_gets_the_text_with_their_own_values(intake: Intake, sender: Sender, provider: Provider) -> None:
    done = sent(intake)
    send_texts(sender, due(intake))

    assert done.outcomes == Counter({"planned/": 2})
    assert {message["text"] for message in provider.messages()} == {
        "Вітаємо, Олена! Рахунок INV-1.",
        "Вітаємо, Іван! Рахунок INV-2.",
    }
    note = row(intake.pool, "SELECT done_by, action, account, subject FROM audit")
    assert note == ("anna", "send", "acme", "2 texts")


def test_the_same_words_go_to_a_person_once_a_day(intake: Intake) -> None:
    first, second = sent(intake), sent(intake)
    again = sent(intake, replace(READY, again="x"), OLENA)
    other_day = sent(intake, replace(READY, day=date(2026, 12, 2)), OLENA)

    assert (len(first.ids), second.outcomes, len(second.ids)) == (2, Counter(sent_before=2), 0)
    assert (len(again.ids), len(other_day.ids)) == (1, 1)
    assert rows(intake.pool, "SELECT DISTINCT repeats FROM event_keys") == [(0,)]


def test_a_trial_says_what_would_become_of_each_and_keeps_nothing(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    sent(intake, READY, OLENA)
    execute(intake.pool, STOP, OLENA.phone)
    other = replace(READY, text="Акція")
    trial = sent(intake, other, how=Sending("anna", 2, is_trial=True, sender=sender))

    assert trial.outcomes == Counter({"skipped/suppressed": 1, "sending/": 1})
    assert (trial.texts, len(trial.ids)) == (Counter({"Акція": 1}), 1)
    assert (len(states(intake)), provider.messages()) == (1, [])


def test_at_a_moment_it_waits_and_is_asked_about_anew(intake: Intake, sender: Sender, provider: Provider) -> None:
    with transaction(intake.pool) as connection:
        at = clock(connection) + timedelta(hours=5)
    done = sent(intake, replace(READY, at=at))
    early = due(intake)
    execute(intake.pool, STOP, OLENA.phone)
    send_texts(sender, due(intake, after=timedelta(hours=5)))

    assert (done.outcomes, early) == (Counter({"postponed/scheduled": 2}), [])
    assert sorted(states(intake), key=str) == [("accepted", None), ("cancelled", "suppressed")]
    assert len(provider.messages()) == 1
    assert row(intake.pool, "SELECT DISTINCT expires_at - created_at > interval '3 days 4 h' FROM notifications") == (
        True,
    )


def test_many_let_others_go_first(intake: Intake) -> None:
    sent(intake, READY, how=Sending("anna", 11))

    assert rows(intake.pool, "SELECT DISTINCT lane, state FROM notifications") == [("bulk", "planned")]


@pytest.mark.parametrize(
    ("consent", "outcome"), [(True, "planned/"), (False, "skipped/no_consent"), (None, "skipped/no_consent")]
)
def test_advertising_goes_to_those_who_agreed(intake: Intake, consent: bool | None, outcome: str) -> None:  # noqa: FBT001
    done = sent(intake, replace(READY, is_marketing=True), replace(OLENA, consent=consent))

    assert done.outcomes == Counter({outcome: 1})


def test_what_no_event_can_say_is_refused_without_a_letter(intake: Intake) -> None:
    with pytest.raises(RefusedError, match="custom template"):
        sent(intake, replace(READY, text=None, template="Осінь"))

    assert (states(intake), rows(intake.pool, "SELECT * FROM dead_letters")) == ([], [])


def test_the_price_is_that_of_those_who_get_it(intake: Intake) -> None:
    execute(intake.pool, "UPDATE accounts SET segment_price = 0.95")

    done = sent(intake)

    assert (str(done.cost.cost), done.cost.segments) == ("1.9000", 2)
