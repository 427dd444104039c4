"""The examples of the page for CRMs, run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.crm import row, rows
from tests.support.waiting import PATIENCE_S
from tests.web.api.conftest import Api, bearer
from worker.store.db.postgres import Pool

PAGE = (Path(__file__).parents[3] / "worker/web/api/calling.md").read_text()
HAS_CURL = "exit(function_exists('curl_init') ? 0 : 1);"


def php() -> str | None:
    """PHP with the extension that the page names."""
    program = shutil.which("php")
    has_curl = program and subprocess.run([program, "-r", HAS_CURL], check=False).returncode == 0
    return program if has_curl else None


PROGRAMS: Mapping[str, str | None] = {"python": sys.executable, "php": php()}
LANGUAGES = [language for language, program in PROGRAMS.items() if program]


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def run(api: Api, *command: str) -> str:
    environment = {
        **os.environ,
        "API_URL": api.url,
        "API_KEY": bearer("acme").removeprefix("Bearer "),
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_the_page_sends_once_and_saves_a_text(
    api: Api, acme_pool: Pool, tmp_path: Path, language: str
) -> None:
    [code] = examples(language)
    script = tmp_path / f"call.{language}"
    script.write_text(code)

    lines = run(api, PROGRAMS[language] or "", str(script)).splitlines()

    assert [line.split()[0] for line in (lines[0], lines[-1])] == ["sent", "version"]
    assert lines[0].endswith(" planned")
    assert lines[1].endswith("planned Олена, ваше замовлення готове.")
    assert lines[-1] == "version 2 of order_created"
    assert row(acme_pool, "SELECT count(*), min(client_id) FROM notifications") == (1, "5")
    assert row(acme_pool, "SELECT text LIKE '%%. Дякуємо!' FROM template_versions WHERE version = 2") == (True,)


def test_each_curl_of_the_page_is_answered(api: Api, acme_pool: Pool) -> None:
    commands = [code for code in examples("sh") if code.startswith("curl")]

    answers = [run(api, "sh", "-c", code) for code in commands]

    assert ['"problem' in answer for answer in answers] == [False] * 2
    assert '"items":[]' in answers[0]
    assert '"event":"api/order-1042-ready"' in answers[1]
    assert len(rows(acme_pool, "SELECT * FROM notifications")) == 1
