from __future__ import annotations

import pytest

from tests.core.examples import account, drafted, happened, switch
from tests.support.crm import person


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "hello"), ("en-GB", "hello"), ("uk", "вітаємо"), ("pl", "вітаємо"), (None, "вітаємо")],
)
def test_a_person_is_written_to_in_their_language_where_there_is_one(locale: str | None, text: str) -> None:
    by = account(switches={"invoice_overdue_notice": switch(uk="вітаємо", en="hello")})

    [draft] = drafted(happened(recipients=[person(locale=locale)]), by=by)

    assert draft.text == text


@pytest.mark.parametrize(
    ("locale", "texts", "text"),
    [
        ("en", {"uk": "вітаємо", "en": ""}, None),
        ("en", {"uk": "вітаємо", "en": " \u00a0\n"}, None),
        ("uk", {"uk": "вітаємо", "en": ""}, "вітаємо"),
        ("pl", {"uk": "", "en": "hello"}, None),
        (None, {"uk": "", "en": "hello"}, None),
        ("en", {"uk": "", "en": "hello"}, "hello"),
        ("pl", {"de": "", "en": "hello"}, "hello"),
    ],
)
def test_a_blank_text_is_off_for_those_of_its_language_and_only_an_absent_one_gives_way(
    locale: str | None, texts: dict[str, str], text: str | None
) -> None:
    by = account(switches={"invoice_overdue_notice": switch(**texts)})

    [draft] = drafted(happened(recipients=[person(locale=locale)]), by=by)

    assert (draft.state, draft.reason) == (("planned", None) if text else ("skipped", "blank_text"))
    assert draft.text == (text or "")
