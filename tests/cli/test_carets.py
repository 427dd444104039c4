import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from worker.cli.carets import LINE_MAX, difference, marked


@pytest.mark.parametrize(
    ("text", "part", "line", "carets"),
    [
        ("Вітаємо, {name}!", "{name}", "Вітаємо, {name}!", "         ^^^^^^"),
        ("{name}", "{name}", "{name}", "^^^^^^"),
        ("перший\nдругий {code}\nтретій", "{code}", "другий {code}", "       ^^^^^^"),
        ("🎂🎂 {code}", "{code}", "🎂🎂 {code}", "     ^^^^^^"),
        ("a\tb {code}", "{code}", "a b {code}", "    ^^^^^^"),
        ("\u202e{code}", "{code}", "\N{REPLACEMENT CHARACTER}{code}", " ^^^^^^"),
        ("кінець", "", "кінець", "^"),
    ],
)
def test_carets_are_under_the_marked_part(text: str, part: str, line: str, carets: str) -> None:
    start = text.index(part)

    assert marked(text, start, start + len(part)) == (line, carets)


def test_a_part_of_several_lines_is_marked_in_its_first() -> None:
    assert marked("раз два\nтри", 4, 11) == ("раз два", "    ^^^")


def test_a_long_line_is_cut_around_the_marked_part() -> None:
    text = "а" * 300 + "{code}" + "б" * 300

    line, carets = marked(text, 300, 306)

    assert "{code}" in line
    assert line[carets.index("^") : len(carets)] == "{code}"
    assert (line[0], line[-1], cell_len(line) <= LINE_MAX) == ("…", "…", True)


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_a_line_and_its_carets_fit_a_screen(text: str, number: int, other: int) -> None:
    start, end = sorted((min(number, len(text)), min(other, len(text))))

    line, carets = marked(text, start, end)

    assert "\n" not in line
    assert cell_len(line) <= 2 * LINE_MAX
    assert set(carets) <= {" ", "^"}
    assert carets.endswith("^")


def test_a_difference_shows_removed_and_added_lines() -> None:
    assert difference("a\nb\nc", "a\nB\nc\nd") == ["- b", "+ B", "+ d"]
    assert difference("a", "a") == []
    assert difference("", "a") == ["+ a"]
