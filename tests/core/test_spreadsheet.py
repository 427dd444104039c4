import pytest

from worker.core.spreadsheet import PHONE_HEADINGS, delimiter_of, heading, is_separator


def test_a_heading_is_known_with_a_figure_and_in_any_case(subtests: pytest.Subtests) -> None:
    for cell in ("Телефон 2", " PHONE_1", "Номер телефону №1:", "Мобільний"):
        with subtests.test(cell):
            assert heading(cell) in PHONE_HEADINGS
    assert heading("Ім’я") == "ім'я"


def test_the_delimiter_is_what_the_first_line_names_or_has_most() -> None:
    assert [delimiter_of(line) for line in ("a,b;c;d", "a\tb\tc,", "sep=,\r\n", "phone")] == [";", "\t", ",", ","]
    assert [is_separator(line) for line in ("SEP=;\n", "sep=x", "separator")] == [True, False, False]
