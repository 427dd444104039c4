import re

from tests.core.written_reasons import REPORTED, dead_letter_reasons, notification_reasons, pause_reasons
from worker.core.outcomes.outcome_types import OF_STATES
from worker.core.outcomes.reason import Reason, pause_reason, refusal_reason, text_reason
from worker.core.receipts.polling import NO_RECEIPT, NOT_TRACKED
from worker.core.receipts.receipt_labels import Label
from worker.core.sending.pause import RUNAWAY, of_trigger
from worker.turbosms.codes import CODES

CYRILLIC = re.compile("[а-яіїєґ]", re.IGNORECASE)
WORDS = {code.reason: Label(code.en, code.uk) for code in CODES.values()}
WRITTEN = notification_reasons() | REPORTED | {NO_RECEIPT, NOT_TRACKED} | WORDS.keys()


def is_sentence(reason: Reason | None) -> bool:
    if reason is None or CYRILLIC.search(reason.en) or not CYRILLIC.search(reason.uk):
        return False
    return all(re.fullmatch(r"[^a-zа-яіїєґ].*[^.]\.", text, re.DOTALL) for text in (reason.en, reason.uk))


def test_every_reason_of_every_state_is_a_sentence_in_both() -> None:
    assert len(WRITTEN) > 80
    assert [
        (state, reason)
        for state in {name.rpartition(".")[2] for name in OF_STATES.values()}
        for reason in WRITTEN
        if not is_sentence(text_reason(state, reason, WORDS))
    ] == []


def test_every_reason_of_a_pause_is_a_sentence_in_both() -> None:
    scopes = {reason: of_trigger("order_created") if reason == RUNAWAY else "account" for reason in pause_reasons()}

    assert [reason for reason, scope in scopes.items() if not is_sentence(pause_reason(scope, reason))] == []


def test_every_reason_of_a_refusal_is_a_sentence_in_both() -> None:
    assert [reason for reason in dead_letter_reasons() if not is_sentence(refusal_reason(reason))] == []


def test_a_reason_says_first_what_became_of_the_text() -> None:
    assert text_reason("skipped", "no_phone", {}) == Reason(
        "no_phone",
        "Not sent: the person has no phone.",
        "Не надіслано: у отримувача немає номера телефону.",
    )
    assert text_reason("delivered", None, {}) is None


def test_a_code_of_turbosms_has_its_words() -> None:
    words = {"invalid_phone": Label("the phone is wrong", "номер неправильний")}

    assert text_reason("failed", "invalid_phone", words) == Reason(
        "invalid_phone",
        "Not sent: the phone is wrong.",
        "Не надіслано: номер неправильний.",
    )
