from itertools import chain, repeat

import pytest

from tests.core.examples import account, drafted, happened
from tests.support.call_counts import calls
from tests.support.crm import SALT, person
from worker.core.planning.draft import drafts
from worker.core.planning.work_limit import CHARACTERS_MAX, SECONDS_MAX, affordable
from worker.core.texts import formatting
from worker.core.texts.segments import LONGEST, is_too_long
from worker.core.texts.template import READ_AT_MOST
from worker.core.texts.transliteration import Spelling

CROWD = [person(phone=f"067{number:07d}", id=str(number), firstname=f"Олена {number}") for number in range(500)]
BOTH = account(spelling=Spelling(is_plain=True, is_latin=True))


def no_time() -> float:
    return 0.0


def test_the_longest_texts_to_the_most_people_fit_the_work_limit() -> None:
    assert 500 * max(LONGEST.values()) <= CHARACTERS_MAX
    made = affordable(drafted(happened(recipients=CROWD)), no_time)

    assert made is not None
    assert len(made) == len(CROWD)


@pytest.mark.parametrize("value", ["\U0001f600" * 1000, "є-—." * 250, "x." * 500, "https://ромашка.укр/ " * 50])
def test_an_event_of_unsendable_texts_exceeds_the_limit_early(value: str) -> None:
    bomb = happened(
        "sms.send_requested", recipients=CROWD, text="{contact_firstname}" + "{a}" * 600, shortcodes={"a": value}
    )
    given = drafts(bomb, BOTH, salt=SALT, now=bomb.occurred_at)
    [draft] = drafted(happened("sms.send_requested", recipients=CROWD[:1], text="{a}" * 600, shortcodes={"a": value}))

    assert not is_too_long(draft.written.segments) or len(draft.text) == READ_AT_MOST + 1
    assert calls(lambda: affordable(given, no_time)) < 500 * 5_000


def test_a_value_that_a_text_asks_for_again_and_again_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def is_clean(value: str) -> bool:
        looked.append(value)
        return True

    monkeypatch.setattr(formatting, "_is_clean", is_clean)
    # It is cut to its first word, so that a short text holds many of it.
    value = "є " + "є-—'" * 240
    text = "".join(f"{{a|{number}}}" for number in range(180))
    request = happened("sms.send_requested", recipients=CROWD, text=text, shortcodes={"a": value})

    made = list(drafts(request, BOTH, salt=SALT, now=request.occurred_at))

    assert len(made) == len(CROWD)
    assert looked.count(value) <= 1


def test_an_event_that_takes_too_long_for_any_reason_asks_for_too_much() -> None:
    ticks = chain([0.0] * 4, repeat(SECONDS_MAX + 1))

    assert affordable(drafted(happened(recipients=CROWD)), lambda: next(ticks)) is None
