from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.steps.ledger import states
from tests.steps.sending.channels import due
from tests.support.crm import execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.contract.event import Malformed
from worker.core.hands.send_request import Request
from worker.steps.hands.request import Outcome, Requested, request
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send as send_texts
from worker.store.db.postgres import clock, transaction

OLENA, IVAN = person(), person("lead", "050 111 22 33", id="9", firstname="Іван")
READY = Request("acme", "order-17-ready", {"recipients": [OLENA], "text": "Вітаємо, {contact_firstname}!"})
BY = "key/1 CRM"


def asked(intake: Intake, wanted: Request = READY, **data: object) -> Outcome:
    return request(intake, replace(wanted, data={**wanted.data, **data}), by=BY)


def accepted(outcome: Outcome) -> Requested:
    assert isinstance(outcome, Requested)
    return outcome


def test_what_is_asked_for_goes_as_an_event_of_that_key(intake: Intake, sender: Sender, provider: Provider) -> None:
    done = accepted(asked(intake))
    send_texts(sender, due(intake))

    assert (done.event, done.is_new, [text.state for text in done.texts]) == ("api/order-17-ready", True, ["planned"])
    assert [message["text"] for message in provider.messages()] == ["Вітаємо, Олена!"]
    assert rows(intake.pool, "SELECT event_id, type FROM events") == [("api/order-17-ready", "sms.send_requested")]
    note = row(intake.pool, "SELECT done_by, action, account, subject, after ->> 'event' FROM audit")
    assert note == (BY, "send", "acme", "1 texts", "api/order-17-ready")


def test_the_same_again_gets_the_first_answer_and_sends_nothing(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    first = accepted(asked(intake))
    send_texts(sender, due(intake))
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE, channel = 'viber'")
    again = accepted(asked(intake))

    assert (again.event, again.texts, again.is_new) == (first.event, first.texts, False)
    assert len(provider.messages()) == 1
    assert row(intake.pool, "SELECT count(*) FROM audit") == (1,)


def test_one_key_at_a_time_makes_one_text(intake: Intake) -> None:
    with ThreadPoolExecutor(6) as threads:
        outcomes = [accepted(item) for item in threads.map(asked, [intake] * 6)]

    assert sorted(item.is_new for item in outcomes) == [False] * 5 + [True]
    assert len({tuple(item.texts) for item in outcomes}) == 1
    assert (len(states(intake)), rows(intake.pool, "SELECT * FROM dead_letters")) == (1, [])


@pytest.mark.parametrize("data", [{"text": "Інше"}, {"recipients": [IVAN]}, {"marketing": True}], ids=str)
def test_the_key_of_something_else_is_told_and_leaves_no_letter(intake: Intake, data: dict[str, Any]) -> None:
    asked(intake)

    assert asked(intake, **data) == "other_content"
    assert (len(states(intake)), rows(intake.pool, "SELECT * FROM dead_letters")) == (1, [])


def test_at_a_moment_it_waits_for_it(intake: Intake) -> None:
    with transaction(intake.pool) as connection:
        at = clock(connection) + timedelta(hours=5)
    wanted = replace(READY, at=at)
    first, again = accepted(asked(intake, wanted)), accepted(asked(intake, wanted))

    assert states(intake) == [("postponed", "scheduled")]
    assert first.texts == again.texts
    assert asked(intake) == "other_content"


def test_once_its_moment_is_past_it_is_answered_as_at_first(intake: Intake) -> None:
    with transaction(intake.pool) as connection:
        wanted = replace(READY, at=clock(connection) + timedelta(seconds=1))
    first = accepted(asked(intake, wanted))
    execute(intake.pool, "SELECT pg_sleep_until(%s)", wanted.at)

    assert accepted(asked(intake, wanted)).texts == first.texts
    assert isinstance(asked(intake, replace(wanted, key="other")), Malformed)


def test_each_person_is_answered_for(intake: Intake) -> None:
    done = accepted(asked(intake, recipients=[OLENA, IVAN, person(phone="044 123 45 67", id="18")]))

    assert [(text.recipient_kind, text.recipient_id, text.state, text.reason) for text in done.texts] == [
        ("contact", "17", "planned", None),
        ("lead", "9", "planned", None),
        ("contact", "18", "skipped", "landline"),
    ]


def test_what_no_event_can_say_is_refused_without_a_letter(intake: Intake) -> None:
    refused = {
        "custom template": asked(intake, text=None, template="Осінь"),
        "{imya}": asked(intake, text="Вітаємо, {imya}!"),
        "either text or template": asked(intake, template="Осінь"),
        "data.recipients": asked(intake, recipients=[]),
    }

    said = [name for name, item in refused.items() if isinstance(item, Malformed) and name in item.detail]

    assert said == list(refused)
    assert (states(intake), rows(intake.pool, "SELECT * FROM dead_letters")) == ([], [])
    assert accepted(asked(intake, text="Вітаємо, {imya}!", shortcodes={"imya": "Оля"})).is_new


def test_nobody_is_written_to_where_texts_by_hand_are_off(intake: Intake) -> None:
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'sms_send_requested'")

    assert asked(intake) == "switched_off"
    assert rows(intake.pool, "SELECT * FROM events") == []


def test_an_account_that_was_removed_is_told_so(intake: Intake) -> None:
    assert asked(intake, replace(READY, account="gone")) == "no_account"
    assert rows(intake.pool, "SELECT * FROM events") == []
