from __future__ import annotations

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
from worker.amqp.broker import BATCH_ACTORS
from worker.amqp.publisher import Publisher
from worker.bootstrap import CONNECTIONS
from worker.settings.environment import NAMES
from worker.steps.receipts.poll import AT_ONCE
from worker.store.db.postgres import Pool
from worker.web.server import ACCOUNTS_AT_ONCE

README = (Path(__file__).parents[2] / "README.md").read_text()
DEBIANS_PHP_AMQPLIB = Path("/usr/share/php/PhpAmqpLib/autoload.php")
EXAMPLES = ["python"] + (["php"] if shutil.which("php") and DEBIANS_PHP_AMQPLIB.exists() else [])


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no {language} example"
    return found[1]


def command(language: str, folder: Path) -> list[str]:
    script = folder / f"publish.{language}"
    script.write_text(example(language))
    vendor = folder / "vendor"
    vendor.mkdir()
    (vendor / "autoload.php").write_text(f"<?php require '{DEBIANS_PHP_AMQPLIB}';")
    return [{"python": sys.executable, "php": "php"}[language], str(script)]


@pytest.mark.parametrize("language", EXAMPLES)
def test_the_readmes_example_becomes_an_sms(
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
def test_the_readmes_example_notices_that_nobody_listens(amqp_url: str, tmp_path: Path, language: str) -> None:
    environment = {**os.environ, "SMS_AMQP_URL": amqp_url}

    done = subprocess.run(command(language, tmp_path), cwd=tmp_path, env=environment, check=False, timeout=PATIENCE_S)

    assert done.returncode != 0
    assert depth(amqp_url, "crm.events") == 0


def test_every_file_of_the_map_exists() -> None:
    worker = Path(__file__).parents[2] / "worker"
    table = README[README.index("## Map of the code") :]
    names = re.findall(r"`((?:[a-z_]+/)*)([a-z_]+\.py)`", table)

    assert names
    for folder, name in names:
        places = [worker.parent / folder / name, *worker.rglob(f"{folder}{name}")]
        assert any(place.exists() for place in places), name


def test_every_setting_is_in_the_readme() -> None:
    assert all(f"| `{name}` |" in README for name in NAMES)


def test_a_pooler_gets_as_many_servers_as_the_readme_says() -> None:
    # A probe has a connection of its own, and asks through another who answers there.
    worker = CONNECTIONS + 2 * len(BATCH_ACTORS)

    assert f"({worker} a worker, {5 + AT_ONCE} a scheduler, {ACCOUNTS_AT_ONCE + 3} a console)" in README
