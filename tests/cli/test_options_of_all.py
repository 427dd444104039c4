"""What may be given to every command, and what is said of wrong usage."""

from importlib.metadata import version

import pytest

from tests.cli.conftest import Command
from worker.cli.lazy_commands import in_front


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["history", "--lang", "uk", "-n", "3"], ["--lang", "uk", "history", "-n", "3"]),
        (["history", "--utc", "--lang=uk"], ["--utc", "--lang=uk", "history"]),
        (["event", "publish", "--", "--utc"], ["event", "publish", "--", "--utc"]),
        (["history", "--lang"], ["--lang", "history"]),
    ],
)
def test_an_option_of_the_whole_command_may_stand_anywhere(given: list[str], meant: list[str]) -> None:
    assert in_front(given) == meant


def test_wrong_usage_is_said_in_the_language_asked_for(bare: Command) -> None:
    by_option = bare("occurrences", "--limt", "3", "--lang", "uk")
    by_environment = bare("history", "--limit", "0", LC_ALL="uk_UA.UTF-8")

    assert (by_option.code, by_environment.code) == (2, 2)
    assert "Помилка: Немає параметра --limt (може, --limit)" in by_option.err
    assert "Помилка: Хибне значення '--limit' / '-n': має бути не менше ніж 1" in by_environment.err
    assert "Error: No such option: --limt (Possible options: --limit)" in bare("occurrences", "--limt", "3").err


def test_a_mistyped_command_names_the_nearest(bare: Command) -> None:
    assert "Error: No such command 'histry'. Did you mean 'history'?" in bare("histry").err


def test_help_stays_english(bare: Command) -> None:
    assert bare("event", "types", "--help", LC_ALL="uk_UA.UTF-8").out == bare("event", "types", "--help").out


def test_the_version_is_shown(bare: Command) -> None:
    assert bare("--version").out == f"perfectum-sms {version('perfectum-sms')}\n"


def test_completion_can_be_installed(bare: Command) -> None:
    completed = bare(_PERFECTUM_SMS_COMPLETE="complete_bash", COMP_WORDS="perfectum-sms hist", COMP_CWORD="1")

    assert (completed.code, completed.out.split()) == (0, ["history"])


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("history --state unc", ["unconfirmed"]),
        ("cancel --trigger proposal_ex", ["proposal_expiration_reminder"]),
        ("trigger off acme contact_b", ["contact_birthday"]),
        ("audit --action dead_e", ["dead_edit"]),
        ("event example order.cr", ["order.created"]),
        ("event schema order.cr", ["order.created"]),
        ("template shortcodes --trigger contact_b", ["contact_birthday"]),
        ("pause --lane b", ["bulk"]),
    ],
)
def test_names_of_closed_sets_are_completed(bare: Command, typed: str, completed: list[str]) -> None:
    words = f"perfectum-sms {typed}"

    result = bare(_PERFECTUM_SMS_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))

    assert (result.code, result.out.split()) == (0, completed)
