"""An account's file, given and taken by the command."""

from tests.cli.conftest import Command, Ran


def export(run: Command, account: str = "acme") -> str:
    result = run("account", "export", account)
    assert result.code == 0, result.err
    return result.out


def give(run: Command, text: str, *more: str) -> Ran:
    return run("account", "import", "-", "--account", "acme", "--yes", *more, given=text)
