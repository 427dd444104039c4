from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from tests.faults.harness.events import SENT, Events, Fate, Publication, dead
from tests.faults.verdict.checker import Verdict, judge, recovery_s
from tests.faults.verdict.evidence import Evidence, Message, Notification, SeenDeadLetter


def publication(fate: Fate = SENT, people: int = 1) -> Publication:
    random = Random(1)  # noqa: S311 (a replayable fault needs no secrecy)
    return Events(random, ["acme"]).single("order.created", people=people, fate=fate)


def accepted(result: Publication) -> Evidence:
    """All is well: every person has a row and a message."""
    return Evidence(
        confirmed=[result],
        messages=[Message(phone, f"Замовлення №{result.mark}", "key", 1.0) for phone in result.phones],
        notifications=[
            Notification(f"2026-11-01/{index}", "acme", phone, f"Замовлення №{result.mark}", "accepted")
            for index, phone in enumerate(result.phones)
        ],
        attempts={"key": False},
        events=frozenset({result.id}),
    )


def counts(evidence: Evidence) -> tuple[int, int, int]:
    verdict: Verdict = judge(evidence)
    return len(verdict.lost), len(verdict.doubled), len(verdict.wrong)


def with_state(evidence: Evidence, state: str) -> Evidence:
    due_at = datetime(2026, 11, 23, tzinfo=UTC)
    rows = [replace(row, state=state, due_at=due_at) for row in evidence.notifications]
    return replace(evidence, notifications=rows)


def test_an_event_accepted_for_everybody_is_clean() -> None:
    assert judge(accepted(publication(people=3))).is_clean


def test_a_confirmed_event_that_nobody_knows_is_lost() -> None:
    assert counts(Evidence(confirmed=[publication()])) == (1, 0, 0)


def test_an_event_without_the_row_of_a_recipient_is_lost() -> None:
    whole = accepted(publication(people=2))

    assert counts(replace(whole, notifications=whole.notifications[1:])) == (1, 0, 0)


def test_an_acceptance_that_the_provider_knows_nothing_of_is_a_loss() -> None:
    assert counts(replace(accepted(publication()), messages=[])) == (1, 0, 0)


def test_a_second_message_to_the_same_person_is_doubled() -> None:
    whole = accepted(publication())

    assert counts(replace(whole, messages=[*whole.messages] * 3)) == (0, 2, 0)


def test_a_second_row_for_the_same_person_is_doubled() -> None:
    whole = accepted(publication())

    assert counts(replace(whole, notifications=[*whole.notifications] * 2)) == (0, 1, 0)


@pytest.mark.parametrize("state", ["failed", "refused", "unconfirmed", "expired", "cancelled", "skipped"])
def test_a_state_that_the_fate_does_not_allow_is_wrong(state: str) -> None:
    assert counts(with_state(accepted(publication()), state)) == (0, 0, 1)


@pytest.mark.parametrize("state", ["planned", "postponed", "sending"])
def test_a_row_that_still_waits_is_wrong(state: str) -> None:
    sentences = judge(with_state(accepted(publication()), state)).wrong

    assert f"1 notifications still {state}" in sentences


def test_a_refusal_that_was_sent_all_the_same_is_wrong() -> None:
    refused = with_state(accepted(publication(Fate(frozenset({"refused"})))), "refused")

    assert counts(refused) == (0, 0, 1)
    assert counts(replace(refused, messages=[])) == (0, 0, 0)


def test_an_unconfirmed_row_may_have_a_message_or_none() -> None:
    doubtful = with_state(accepted(publication(Fate(frozenset({"unconfirmed"})))), "unconfirmed")

    assert counts(doubtful) == counts(replace(doubtful, messages=[])) == (0, 0, 0)


def test_a_message_without_an_attempt_is_wrong() -> None:
    assert counts(replace(accepted(publication()), attempts={})) == (0, 0, 1)


def test_a_message_to_somebody_whom_no_event_names_is_wrong() -> None:
    whole = accepted(publication())
    stranger = replace(whole.messages[0], recipient="380670000000")

    assert counts(replace(whole, messages=[*whole.messages, stranger])) == (0, 0, 1)


def test_an_expected_dead_letter_must_exist_with_its_reason() -> None:
    published = publication(dead("schema"))
    dead_letter = SeenDeadLetter("event", "schema", published.id, published.hash)

    assert counts(Evidence(confirmed=[published], dead_letters=[dead_letter])) == (0, 0, 0)
    assert counts(Evidence(confirmed=[published], dead_letters=[replace(dead_letter, event_id="")])) == (0, 0, 0)
    assert counts(Evidence(confirmed=[published], dead_letters=[replace(dead_letter, reason="poison")])) == (0, 0, 1)
    assert counts(Evidence(confirmed=[published], dead_letters=[replace(dead_letter, is_whole=False)])) == (0, 0, 1)
    assert counts(Evidence(confirmed=[published], events=frozenset({published.id}))) == (0, 0, 1)
    assert counts(Evidence(confirmed=[published])) == (1, 0, 0)


def test_a_good_event_among_the_dead_letters_is_wrong() -> None:
    published = publication()

    assert counts(
        Evidence(confirmed=[published], dead_letters=[SeenDeadLetter("event", "poison", published.id, published.hash)])
    ) == (0, 0, 1)


def test_a_dead_letter_of_nothing_that_was_published_is_wrong() -> None:
    whole = accepted(publication())

    assert counts(replace(whole, dead_letters=[SeenDeadLetter("message", "rejected", "", b"?")])) == (0, 0, 1)


def test_a_message_left_in_a_queue_is_wrong() -> None:
    assert counts(replace(accepted(publication()), queues={"sms.normal": 2})) == (0, 0, 1)


def test_an_attempt_that_waits_although_no_row_does_is_wrong() -> None:
    assert counts(replace(accepted(publication()), attempts={"key": True})) == (0, 0, 1)


def test_recovery_is_the_longest_wait_for_the_next_message() -> None:
    messages = [Message("380671234567", "", None, at) for at in (1.0, 5.0, 9.0)]

    assert recovery_s(messages, [2.0, 8.0]) == 3.0
    assert recovery_s(messages, [10.0]) is None
