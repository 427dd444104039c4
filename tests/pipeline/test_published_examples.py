import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from deploy.examples.crm import hear
from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.broker import depth, look
from tests.support.crm import add_account, row
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.publisher import Publisher
from worker.amqp.topology import OUTCOMES_EXCHANGE, QUORUM
from worker.cli.event.outcome_examples import outcome_example
from worker.store.db.postgres import Pool

PAGE = (Path(__file__).parents[2] / "worker/core/contract/publishing.md").read_text()
DEBIANS_PHP_AMQPLIB = Path("/usr/share/php/PhpAmqpLib/autoload.php")
HAS_PHP = shutil.which("php") and DEBIANS_PHP_AMQPLIB.exists() and any(Path("/usr/lib/php").glob("*/pdo_sqlite.so"))
EXAMPLES = ["python", "php"] if HAS_PHP else ["python"]
QUEUE = "crm-demo.outcomes"
TEXT: Any = outcome_example("notification.delivered", account="demo", now=datetime(2026, 12, 1, 9, 30, tzinfo=UTC))


def outcome(name: str, outcome_id: str, *, version: int) -> dict[str, Any]:
    return {**TEXT, "type": name, "id": outcome_id, "data": {**TEXT["data"], "version": version}}


#: As they come: the delivery twice, and then what was before it.
OUTCOMES = [
    outcome("notification.undelivered", "outcome-1", version=7101),
    outcome("notification.delivered", "outcome-3", version=7103),
    outcome("notification.delivered", "outcome-3", version=7103),
    outcome("notification.accepted", "outcome-2", version=7102),
]


def example(language: str, what: str) -> str:
    code = re.search(rf"## Examples of a {what}\n.*?```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert code, f"the page has no {language} example of a {what}"
    return code[1]


def command(language: str, folder: Path, what: str = "publisher") -> list[str]:
    script = folder / f"{what}.{language}"
    script.write_text(example(language, what))
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


@pytest.fixture
def queue(channel: BlockingChannel) -> Generator[str]:
    yield QUEUE
    channel.queue_delete(QUEUE)


@pytest.mark.parametrize("language", EXAMPLES)
def test_the_consumer_of_the_page_keeps_what_is_newest(
    amqp_url: str, channel: BlockingChannel, queue: str, tmp_path: Path, language: str
) -> None:
    channel.exchange_declare(OUTCOMES_EXCHANGE, "topic", durable=True)
    environment, output = {**os.environ, "SMS_AMQP_URL": amqp_url}, tmp_path / "output"
    with output.open("wb") as out:
        consumer = subprocess.Popen(command(language, tmp_path, "consumer"), cwd=tmp_path, env=environment, stdout=out)
    try:
        wait_until(lambda: consumes(amqp_url, queue), "it consumes", progress=consumer.poll)
        for each in OUTCOMES:
            channel.basic_publish(OUTCOMES_EXCHANGE, f"demo.{each['type']}", json.dumps(each).encode())
        wait_until(lambda: len(output.read_text().splitlines()) == len(OUTCOMES), "it has heard all")
    finally:
        consumer.terminate()
        consumer.wait(PATIENCE_S)

    with closing(sqlite3.connect(tmp_path / "crm.sqlite")) as crm:
        assert crm.execute("SELECT * FROM texts").fetchall() == [
            (TEXT["data"]["notification"], 7103, "delivered", None)
        ]
        assert crm.execute("SELECT count(*) FROM heard").fetchall() == [(3,)]
    assert depth(amqp_url, queue) == 0
    # RabbitMQ refuses other arguments: what comes back again and again stays, as in our own queues.
    channel.queue_declare(queue, durable=True, arguments=QUORUM)


def test_a_crm_in_one_file_ends_with_the_reason_of_a_refusal(channel: BlockingChannel, queue: str) -> None:
    refused: Any = outcome_example("event.refused", account="demo", now=datetime(2026, 12, 1, 9, 30, tzinfo=UTC))
    channel.queue_declare(queue, durable=True, arguments=QUORUM)
    channel.basic_publish("", queue, json.dumps(refused).encode())

    with pytest.raises(SystemExit, match="was refused: A field is missing or wrong"):
        next(hear(channel, refused["data"]["event"]))


def consumes(amqp_url: str, queue: str) -> bool:
    declared = look(amqp_url, queue)
    return bool(declared and declared.consumer_count)
