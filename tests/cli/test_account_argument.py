import pytest

from tests.cli.conftest import Command
from tests.support.crm import add_account
from worker.store.db.postgres import Pool

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


@pytest.mark.parametrize("parts", COMMANDS, ids=lambda text: "-".join(text[:2]))
def test_an_unknown_account_is_answered_with_the_nearest_id(run: Command, pool: Pool, parts: tuple[str, ...]) -> None:
    add_account(pool)

    result = run(*parts)

    assert (result.code, result.out) == (3, "")
    assert "There is no account acmee: did you mean acme?" in result.err


def test_a_name_that_is_like_none_is_answered_with_where_to_look(run: Command, pool: Pool) -> None:
    add_account(pool)

    result = run("occurrences", "--account", "nobody")

    assert result.code == 3
    assert "There is no account nobody: look at perfectum-sms account list" in result.err
