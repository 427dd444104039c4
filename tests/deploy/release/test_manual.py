"""The manual page: made from the commands, and read by what reads manual pages."""

import shutil
import subprocess

import pytest
from typer.main import get_command

from deploy.manual import FILE, escaped, manual, marked, prose, tree
from worker.cli import app


def test_the_page_is_what_the_commands_say_now() -> None:
    assert FILE.read_text() == manual(), "run `make manual`"


def test_each_command_that_is_shown_stands_in_it() -> None:
    headings = [line for line in FILE.read_text().splitlines() if line.startswith(".SS")]
    paths = [path for path, _ in tree(get_command(app), "perfectum-sms")][1:]

    assert [path for path in paths if not any(line.startswith(f'.SS "{escaped(path)}') for line in headings)] == []
    assert len(headings) == len(paths) > 100


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "One `--by` of\ntwo.\n\n- a\n- b",
            ["One \\fB\\-\\-by\\fR of", "two.", ".PP", ".IP \\(bu 2", "a", ".IP \\(bu 2", "b"],
        ),
        (".dots and 'quotes", ["\\&.dots and 'quotes"]),
        ("'quoted'", ["\\&'quoted'"]),
        ("back\\slash", ["back\\eslash"]),
    ],
)
def test_help_texts_become_what_no_reader_takes_for_a_request(text: str, lines: list[str]) -> None:
    assert list(prose(text)) == lines
    assert marked("") == ""


@pytest.mark.parametrize(
    "reader", [("groff", "-man", "-ww", "-K", "utf8", "-T", "utf8"), ("mandoc", "-T", "lint", "-W", "error")]
)
def test_readers_of_manual_pages_have_no_complaint(reader: tuple[str, ...]) -> None:
    if not shutil.which(reader[0]):
        pytest.skip(f"{reader[0]} is not installed")
    done = subprocess.run([*reader, FILE], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "perfectum-sms" in done.stdout or reader[0] == "mandoc"
