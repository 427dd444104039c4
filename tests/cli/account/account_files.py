"""An account's file, given and taken by the command."""

from __future__ import annotations

from tests.cli.conftest import Command, Ran


def export(run: Command, account: str = "acme") -> str:
    said = run("account", "export", account)
    assert said.code == 0, said.err
    return said.out


def give(run: Command, text: str, *more: str) -> Ran:
    return run("account", "import", "-", "--account", "acme", "--yes", *more, given=text)
