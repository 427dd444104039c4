import pytest

from tests.cli.conftest import Command

COMMANDS = [
    ("account", "export", "acmee"),
    ("account", "resume", "acmee"),
    ("account", "set", "acmee", "--rate", "5"),
    ("account", "set", "acmee", "--no-callback-secret"),
    ("account", "show", "acmee"),
    ("consent", "acmee"),
    ("history", "--account", "acmee"),
    ("occurrences", "--account", "acmee"),
    ("simulate", "--account", "acmee"),
    ("stats", "cost", "--account", "acmee"),
    ("suppression", "list", "acmee"),
    ("template", "list", "acmee"),
]


def test_an_unknown_account_is_answered_with_the_nearest_id(shop: Command, subtests: pytest.Subtests) -> None:
    for parts in COMMANDS:
        with subtests.test(" ".join(parts)):
            result = shop(*parts)

            assert (result.code, result.out) == (3, "")
            assert "There is no account acmee: did you mean acme?" in result.err


def test_a_name_that_is_like_none_is_answered_with_where_to_look(shop: Command) -> None:
    result = shop("occurrences", "--account", "nobody")

    assert result.code == 3
    assert "There is no account nobody: look at perfectum-sms account list" in result.err
