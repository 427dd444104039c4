"""A story as the API answers it: moment by moment, in both languages, and what can be done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from worker.core.history.timeline import Entry
from worker.core.receipts.receipt_labels import Label
from worker.steps.history.why import Explanation
from worker.web.api.fields import about


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence for people, in both languages."""

    en: Annotated[str, about("In English.")]
    uk: Annotated[str, about("In Ukrainian.")]


@dataclass(frozen=True, slots=True)
class StoryMoment:
    """One moment of a story."""

    at: Annotated[datetime, about("When; what is still awaited is told as of now.")]
    code: Annotated[str, about("What happened, for programs.", "text.delivered")]
    reason: Annotated[str | None, about("The code of why.")]
    subject: Annotated[str | None, about("The text, trigger or dead letter that it is about.", "2026-11/123")]
    en: Annotated[str, about("What happened, in English.")]
    uk: Annotated[str, about("What happened, in Ukrainian.")]


def timeline(explanation: Explanation) -> list[StoryMoment]:
    return [moment(entry) for entry in explanation.entries]


def moment(entry: Entry) -> StoryMoment:
    return StoryMoment(entry.at, entry.code, entry.reason, entry.about, entry.sentence.en, entry.sentence.uk)


def sentences(labels: Iterable[Label]) -> list[Sentence]:
    return [Sentence(label.en, label.uk) for label in labels]
