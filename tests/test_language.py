"""What is said in Ukrainian: all of it, in the forms of its plurals, with the values that English has."""

from string import Formatter
from typing import Any

import pytest

from deploy.catalogue import read, texts
from worker.language import _, language_of, ngettext, speak, speaking, spoken

CATALOGUE = read()
MESSAGES = [message for message in CATALOGUE if message.id]


def names(text: str) -> set[str]:
    return {name for _literal, name, _format, _conversion in Formatter().parse(text) if name}


def forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_every_text_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    code, known = ({forms(id_) for id_ in ids} for ids in (texts(), (message.id for message in MESSAGES)))

    assert (sorted(code - known), sorted(known - code)) == ([], [])


def test_every_text_has_its_ukrainian_in_each_form() -> None:
    unfinished = [message.id for message in MESSAGES if message.fuzzy or not all(forms(message.string))]

    assert unfinished == []
    assert {len(forms(message.string)) for message in MESSAGES if message.pluralizable} <= {3}


def test_a_translation_names_the_values_of_its_text() -> None:
    differing = [
        message.id
        for message in MESSAGES
        if {frozenset(names(form)) for form in forms(message.string)} != {frozenset(names(forms(message.id)[-1]))}
    ]

    assert differing == []


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "uk_UA.UTF-8"}, "uk"),
        ({"LANG": "uk_UA.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "uk"}, "uk"),
        ({"LANG": "pl_PL.UTF-8"}, "en"),
        ({"LANG": "uk-UA", "LC_ALL": ""}, "uk"),
    ],
)
def test_the_environment_chooses_the_language(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language


def test_a_text_is_said_in_the_language_of_the_context() -> None:
    with speaking("uk"):
        speak("uk")
        assert (_("delivered"), _("No such option: {option}", option="--limt")) == (
            "доставлено",
            "Немає параметра --limt",
        )
    assert (spoken(), _("delivered")) == ("en", "delivered")


def test_a_text_without_values_keeps_its_braces() -> None:
    assert _("{contact_firstname}") == "{contact_firstname}"


def test_a_number_chooses_the_form() -> None:
    assert [ngettext("{count} day", "{count} days", number) for number in (1, 2)] == ["1 day", "2 days"]
    with speaking("uk"):
        said = [ngettext("{count} day", "{count} days", number) for number in (1, 3, 5, 11, 21, 112)]
    assert said == ["1 день", "3 дні", "5 днів", "11 днів", "21 день", "112 днів"]


def test_an_empty_text_stays_empty() -> None:
    with speaking("uk"):
        assert _("") == ""
