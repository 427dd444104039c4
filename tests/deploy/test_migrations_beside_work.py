"""Migrations beside which programs of before work: squawk finds what would lock, rewrite or break."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from worker.store.db.migrations import FOLDER, read

#: Applied to empty databases alone: 0.2.0, the first release, had them all.
FIRST_RELEASE = "0004_questions_of_one_account.sql"
LATER = [migration.file for migration in read(FOLDER) if migration.file > FIRST_RELEASE]
#: What is not asked of any file.
EXCUSED = {
    "prefer-robust-stmts": "the migrator runs each statement once, and knows which it has run",
    "require-lock-timeout": "the migrator sets it, and tries again",
    "require-statement-timeout": "to validate a large table takes its time, and holds up nobody",
    "prefer-bigint-over-int": "ids are bigint; what counts within a limit is bound by it",
    "prefer-bigint-over-smallint": "likewise",
    "ban-concurrent-index-creation-in-transaction": "the migrator runs it in none",
}
#: What is not asked of one file.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def found(*files: Path) -> set[tuple[str, str]]:
    """The files, and the rules that they break; what one statement makes is new to the next, so nobody waits for it."""
    program = Path(sys.executable).with_name("squawk")
    options = ("--pg-version=15", "--assume-in-transaction", "--reporter=json", f"--exclude={','.join(EXCUSED)}")
    done = subprocess.run([program, *options, *files], capture_output=True, check=False)
    return {(Path(fault["file"]).name, fault["rule_name"]) for fault in orjson.loads(done.stdout)}


def test_migrations_hold_up_nobody_and_break_no_program_of_before() -> None:
    assert found(*(FOLDER / file for file in LATER)) == set(EXCEPTIONS)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE accounts DROP COLUMN name;", "ban-drop-column"),
        ("ALTER TABLE accounts RENAME COLUMN name TO title;", "renaming-column"),
        ("ALTER TABLE accounts ALTER COLUMN name TYPE integer USING 1;", "changing-column-type"),
        ("ALTER TABLE accounts ADD COLUMN tier text NOT NULL;", "adding-required-field"),
        ("ALTER TABLE events ADD CONSTRAINT has_type CHECK (type <> '');", "constraint-missing-not-valid"),
        ("CREATE INDEX events_of_a_type ON events (type);", "require-concurrent-index-creation"),
    ],
)
def test_a_migration_that_would_is_found(tmp_path: Path, statement: str, rule: str) -> None:
    (tmp_path / "0100_change.sql").write_text(statement)

    assert found(tmp_path / "0100_change.sql") == {("0100_change.sql", rule)}
