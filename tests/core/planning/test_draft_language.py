import pytest

from tests.core.examples import account, drafted, happened, switch
from tests.support.crm import person


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "hello"), ("en-GB", "hello"), ("uk", "вітаємо"), ("pl", "вітаємо"), (None, "вітаємо")],
)
def test_a_text_is_in_the_persons_language_where_it_exists(locale: str | None, text: str) -> None:
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
def test_a_blank_text_is_skipped_and_an_absent_one_falls_back(
    locale: str | None, texts: dict[str, str], text: str | None
) -> None:
    by = account(switches={"invoice_overdue_notice": switch(**texts)})

    [draft] = drafted(happened(recipients=[person(locale=locale)]), by=by)

    assert (draft.state, draft.reason) == (("planned", None) if text else ("skipped", "blank_text"))
    assert draft.text == (text or "")
