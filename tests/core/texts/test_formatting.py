import unicodedata
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.call_counts import calls
from tests.support.tries import tries
from worker.core.texts.formatting import (
    LONGEST_VALUE,
    clean,
    composed,
    date_text,
    moment_text,
    shortened,
    status_text,
    time_text,
    visible,
)

MANY = settings(max_examples=tries(300), deadline=None)
KYIV = "Europe/Kyiv"
ANY_TEXT = st.text(st.characters(exclude_categories=()))
PIECES = [
    *("&", "&amp;", "amp;", "&#039;", "&#x26;", "#38;", "&lt;", "&gt;", "lt;", "&nbsp;", "&#0;", ";"),
    *("<", ">", "<b>", "</b>", "<br/>", "<!--", "-->", "x", " ", "\n", "😀", "Ж", "\u200d", "\u202e", "\0"),
    *("\ud800", "\u0301", "\u0338", "\u0958", "\u037e", "\ufe0f", "\x85", "\u2028"),
]
HOSTILE = st.lists(st.sampled_from(PIECES)).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
STAMP_LIKE = st.text("0123456789-:TZ+ .", max_size=30)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Дем'янюк", "Дем'янюк"),
        ("Дем&#039;янюк", "Дем'янюк"),
        ("Дем&amp;#039;янюк", "Дем'янюк"),
        ("Дем&amp;amp;#x27;янюк", "Дем'янюк"),
        ("«Ромашка &amp; Ко»", "«Ромашка & Ко»"),
        ("Ромашка & Ко", "Ромашка & Ко"),
        ("<p>Ром<b>аш</b>ка</p><br>ТОВ", "Ромашка ТОВ"),
        ("<3 a < b > c <o@crm.ua>", "<3 a < b > c <o@crm.ua>"),
        ("https://a.ua/?x=1&region=5&amp;copy=2", "https://a.ua/?x=1&region=5&copy=2"),
        ("a\u00a0\u00a0b\r\n\tc\u2028d ", "a b c d"),
        ("a\0b\x07c\u200bd\u202ee\ufefff\ud800g", "abcdefg"),
        ("і\u0308 e\u0301", "ї é"),
        ("👨\u200d👩\u200d👧 a\u200db", "👨\u200d👩\u200d👧 ab"),
        ("a\u200d😀\u200db", "a😀b"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("&bogus; &amp;bogus; &#0;&nbsp;x", "&bogus; &bogus; x"),
        ("", ""),
    ],
)
def test_a_value_becomes_one_plain_line(value: str, expected: str) -> None:
    assert clean(value) == expected


def test_a_long_value_is_cut_just_above_the_longest_length() -> None:
    assert clean("ж" * 1_000_000) == "ж" * (LONGEST_VALUE + 1)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("<", "b>"), ("<<b>b>", ""), ("<!-", "- -->"), ("&<b>amp;", ""), ("<!--", ""), ("<\u200bb>", "")],
)
def test_markup_inside_markup_costs_no_more_passes_the_deeper_it_is(opening: str, closing: str) -> None:
    shallow, deep = (calls(partial(clean, opening * depth + closing * depth)) for depth in (100, 400))

    assert deep <= 4 * shallow + 100
    assert deep < 4_000


def test_combining_marks_on_a_letter_cost_no_more_than_others() -> None:
    # Sorted as NFC does it, these would take hours.
    piled = composed("а" + "\u0315\u0300" * 1_000_000)

    assert len(piled) == 31
    assert unicodedata.is_normalized("NFC", piled)
    assert len(visible("а" + "\u0315\u0300" * 1_000_000)) == 31


@pytest.mark.parametrize("text", ["نَصٌّ ", "של\u05b8ו\u05b9ם ", "हिन्दी", "і\u0308", "e\u0301\u0323"])
def test_marks_that_people_write_stay(text: str) -> None:
    assert composed(text * 50) == unicodedata.normalize("NFC", text * 50)


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("Підготувати договір", 30, "Підготувати договір"),
        ("Підготувати договір", 18, "Підготувати…"),
        ("Підготувати договір", 12, "Підготувати…"),
        ("Підготувати, договір", 14, "Підготувати…"),
        ("Підготувати", 6, "Підго…"),
        ("to prepare a contract", 13, "to prepare..."),
        ("👨\u200d👩\u200d👧", 3, "👨…"),
    ],
)
def test_a_text_is_shortened_at_the_end_of_a_word(text: str, longest: int, expected: str) -> None:
    assert shortened(text, longest) == expected


@MANY
@given(HOSTILE | ANY_TEXT, st.integers(10, 100))
def test_a_shortened_text_is_clean_and_fits(value: str, longest: int) -> None:
    text = shortened(clean(value), longest)

    assert len(text) <= longest
    assert text == clean(text)


@MANY
@given(HOSTILE | ANY_TEXT)
def test_cleaning_again_changes_nothing(value: str) -> None:
    once = clean(value)

    assert clean(once) == once


@MANY
@given(HOSTILE | ANY_TEXT)
def test_a_clean_value_can_be_stored_and_sent(value: str) -> None:
    text = clean(value)

    assert not {unicodedata.category(char) for char in text} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in text} & {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI"}
    assert text == " ".join(text.split())
    assert unicodedata.is_normalized("NFC", text)
    assert "&amp;" not in text


@MANY
@given(HOSTILE | ANY_TEXT)
def test_a_glance_and_a_repair_agree(value: str) -> None:
    assert clean(value) == clean(f" {value} ")


@MANY
@given(HOSTILE | ANY_TEXT)
def test_visible_text_keeps_its_lines_and_nothing_hidden(text: str) -> None:
    shown = visible(text)

    assert not {unicodedata.category(char) for char in shown.replace("\n", "")} & {"Cc", "Cs", "Zl", "Zp"}
    assert shown.count("\n") == len(visible(text + "|").splitlines()) - 1


@pytest.mark.parametrize(
    ("value", "locale", "expected"),
    [
        ("2026-11-03", "uk", "03.11.2026"),
        ("2026-11-03", "uk_UA", "03.11.2026"),
        ("2026-11-03", "en-GB", "3 Nov 2026"),
        ("2026-11-03", "no such", "03.11.2026"),
        ("2026-11-03T23:30:00+00:00", "uk", "04.11.2026"),
        ("2026-11-03 23:30:00", "uk", "03.11.2026"),
        ("0000-00-00", "uk", ""),
        ("2026-02-30", "uk", ""),
        ("20261103", "uk", ""),
        ("0001-01-01T00:00:00+14:00", "uk", ""),
        ("", "uk", ""),
        (20261103, "uk", ""),
    ],
)
def test_a_date_in_words(value: object, locale: str, expected: str) -> None:
    assert date_text(value, locale=locale, zone=KYIV) == expected


def test_a_short_date_has_no_year() -> None:
    assert date_text("2026-11-03", locale="uk", zone=KYIV, is_short=True) == "03.11"
    assert date_text("2026-11-03", locale="en", zone=KYIV, is_short=True) == "3 Nov"
    assert moment_text("2026-11-03T10:15:00+02:00", locale="uk", zone=KYIV, is_short=True) == "03.11 10:15"


@pytest.mark.parametrize(
    ("value", "zone", "expected"),
    [
        ("2026-11-03T10:15:00+02:00", KYIV, "10:15"),
        ("2026-07-03T10:15:00Z", KYIV, "13:15"),
        ("2026-11-03T10:15:00+02:00", "America/New_York", "03:15"),
        ("2026-11-03T10:15:00+02:00", "../../etc/passwd", "10:15"),
        ("2026-11-03T10:15", KYIV, "10:15"),
        ("09:05:59", KYIV, "09:05"),
        ("2026-11-03", KYIV, ""),
        ({}, KYIV, ""),
    ],
)
def test_a_time_in_words(value: object, zone: str, expected: str) -> None:
    assert time_text(value, zone=zone) == expected


def test_a_moment_in_words() -> None:
    assert moment_text("2026-11-03T10:15:00+02:00", locale="uk", zone=KYIV) == "03.11.2026 10:15"
    assert moment_text("2026-11-03", locale="uk", zone=KYIV) == "03.11.2026"


def test_a_known_status_is_shown_as_text() -> None:
    assert status_text("partially_paid", locale="uk") == "Частково оплачено"
    assert status_text("partially_paid", locale="en") == "Partially paid"
    assert status_text("Очікує", locale="uk") == status_text(5, locale="uk") == ""


@MANY
@given(JSON | STAMP_LIKE, ANY_TEXT | st.sampled_from(["uk", "en"]), ANY_TEXT | st.just(KYIV))
def test_no_value_raises(value: object, locale: str, zone: str) -> None:
    text = moment_text(value, locale=locale, zone=zone) + status_text(value, locale=locale)

    assert text == clean(text)
