from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.template import compile_template, render

MANY = settings(max_examples=300, deadline=None)
VALUES = {"name": "Олена", "sum": "1 250,00 грн", "empty": "", "brace": "{name}", "group": "[{name}]", "nul": "x.\0"}
WORDS = ["{name}", "{brace}", "{group}", "{name|пані}", "{", "}", "[", "]", "|", "Ж", "{Name}", "{ name }", " "]
PUNCTUATION = [",", ":", ".", "!", "\n"]
BLANKS = ["{empty}", "{nobody}", "{empty|друже}", "[{empty}]", "[a {empty}"]


def filled(text: str) -> str:
    return render(compile_template(text), VALUES.get)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{name}, до сплати {sum}", "Олена, до сплати 1 250,00 грн"),
        ("{empty|друже}, {name|друже}", "друже, Олена"),
        ("{{name}} {name", "{Олена} {name"),
        ("{Name} { name } {1} {}", "{Name} { name } {1} {}"),
        ("${name} %s {{7*7}}", "$Олена %s {{7*7}}"),
        ("[{name}, ]рахунок", "Олена, рахунок"),
        ("[{empty}, ]рахунок", "рахунок"),
        ("рахунок[, {name} {empty}]", "рахунок"),
        ("рахунок[, {name} {empty|пані}]", "рахунок, Олена пані"),
        ("[без коду] {name}", "[без коду] Олена"),
        ("[зовні [{empty}] тут]", "[зовні тут]"),
        ("[{empty|]}]", "]"),
        ("a  b\n  c ", "a b\nc"),
        ("a\u00a0b\u200b\u202ec\0", "a bc"),
        ("е\u0301 i\u0308", "е\u0301 ï"),
        ("", ""),
    ],
)
def test_a_text_is_filled_in(text: str, expected: str) -> None:
    assert filled(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Вітаємо, {empty}!", "Вітаємо!"),
        ("{empty}, рахунок готовий", "рахунок готовий"),
        ("{empty}! Чекаємо вас", "Чекаємо вас"),
        ("Вітаємо! {empty}, чекаємо", "Вітаємо! чекаємо"),
        ("Дякуємо. {empty}.", "Дякуємо."),
        ("о {sum}, {empty}", "о 1 250,00 грн"),
        ("a, {empty}, b", "a, b"),
        ("a {empty} b", "a b"),
        ("a{empty}b", "ab"),
        ("a.{empty}b", "a.b"),
        ("Сума: {empty}\nдалі", "Сума\nдалі"),
        ("{empty}\nдалі\n{nobody}\nкінець", "далі\nкінець"),
        ("a {empty} :)", "a :)"),
        (":) a", ":) a"),
        (", a", "a"),
        ("{nul}, a", "x., a"),
        ("a , b", "a , b"),
    ],
)
def test_punctuation_that_only_a_missing_value_needed_goes_with_it(text: str, expected: str) -> None:
    assert filled(text) == expected


def test_codes_are_listed_once_in_order() -> None:
    template = compile_template("[{b}] {a|x} {b} {C} {nobody}")

    assert template.codes == ("b", "a", "nobody")


def test_a_text_is_compiled_once() -> None:
    assert compile_template("{name} once") is compile_template("{name} once")


@MANY
@given(st.text("{}[]|$%name_Ж,", min_size=1))
def test_a_value_is_never_read_as_text(value: str) -> None:
    template = compile_template("«{name}»[{name}]")

    assert render(template, {"name": value}.get) == f"«{value}»{value}"


@MANY
@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_no_text_and_no_value_raises(text: str, value: str) -> None:
    said = render(compile_template(f"{text}{{name}}{text}"), {"name": value}.get)

    assert "\0" not in said


@MANY
@given(st.lists(st.sampled_from(WORDS + PUNCTUATION)).map("".join))
def test_full_texts_equal_a_slow_reference(text: str) -> None:
    assert filled(text) == reference(text)


@MANY
@given(st.lists(st.sampled_from(WORDS + BLANKS)).map("".join))
def test_texts_with_missing_values_equal_a_slow_reference(text: str) -> None:
    assert filled(text) == reference(text)


@MANY
@given(st.lists(st.sampled_from(WORDS + BLANKS + PUNCTUATION)).map("".join))
def test_every_text_is_tidy(text: str) -> None:
    said = filled(text)

    assert said == said.strip()
    assert "  " not in said
    assert "\0" not in said
    assert not said.startswith((",", ";"))
    assert not re.search(r"\{(empty|nobody)[|}]", said)


def reference(text: str) -> str:
    tokens = list(split(text))
    said = ""
    place = 0
    while place < len(tokens):
        group = group_at(tokens, place)
        values = [value_in(token) for token in group or tokens[place : place + 1]]
        said += "" if group and "" in values else "".join(values)
        place += len(group) + 2 if group else 1
    while "  " in said:
        said = said.replace("  ", " ")
    said = "\n".join(line.strip(" ") for line in said.split("\n")).strip()
    return said.lstrip(",: \n")


def split(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        end = text.find("}", place)
        body = text[place + 1 : end] if text[place] == "{" and end > place else ""
        code = body.partition("|")[0]
        allowed = set(string.ascii_lowercase + string.digits + "_")
        is_blank = code[:1].isalpha() and set(code) <= allowed and "{" not in body
        yield text[place : end + 1] if is_blank else text[place]
        place = end + 1 if is_blank else place + 1


def group_at(tokens: list[str], place: int) -> list[str]:
    brackets = [at for at in range(place + 1, len(tokens)) if tokens[at] in {"[", "]"}]
    if tokens[place] != "[" or not brackets or tokens[brackets[0]] == "[":
        return []
    inside = tokens[place + 1 : brackets[0]]
    return inside if any(len(token) > 1 for token in inside) else []


def value_in(token: str) -> str:
    if len(token) == 1:
        return token
    code, _, fallback = token[1:-1].partition("|")
    return VALUES.get(code) or fallback
