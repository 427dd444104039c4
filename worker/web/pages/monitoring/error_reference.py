"""Довідка помилок: what every reason and every code of TurboSMS means, and who mends it."""

from collections.abc import Iterator
from dataclasses import dataclass

from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.core.history.event_meanings import OUTCOMES
from worker.core.history.meaning import Meaning
from worker.core.history.pause_meanings import PAUSES, RUNAWAYS
from worker.core.history.remedies import REMEDIES
from worker.core.history.reminder_meanings import REMINDERS
from worker.core.receipts.reason_labels import REASONS
from worker.language import _, of_pair, spoken
from worker.turbosms.codes import CODES
from worker.web.pages.page import Html, Shown, Visit, page

SEARCH_MAX = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A code, what it means and what somebody can do; `number` is TurboSMS's."""

    code: str
    means: str
    remedy: str = ""
    number: int | None = None

    def mentions(self, words: list[str]) -> bool:
        text = f"{self.number or ''} {self.code} {self.means} {self.remedy}".casefold()
        return all(word in text for word in words)


@page("GET", "/a/{account}/errors", may="look")
def error_reference(visit: Visit) -> Shown:
    """All of them, or those that have all the words that are searched for."""
    words = visit.query.text("q")[:SEARCH_MAX].casefold().split()
    found = [(title, [row for row in rows if row.mentions(words)]) for title, rows in sections()]
    return Html("monitoring/error_reference.html", {"sections": [(title, rows) for title, rows in found if rows]})


def sections() -> Iterator[tuple[str, list[Row]]]:
    yield _("Why an SMS did not go, or waits"), [reason_row(code) for code in REASONS]
    yield _("Why something stands still"), [row(code, each) for code, each in {**PAUSES, **RUNAWAYS}.items()]
    yield _("What TurboSMS answers"), list(codes())
    yield _("What came of an event"), [row(code, each) for code, each in OUTCOMES.items()]
    yield _("Why an event was refused"), [row(code, each) for code, each in DEAD_LETTERS.items()]
    yield _("Why a reminder was not published"), [row(code, each) for code, each in REMINDERS.items()]


def reason_row(code: str) -> Row:
    remedy = REMEDIES.get(code)
    return Row(code, of_pair(REASONS[code]), of_pair(remedy) if remedy else "")


def row(code: str, each: Meaning) -> Row:
    return Row(code, of_pair(each.sentence), of_pair(each.remedy) if each.remedy else "")


def codes() -> Iterator[Row]:
    for number, code in CODES.items():
        remedy = REMEDIES.get(code.code_class.value)
        means = code.uk if spoken() == "uk" else code.en
        yield Row(code.name, means, of_pair(remedy) if remedy else "", number)
