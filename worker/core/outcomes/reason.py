"""Why something became what it is, as a CRM hears it: a code for programs, a sentence for people in either language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.core.history.pause_meanings import meaning_of_pause
from worker.core.history.sentences.notification import HEADS, because
from worker.core.history.sentences.reason import words_of
from worker.core.receipts.receipt_labels import Label


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code for programs, and a sentence to show to people."""

    code: Annotated[str, Field(description="One word; later workers may have more of them.")]
    en: Annotated[str, Field(description="The sentence in English.")]
    uk: Annotated[str, Field(description="The sentence in Ukrainian.")]


def text_reason(state: str, code: str | None, codes: Mapping[str, Label]) -> Reason | None:
    """Why a text is in a state, with the words of TurboSMS for its own codes; None where nothing needs a reason."""
    if code is None:
        return None
    words = words_of(state, code, codes)
    return reason_of(code, because(HEADS[state], words) if state in HEADS else words)


def pause_reason(scope: str, code: str) -> Reason:
    meaning = meaning_of_pause(scope, code)
    return reason_of(code, meaning.sentence if meaning else Label(code, code))


def refusal_reason(code: str) -> Reason:
    """Why an event was refused; the code is its dead letter's."""
    meaning = DEAD_LETTERS.get(code)
    return reason_of(code, meaning.sentence if meaning else Label(code, code))


def reason_of(code: str, label: Label) -> Reason:
    return Reason(code, sentence(label.en), sentence(label.uk))


def sentence(words: str) -> str:
    """`the phone is wrong` as a sentence of its own."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
