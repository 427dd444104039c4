"""How much work one event may ask for: a stranger chooses the texts, the values and the people."""

from collections.abc import Callable, Iterable

from worker.core.planning.draft import Draft
from worker.core.texts.template import READ_AT_MOST

#: Characters that the texts of one event may come to: more than the longest text for 500 people.
CHARACTERS_MAX = 1_000_000
#: What a text weighs that is too long however its values are cut: it was tried again and again, and nobody takes it.
IN_VAIN = 10
#: Seconds of work, whatever takes them.
SECONDS_MAX = 5.0
TOO_MUCH = "too_much_work"
DETAIL = (
    f"The texts of this event come to more than {CHARACTERS_MAX} characters, or take more than {SECONDS_MAX:g} s to"
    " write: shorten the text and its values, or name fewer people at once."
)


def affordable(drafts: Iterable[Draft], spent: Callable[[], float]) -> list[Draft] | None:
    """An event's drafts, or None where they ask for more work than an event may; `spent` counts seconds of work."""
    made: list[Draft] = []
    until, characters = spent() + SECONDS_MAX, 0
    for draft in drafts:
        made.append(draft)
        length = len(draft.text)
        characters += length if length <= READ_AT_MOST else length * IN_VAIN
        if characters > CHARACTERS_MAX or spent() > until:
            return None
    return made
