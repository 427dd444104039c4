import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.privacy.person import Traces, needles_of, pattern_of, plain_pattern_of, words_of

PHONE = "+380671234567"
TRACES = Traces(frozenset({PHONE}), words=frozenset({"дем'янюк", "олена"}))
SPELLINGS = [
    *("+380671234567", "380671234567", "0671234567", "067 123 45 67", "+38 (067) 123-45-67", "8 067 123 45 67"),
    *("067\u00a0123\u00a045\u00a067", "067.123.45.67", "0 67 12З 45 67", "067/123/45/67", "тел. 0671234567 (мама)"),
]


def escaped(text: str) -> str:
    """Bytes as PostgreSQL's encode(…, 'escape') shows them."""
    shown = (
        f"\\{byte:03o}" if byte == 0 or byte > 127 else "\\\\" if byte == 92 else chr(byte) for byte in text.encode()
    )
    return "".join(shown)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_phone_is_found_however_it_is_spelt(spelling: str) -> None:
    assert TRACES.has_digits(spelling)
    assert re.search(plain_pattern_of([PHONE]), spelling)
    for written in (
        json.dumps(spelling, ensure_ascii=False),
        json.dumps(spelling),
        json.dumps(spelling).replace("/", "\\/"),
    ):
        assert re.search(pattern_of([PHONE]), escaped(written)), written


@pytest.mark.parametrize("other", ["0671234568", "067 123 45 6", "380501234567", "INV-000901 від 2026-11-20", "12345"])
def test_another_number_is_not_found(other: str) -> None:
    assert not TRACES.has_digits(other)
    assert not re.search(plain_pattern_of([PHONE]), other)
    assert not re.search(pattern_of([PHONE]), escaped(json.dumps(other)))


@pytest.mark.parametrize("text", ["Олена, ваш рахунок", "ОЛЕНА!", "Дем&#039;янюк О.", "п. Дем’янюк", "(Дем'янюк)"])
def test_a_name_is_found_in_any_case_and_with_any_apostrophe(text: str) -> None:
    assert TRACES.in_text(text)


@pytest.mark.parametrize("text", ["Оленави", "Янюк", "Шановний клієнте", ""])
def test_a_part_of_a_word_is_no_name(text: str) -> None:
    assert not TRACES.in_text(text)


def test_names_of_a_section_are_its_words() -> None:
    section = {"firstname": "Олена", "lastname": "Дем’янюк", "email": "o@x.ua", "title": "Директорка", "name": "Ян"}

    assert words_of(section) == {"олена", "дем'янюк", "o@x.ua"}


def test_needles_are_in_bytes_that_name_somebody() -> None:
    needles = needles_of(["дем'янюк"])

    for text in ("Дем'янюк", "Дем&#039;янюк"):
        assert any(needle in text.encode() for needle in needles)
        assert any(needle in json.dumps(text).encode() for needle in needles)


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert isinstance(TRACES.in_text(text), bool)
