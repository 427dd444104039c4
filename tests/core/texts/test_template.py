import re
import string
from collections.abc import Iterator
from itertools import dropwhile, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.texts.template import Blank, compile_template, missing, render

MANY = settings(max_examples=tries(300), deadline=None)
VALUES = {"name": "Олена", "sum": "1 250,00 грн", "empty": "", "brace": "{name}", "group": "[{name}]", "nul": "x.\0"}
PARTS = [
    *("{name}", "{brace}", "{group}", "{name|пані}", "{sum:short}", "{name:short|пані}", "{", "}", "[", "]", "|"),
    *("Ж", "{Name}", "{ name }", "{name:}", " "),
]
PUNCTUATION = [",", ":", ".", "!", "\n"]
BLANKS = ["{empty}", "{nobody}", "{empty|друже}", "{empty:short}", "{empty:short|друже}", "[{empty}]", "[a {empty}"]
ANY_TEXT = st.text(st.characters(exclude_categories=()))
SHORTER = {"1 250,00 грн": "1 250 грн"}


def filled(text: str) -> str:
    return render(compile_template(text), value_of)


def value_of(blank: Blank) -> str | None:
    value = VALUES.get(blank.code)
    return SHORTER.get(value, value) if value and blank.filter_name == "short" else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{name}, до сплати {sum}", "Олена, до сплати 1 250,00 грн"),
        ("{empty|друже}, {name|друже}", "друже, Олена"),
        ("{sum:short} {sum:word}", "1 250 грн 1 250,00 грн"),
        ("{empty:short|друже}, {name:short|друже}", "друже, Олена"),
        ("рахунок[ на {sum:short}][ від {empty:short}]", "рахунок на 1 250 грн"),
        ("{name:} {name:a-b} {name:short:word}", "{name:} {name:a-b} {name:short:word}"),
        ("{empty|a:b}", "a:b"),
        ("{{name}} {name", "{Олена} {name"),
        ("{Name} { name } {1} {}", "{Name} { name } {1} {}"),
        ("${name} %s {{7*7}}", "$Олена %s {{7*7}}"),
        ("[{name}, ]рахунок", "Олена, рахунок"),
        ("[{empty}, ]рахунок", "Рахунок"),
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
        ("{empty}, рахунок готовий", "Рахунок готовий"),
        ("{empty}! Чекаємо вас", "Чекаємо вас"),
        ("Вітаємо! {empty}, чекаємо", "Вітаємо! чекаємо"),
        ("Дякуємо. {empty}.", "Дякуємо."),
        ("о {sum}, {empty}", "о 1 250,00 грн"),
        ("a, {empty}, b", "a, b"),
        ("a {empty} b", "a b"),
        ("a{empty}b", "ab"),
        ("a.{empty}b", "a.b"),
        ("Сума: {empty}\nдалі", "Сума\nдалі"),
        ("{empty}\nдалі\n{nobody}\nкінець", "Далі\nкінець"),
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


@pytest.mark.parametrize(
    ("text", "holes"),
    [
        ("{name}, {sum:short}", ()),
        ("{empty}, {nobody}, {empty}", ("empty", "nobody")),
        ("{empty|друже}[, {nobody}]", ()),
        ("{empty:short}", ("empty",)),
        ("[{empty}] {nobody} [{nobody", ("nobody",)),
    ],
)
def test_a_hole_is_what_neither_a_fallback_nor_a_group_forgives(text: str, holes: tuple[str, ...]) -> None:
    assert missing(compile_template(text), value_of) == holes


def test_a_text_is_compiled_once() -> None:
    assert compile_template("{name} once") is compile_template("{name} once")


@MANY
@given(st.text("{}[]|$%name_Ж,", min_size=1))
def test_a_value_is_never_read_as_text(value: str) -> None:
    template = compile_template("«{name}»[{name}]")

    assert render(template, lambda _: value) == f"«{value}»{value}"


@MANY
@given(st.lists(st.sampled_from([*PARTS, *BLANKS])).map("".join), st.lists(st.sampled_from([*PARTS, *BLANKS, ""])))
def test_a_text_is_filled_in_one_pass_whatever_its_values_look_like(text: str, values: list[str]) -> None:
    asked: list[Blank] = []

    def answer(blank: Blank) -> str:
        asked.append(blank)
        return values[len(asked) % len(values)] if values else ""

    render(compile_template(text), answer)

    blanks = [blank for blank in map(blank_in, split(text)) if blank]
    assert len(asked) <= len(blanks)
    assert is_part_of(asked, blanks)


@MANY
@given(ANY_TEXT, ANY_TEXT)
def test_no_text_and_no_value_raises(text: str, value: str) -> None:
    rendered = render(compile_template(f"{text}{{name}}{text}"), lambda _: value)

    assert "\0" not in rendered


@MANY
@given(
    st.lists(st.sampled_from([*PARTS, *BLANKS, *PUNCTUATION]) | ANY_TEXT).map("".join),
    st.lists(st.sampled_from([*PARTS, *PUNCTUATION, "", " ,", ", Олена"]) | ANY_TEXT),
)
def test_no_text_begins_with_a_comma(text: str, values: list[str]) -> None:
    answers = iter(values)

    rendered = render(compile_template(text), lambda _: next(answers, ""))

    assert not rendered.startswith((",", ";", " "))


@MANY
@given(st.lists(st.sampled_from(PARTS + PUNCTUATION)).map("".join))
def test_full_texts_equal_a_slow_reference(text: str) -> None:
    assert filled(text) == reference(text)


@MANY
@given(st.lists(st.sampled_from(PARTS + BLANKS)).map("".join))
def test_texts_with_missing_values_equal_a_slow_reference(text: str) -> None:
    assert filled(text) == reference(text)


@MANY
@given(st.lists(st.sampled_from(PARTS + BLANKS + PUNCTUATION)).map("".join))
def test_every_text_is_tidy(text: str) -> None:
    rendered = filled(text)

    assert rendered == rendered.strip()
    assert "  " not in rendered
    assert "\0" not in rendered
    assert not rendered.startswith((",", ";"))
    assert not re.search(r"\{(empty|nobody)[|}]", rendered)


def reference(text: str) -> str:
    tokens = list(split(text))
    pieces: list[tuple[str, bool]] = []
    position = 0
    while position < len(tokens):
        group = group_at(tokens, position)
        values = [value_in(token) for token in group or tokens[position : position + 1]]
        pieces.append(("" if group and "" in values else "".join(values), not group and len(tokens[position]) == 1))
        position += len(group) + 2 if group else 1
    filled_in = "".join(piece for piece, _ in pieces)
    while "  " in filled_in:
        filled_in = filled_in.replace("  ", " ")
    filled_in = "\n".join(line.strip(" ") for line in filled_in.split("\n")).strip()
    filled_in = filled_in.lstrip(",: \n")
    return filled_in[:1].upper() + filled_in[1:] if has_lost_its_beginning(pieces) else filled_in


def has_lost_its_beginning(pieces: list[tuple[str, bool]]) -> bool:
    """Whether the text begins with a missing value that the admin's own text follows."""
    rest = list(dropwhile(lambda piece: not piece[0], pieces))
    literal = takewhile(lambda piece: piece[1], rest)
    return len(rest) < len(pieces) and any(character.isalnum() for character, _ in literal)


def split(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        end = text.find("}", position)
        body = text[position + 1 : end] if text[position] == "{" and end > position else ""
        name = body.partition("|")[0]
        code, colon, filter_name = name.partition(":")
        allowed = set(string.ascii_lowercase + string.digits + "_")
        is_blank = code[:1].isalpha() and set(code) <= allowed and "{" not in body
        if colon:
            is_blank = is_blank and bool(filter_name) and set(filter_name) <= set(string.ascii_lowercase)
        yield text[position : end + 1] if is_blank else text[position]
        position = end + 1 if is_blank else position + 1


def group_at(tokens: list[str], index: int) -> list[str]:
    brackets = [at for at in range(index + 1, len(tokens)) if tokens[at] in {"[", "]"}]
    if tokens[index] != "[" or not brackets or tokens[brackets[0]] == "[":
        return []
    inside = tokens[index + 1 : brackets[0]]
    return inside if any(len(token) > 1 for token in inside) else []


def value_in(token: str) -> str:
    blank = blank_in(token)
    return (value_of(blank) or blank.fallback) if blank else token


def blank_in(token: str) -> Blank | None:
    if len(token) == 1:
        return None
    name, _, fallback = token[1:-1].partition("|")
    code, _, filter_name = name.partition(":")
    return Blank(code, fallback, filter_name)


def is_part_of(some: list[Blank], everything: list[Blank]) -> bool:
    left = iter(everything)
    return all(blank in left for blank in some)
