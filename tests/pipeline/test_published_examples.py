import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.broker import depth
from tests.support.crm import add_account, row
from tests.support.waiting import PATIENCE_S
from worker.amqp.publisher import Publisher
from worker.store.db.postgres import Pool

PAGE = (Path(__file__).parents[2] / "worker/core/contract/publishing.md").read_text()
DEBIANS_PHP_AMQPLIB = Path("/usr/share/php/PhpAmqpLib/autoload.php")
EXAMPLES = ["python"] + (["php"] if shutil.which("php") and DEBIANS_PHP_AMQPLIB.exists() else [])


def example(language: str) -> str:
    code = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert code, f"the page has no {language} example"
    return code[1]


def command(language: str, folder: Path) -> list[str]:
    script = folder / f"publish.{language}"
    script.write_text(example(language))
    vendor = folder / "vendor"
    vendor.mkdir()
    (vendor / "autoload.php").write_text(f"<?php require '{DEBIANS_PHP_AMQPLIB}';")
    return [{"python": sys.executable, "php": "php"}[language], str(script)]


@pytest.mark.parametrize("language", EXAMPLES)
def test_the_example_of_the_page_becomes_an_sms(
    system: System, pool: Pool, amqp_url: str, tmp_path: Path, language: str
) -> None:
    add_account(pool, "demo")
    publisher = Publisher(amqp_url)
    publisher.depth("crm.events").result(PATIENCE_S)
    publisher.close()

    environment = {**os.environ, "SMS_AMQP_URL": amqp_url}
    subprocess.run(command(language, tmp_path), cwd=tmp_path, env=environment, check=True, timeout=PATIENCE_S)
    system.start("worker")

    wait_for_accepted(pool, 1)
    assert row(pool, "SELECT account, state FROM notifications") == ("demo", "accepted")


@pytest.mark.parametrize("language", EXAMPLES)
def test_the_example_of_the_page_notices_that_nobody_consumes(amqp_url: str, tmp_path: Path, language: str) -> None:
    environment = {**os.environ, "SMS_AMQP_URL": amqp_url}

    done = subprocess.run(command(language, tmp_path), cwd=tmp_path, env=environment, check=False, timeout=PATIENCE_S)

    assert done.returncode != 0
    assert depth(amqp_url, "crm.events") == 0
