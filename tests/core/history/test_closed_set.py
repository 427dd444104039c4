import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.core.written_reasons import REPORTED, dead_letter_reasons, notification_reasons, pause_reasons
from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.core.history.event_meanings import OUTCOMES
from worker.core.history.meaning import Meaning
from worker.core.history.pause_meanings import PAUSES, RUNAWAYS
from worker.core.history.remedies import REMEDIES
from worker.core.history.reminder_meanings import REMINDERS
from worker.core.receipts.polling import NO_RECEIPT, NOT_TRACKED
from worker.core.receipts.reason_labels import REASONS
from worker.core.receipts.receipt_labels import Label
from worker.core.reminders.fire import CANCELLED, DELETED, MOVED, NO_RULE, OVERTAKEN, TOO_LATE
from worker.core.sending.pause import RUNAWAY
from worker.turbosms.codes import CODES

SCHEMA = Path(__file__).parents[3] / "sql/schema.sql"
CYRILLIC = re.compile("[а-яіїєґ]", re.IGNORECASE)
ALL: Mapping[str, Mapping[str, Meaning]] = {
    "dead letters": DEAD_LETTERS,
    "pauses": PAUSES,
    "runaways": RUNAWAYS,
    "events": OUTCOMES,
    "reminders": REMINDERS,
}
WORDS = [(f"{kind} {code}", meaning) for kind, meanings in ALL.items() for code, meaning in meanings.items()]
#: Reasons that are as they should be.
NO_REMEDY = frozenset(
    {
        *(
            "self_assigned",
            "recipient_deleted",
            "erased",
            "sent_elsewhere",
            "same_text",
            "phone_taken",
            "worker_ended",
            "by_hand",
            "scheduled",
        ),
        *("reminder_done", "reminders_cancelled", "task_done"),
        *("proposal_draft", "proposal_decided", "contract_hidden", "contract_ended"),
        *("order_cancelled", "booking_cancelled", "meeting_cancelled"),
    }
)


def is_in_both(label: Label) -> bool:
    return bool(label.en and label.uk) and not CYRILLIC.search(label.en) and bool(CYRILLIC.search(label.uk))


def test_every_reason_has_a_remedy_or_needs_none() -> None:
    written = (notification_reasons() | REPORTED | {NO_RECEIPT, NOT_TRACKED}) - {OVERTAKEN}

    assert written - REMEDIES.keys() - NO_REMEDY == set()
    assert REMEDIES.keys() & NO_REMEDY == set()
    assert (REMEDIES.keys() | NO_REMEDY) - written - {code.reason for code in CODES.values()} == set()


def test_the_reasons_of_dead_letters_are_those_with_words() -> None:
    assert dead_letter_reasons() == DEAD_LETTERS.keys()


def test_the_reasons_of_pauses_are_those_with_words() -> None:
    assert pause_reasons() == PAUSES.keys() | {RUNAWAY}


def test_the_outcomes_of_events_are_those_with_words() -> None:
    [check] = set(re.findall(r"event_outcome_is_known CHECK \(\(outcome = ANY \(ARRAY\[(.*?)\]", SCHEMA.read_text()))

    assert set(re.findall(r"'(\w+)'::text", check)) == OUTCOMES.keys()


def test_the_reasons_of_reminders_have_words() -> None:
    constants = {OVERTAKEN, TOO_LATE, CANCELLED, DELETED, MOVED, NO_RULE}

    assert constants - REASONS.keys() == REMINDERS.keys()


@pytest.mark.parametrize(("name", "meaning"), WORDS, ids=[name for name, _ in WORDS])
def test_each_meaning_is_in_both_languages(name: str, meaning: Meaning) -> None:
    assert is_in_both(meaning.sentence), name
    assert meaning.remedy is None or is_in_both(meaning.remedy), name


@pytest.mark.parametrize("reason", sorted(REMEDIES))
def test_each_remedy_is_in_both_languages(reason: str) -> None:
    assert is_in_both(REMEDIES[reason])


def test_every_code_of_turbosms_has_words_in_both_languages() -> None:
    assert [code.number for code in CODES.values() if not is_in_both(Label(code.en, code.uk))] == []
