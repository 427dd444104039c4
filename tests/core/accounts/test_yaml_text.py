from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from worker.core.accounts.yaml_text import LONGEST, Document, Fault, read, written

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60).map(str.strip)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(10**18), 10**18),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def value(text: str) -> Any:
    result = read(text)
    assert isinstance(result, Document), result
    return result.value


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_yaml_is_read_as_it_was_written(fields: dict[str, Any]) -> None:
    assert value(written(fields)) == fields


@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_others_read_our_texts_as_we_do(fields: dict[str, str]) -> None:
    assert yaml.safe_load(written(fields)) == fields


def test_strings_phones_and_hours_keep_their_spelling() -> None:
    text = "on: yes\nno: off\nphone: 0671234567\nhours: 9:00\nday: 2026-11-24\nbig: 10\nsmall: 0.5\nis: true\n"

    assert value(text) == {
        "on": "yes",
        "no": "off",
        "phone": "0671234567",
        "hours": "9:00",
        "day": "2026-11-24",
        "big": 10,
        "small": 0.5,
        "is": True,
    }


def test_a_text_of_several_lines_is_written_as_it_is_read() -> None:
    assert "|-\n  Вітаємо!\n  Ваш {company_name}" in written({"text": "Вітаємо!\nВаш {company_name}"})


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("a: 1\nb: 2\na: 3", 3, "duplicate key"),
        ("a: 1\nb:\nc: 3", 2, "is empty"),
        ("a: ~", 1, "is empty"),
        ("a: 1\nb: [2,, 3]", 2, "not YAML"),
        ("a: 1\n\tb: 2", 2, "not YAML"),
        ("a: &x 1\nb: *x", 1, "write it out"),
        ("a: 1\nb: *x", 2, "write it out"),
        ("- a\n- b", 1, "keys with values"),
        ("", 1, "keys with values"),
        ("just a word", 1, "keys with values"),
        ("a: 1\n---\nb: 2", 2, "not YAML"),
        ("? [a]\n: 1", 1, "a key must be a word"),
        ("a: !!python/object/apply:os.system [ls]", 1, "not YAML"),
        ("a: \x00", 0, "not YAML"),
    ],
)
def test_a_fault_of_yaml_is_named_with_its_line(text: str, line: int, sentence: str) -> None:
    result = read(text)

    assert isinstance(result, list)
    assert [(fault.line, sentence in fault.message) for fault in result] == [(line, True)]


def test_a_bomb_of_brackets_is_no_document() -> None:
    assert isinstance(read("a: " + "[" * 50_000), list)


def test_a_file_that_is_too_long_is_not_read() -> None:
    assert read("a" * (LONGEST + 1)) == [Fault(0, (), f"it has {LONGEST + 1} characters; {LONGEST} are the limit")]


@given(st.text(max_size=200))
def test_any_text_is_read_as_yaml_or_refused(text: str) -> None:
    assert isinstance(read(text), Document | list)


def test_a_line_of_yaml_follows_from_its_path() -> None:
    result = read("a: 1\nb:\n  c:\n    - x\n    - y\n")

    assert isinstance(result, Document)
    assert [result.line(path) for path in (("b",), ("b", "c", 1), ("b", "nothing"), ())] == [2, 5, 2, 1]
