from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.written_reasons import REPORTED, dead_letter_reasons, notification_reasons, pause_reasons
from worker.core.history.event_meanings import OUTCOMES
from worker.core.history.story import (
    AttemptFacts,
    DeadLetterFacts,
    Earlier,
    EventFacts,
    NotificationFacts,
    PauseFacts,
    PersonFacts,
    ReceiptFacts,
    ReminderFacts,
    Story,
    Suppressed,
    Switched,
    TemplateFacts,
    TransitionFacts,
    TriggerFacts,
)
from worker.core.history.timeline import Entry, person_entries, remedies, timeline
from worker.core.receipts.receipt_labels import Label
from worker.core.reminders.fire import CANCELLED, DELETED, MOVED, NO_RULE, OVERTAKEN, TOO_LATE
from worker.core.sending.notification_states import MOVES
from worker.turbosms.codes import CODES

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
KYIV = "Europe/Kyiv"
ADDRESSED = (
    "Text for the booking's guest 9 (+38067***4567) by SMS, trigger booking_confirmed, template version 3 in uk"
    " (ivan, 2026-12-01 11:00), segments: 2."
)
ON = TriggerFacts("booking_confirmed", frozenset({"booking"}), was_on=True, is_on=True)


def at(minutes: int) -> datetime:
    return NOW - timedelta(hours=2) + timedelta(minutes=minutes)


def event(outcome: str = "planned", **facts: Any) -> EventFacts:
    known: dict[str, Any] = {"triggers": (ON,), **facts}
    return EventFacts("acme", "e-1", "booking.confirmed", at(0), at(0), outcome, **known)


def text(state: str, reason: str | None = None, **facts: Any) -> NotificationFacts:
    moves = facts.pop("moves", [(None, state, reason, "accept")])
    known: dict[str, Any] = {
        "notification_id": (date(2026, 12, 1), 56),
        "event": (date(2026, 12, 1), 7),
        "account": "acme",
        "trigger": "booking_confirmed",
        "channel": "sms",
        "recipient_kind": "booking",
        "recipient_id": "9",
        "recipient_key": "ab",
        "phone": "+38067***4567",
        "lane": "normal",
        "locale": "uk",
        "zone": KYIV,
        "segments": 2,
        "due_at": None,
        "expires_at": at(600),
        "created_at": at(0),
        "template": TemplateFacts(3, "ivan", at(-60)),
        "transitions": [TransitionFacts(at(nth), *move) for nth, move in enumerate(moves)],
    }
    return NotificationFacts(state=state, reason=reason, **{**known, **facts})


def told(story: Story, language: str = "en") -> list[str]:
    return [getattr(entry.sentence, language) for entry in timeline(story, now=NOW)]


def codes(entries: list[Entry]) -> list[str]:
    return [entry.code for entry in entries]


def test_a_delivered_text_is_told_from_event_to_price() -> None:
    moves = [
        (None, "postponed", "quiet_hours", "accept"),
        ("postponed", "planned", "quiet_hours", "release"),
        ("planned", "sending", "quiet_hours", "send", "k"),
        ("sending", "accepted", None, "record", "k"),
        ("accepted", "delivered", None, "receipt", "k"),
    ]
    delivered = text(
        "delivered",
        moves=moves,
        attempts=[AttemptFacts("k", at(2), 1, at(3), 2, Decimal("1.9000"))],
        receipts=[ReceiptFacts("m", "sms", "delivered", "delivered", at(4), Decimal("1.96"), 2)],
    )

    story = Story(KYIV, event(), [delivered])

    assert told(story) == [
        "Received booking.confirmed as event e-1.",
        "Trigger booking_confirmed was on.",
        "The event led to notifications.",
        ADDRESSED,
        "Held until 2026-12-01 12:01: it is outside the hours in which people may be written to.",
        "Its time has come: it is checked again.",
        "Handed to TurboSMS, segments: 2, about 1.9 UAH.",
        "TurboSMS has taken it.",
        "Delivered by SMS.",
        "Price: 1.96 UAH, segments: 2.",
    ]
    assert told(story, "uk")[4] == (
        "Відкладено до 2026-12-01 12:01: зараз не час для повідомлень, піде в дозволені години."
    )
    assert remedies(timeline(story, now=NOW)) == []


def test_a_text_that_was_not_sent_says_why_and_what_to_do() -> None:
    story = Story(KYIV, event(), [text("skipped", "no_phone")])
    entries = timeline(story, now=NOW)

    assert entries[-1].sentence == Label(
        "Not sent: the person has no phone.", "Не надіслано: у отримувача немає номера телефону."
    )
    assert (entries[-1].code, entries[-1].reason, entries[-1].about) == ("text.skipped", "no_phone", "2026-12/56")
    assert [remedy.en for remedy in remedies(entries)] == [
        "Put a mobile phone on the person in the CRM; the next event goes to it."
    ]


def test_what_is_over_needs_no_remedy() -> None:
    moves = [(None, "postponed", "budget_spent", "accept"), ("postponed", "cancelled", "booking_cancelled", "send")]

    assert remedies(timeline(Story(KYIV, None, [text("cancelled", "booking_cancelled", moves=moves)]), now=NOW)) == []


def test_the_providers_own_words_are_quoted() -> None:
    code = CODES[305]
    story = Story(KYIV, None, [text("refused", code.reason)], codes={code.reason: Label(code.en, code.uk)})

    assert told(story)[-1] == "Refused by TurboSMS: the number's country or operator is not recognised."
    assert told(story, "uk")[-1] == (
        "Відхилено TurboSMS. Номер телефону неправильний: країну або оператора не визначено."
    )


def test_a_switched_off_trigger_names_who_switched_it() -> None:
    switched = Switched(at(-30), "olena", is_on=False)
    off = TriggerFacts("booking_confirmed", frozenset({"booking"}), was_on=False, is_on=True, switched=switched)

    entries = timeline(Story(KYIV, event("switched_off", triggers=(off,))), now=NOW)

    assert [entry.sentence.en for entry in entries[1:]] == [
        "Trigger booking_confirmed was off (olena switched it 2026-12-01 11:30); it is on now.",
        "No trigger was switched on for it.",
    ]
    assert [remedy.en for remedy in remedies(entries)] == [
        "Switch the trigger on (perfectum-sms trigger on acme booking_confirmed); later events go, this one stays."
    ]


def test_an_event_for_nobody_says_whom_it_names() -> None:
    said = told(Story(KYIV, event("no_recipient", recipient_kinds=("staff", "lead"))))[-1]

    assert said == "Nobody got a text: the event names lead, staff, its triggers write to booking."


def test_an_event_of_a_known_fact_names_the_earlier_text() -> None:
    earlier = (Earlier((date(2026, 11, 1), 7), at(-120)),)

    assert "2026-11/7 (2026-12-01 10:00)" in told(Story(KYIV, event("already_planned", earlier=earlier)))[-1]


def test_a_condition_that_did_not_hold_is_named() -> None:
    unmet = replace(ON, is_met=False)

    said = told(Story(KYIV, event("recorded", triggers=(unmet,))))

    assert said[-2] == "Trigger booking_confirmed was on, but its condition did not hold."
    assert "the condition of booking_confirmed did not hold" in said[-1]


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        ("account", True),
        ("provider", True),
        ("trigger/booking_confirmed", True),
        ("trigger/order_created", False),
        ("person/ab", True),
        ("person/cd", False),
        ("viber", False),
        ("hand", True),
        ("hand/trigger/booking_confirmed", True),
        ("hand/trigger/order_created", False),
        ("hand/lane/normal", True),
        ("hand/lane/bulk", False),
        ("hand/channel/sms", True),
        ("hand/channel/viber", False),
    ],
)
def test_a_pause_holds_only_what_it_is_about(scope: str, holds: bool) -> None:  # noqa: FBT001
    by_hand = scope.startswith("hand")
    reason = "by_hand" if by_hand else "runaway" if "/" in scope else "money"
    story = Story(KYIV, None, [text("planned", due_at=at(0))], pauses=[PauseFacts(scope, reason, at(-5), "provider")])

    last = timeline(story, now=NOW)[-1]

    assert (last.code == "now.paused") == holds
    assert bool(last.remedies) == holds
    assert last.at == NOW


def test_a_pause_by_hand_says_who_until_when_and_their_note() -> None:
    pause = PauseFacts("hand", "by_hand", at(-5), "operator/ivan", at(300), "wrong prices")

    last = timeline(Story(KYIV, None, [text("planned", due_at=at(0))], pauses=[pause]), now=NOW)[-1]

    assert last.sentence.en == (
        "It stands still since 2026-12-01 11:55, until 2026-12-01 17:00: a person paused it, ivan (wrong prices)."
    )


def test_a_lost_answer_is_told_with_its_repeats() -> None:
    moves = [(None, "planned", None, "accept"), ("planned", "sending", None, "send", "k")]
    sending = text("sending", moves=moves, due_at=at(200), attempts=[AttemptFacts("k", at(1), 3, None)])

    assert codes(timeline(Story(KYIV, None, [sending]), now=NOW))[-2:] == ["text.asked_again", "now.sending"]


def test_a_persons_decision_is_told_with_their_name() -> None:
    moves = [(None, "unconfirmed", "key_expired", "record"), ("unconfirmed", "planned", "by_hand", "operator/ivan")]

    assert "A person has it sent again: ivan." in told(Story(KYIV, None, [text("planned", "by_hand", moves=moves)]))


def test_a_resend_names_the_text_that_was_first() -> None:
    resent = text("planned", due_at=at(0), resend_of=(date(2026, 11, 1), 7))

    assert "A person has 2026-11/7 sent again by this text." in told(Story(KYIV, None, [resent]))


def test_a_refused_event_tells_its_letter_and_who_closed_it() -> None:
    letter = DeadLetterFacts(17, "schema", "data.phone is missing", at(1), 1, "replayed", at(9), "ivan")

    assert told(Story(KYIV, None, dead_letters=[letter])) == [
        "Dead letter 17: A field is missing or wrong. data.phone is missing",
        "Dead letter replayed: 17, ivan.",
    ]


def test_somebody_whom_no_event_reached_is_told_where_to_look() -> None:
    person = PersonFacts("acme", "+38067***4567", at(-1440), at(-600), 40, at(-3), 2)

    [entry] = person_entries(person, KYIV, is_reached=False, now=NOW)

    assert entry.sentence.en == (
        "No event with +38067***4567 came since 2026-12-01 02:00: 40 events of acme were looked at."
        " Its newest came at 2026-12-01 11:57."
    )
    assert [remedy.en.rpartition(": ")[2] for remedy in entry.remedies] == [
        "perfectum-sms event list.",
        "perfectum-sms dead list --account acme.",
        "perfectum-sms calendar acme.",
    ]


def test_a_stopped_person_is_told_so_though_events_came() -> None:
    stopped = Suppressed(at(-100), "all", "operator")
    person = PersonFacts("acme", "+38067***4567", at(-1440), at(-1440), 40, at(-3), suppressed=stopped)

    assert codes(person_entries(person, KYIV, is_reached=True, now=NOW)) == ["person.suppressed"]


REASONS = sorted((notification_reasons() - {OVERTAKEN}) | REPORTED | {code.reason for code in CODES.values()})
KNOWN = {code.reason: Label(code.en, code.uk) for code in CODES.values()}


@given(st.sampled_from(REASONS), st.sampled_from(sorted(MOVES)))
def test_any_state_and_reason_make_a_sentence_in_both_languages(reason: str, state: str) -> None:
    entries = timeline(Story(KYIV, event(), [text(state, reason, due_at=at(700))], codes=KNOWN), now=NOW)

    for entry in entries:
        assert entry.sentence.en.endswith("."), entry
        assert entry.sentence.uk.endswith("."), entry
        assert ".." not in entry.sentence.en + entry.sentence.uk
        assert f"reports {reason}" not in entry.sentence.en
        assert entry.sentence.en[0].isupper()
        assert entry.sentence.uk[0].isupper()
    assert all(before.at <= after.at for before, after in pairwise(entries))


@pytest.mark.parametrize("reason", sorted(dead_letter_reasons()))
def test_any_dead_letter_is_told(reason: str) -> None:
    [entry] = timeline(Story(KYIV, None, dead_letters=[DeadLetterFacts(1, reason, "", at(0))]), now=NOW)

    assert entry.code == f"dead_letter.{reason}"


@pytest.mark.parametrize("reason", sorted(pause_reasons()))
def test_any_pause_is_told_in_words(reason: str) -> None:
    scope = "trigger/booking_confirmed" if reason == "runaway" else "account"
    pause = PauseFacts(scope, reason, at(-5), "provider")

    last = timeline(Story(KYIV, None, [text("planned", due_at=at(0))], pauses=[pause]), now=NOW)[-1]

    assert reason not in last.sentence.en.split()
    assert last.remedies


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
def test_any_outcome_of_an_event_is_told(outcome: str) -> None:
    assert codes(timeline(Story(KYIV, event(outcome)), now=NOW))[-1] == f"event.{outcome}"


REMINDER = ReminderFacts("contact_birthday", "contact", "17", at(0), "missed", "too_late", at(5))


def test_an_event_of_the_clock_says_when_it_was_due() -> None:
    said = told(Story(KYIV, event(reminder=REMINDER)))

    assert said[1] == "The clock set it off: contact_birthday of contact 17 was due at 2026-12-01 12:00."


@pytest.mark.parametrize("reason", [OVERTAKEN, TOO_LATE, CANCELLED, DELETED, MOVED, NO_RULE])
def test_a_reminder_that_was_not_published_says_why(reason: str) -> None:
    story = Story(KYIV, reminders=[replace(REMINDER, reason=reason)], account="acme")

    [entry] = timeline(story, now=NOW)

    assert entry.code == "reminder.missed"
    assert entry.sentence.en.startswith(
        "The reminder of 2026-12-01 12:00 was not published (contact_birthday, contact 17): "
    )
    assert reason not in entry.sentence.en
    assert "ACCOUNT" not in "".join(remedy.en for remedy in entry.remedies)
