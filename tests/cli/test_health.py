from __future__ import annotations

from collections.abc import Generator

import pytest
import structlog

from tests.cli.conftest import Command
from tests.provider import Provider
from worker.door import listening
from worker.health import Health
from worker.settings import Address

FREE = Address("127.0.0.1", 0)


@pytest.fixture
def health() -> Health:
    return Health("worker")


@pytest.fixture
def door(health: Health) -> Generator[str]:
    with structlog.testing.capture_logs() as said, listening(FREE, FREE, health.places()):
        yield str(said[0]["at"])


def test_who_is_ready_is_exit_code_0(bare: Command, health: Health, door: str) -> None:
    health.runs(dead=lambda _now: (), idle=lambda _now: ())

    said = bare("health", "--url", door)

    assert (said.code, said.out, said.err) == (0, "", f"The worker at {door} is ready.\n")


def test_who_is_not_says_why_and_is_exit_code_1(bare: Command, health: Health, door: str) -> None:
    health.runs(dead=lambda _now: (), idle=lambda _now: ["consumer of crm.events: not subscribed"])

    said = bare("health", "--url", door)

    assert said.code == 1
    assert said.err == f"The worker at {door} is not ready:\n- consumer of crm.events: not subscribed\n"


def test_json_has_stable_keys(bare: Command, door: str) -> None:
    said = bare("health", "--url", door, "--json")

    assert (said.code, said.err) == (1, "")
    assert said.json.keys() == {"ok", "role", "version", "pid", "faults"}
    assert said.json["faults"] == ["starting"]


def test_the_settings_say_where_to_ask(bare: Command, health: Health, door: str) -> None:
    health.runs(dead=lambda _now: (), idle=lambda _now: ())
    port = door.rpartition(":")[2]

    assert bare("health", SMS_LISTEN=f"127.0.0.1:{port}").code == 0
    assert bare("health", SMS_LISTEN=f"0.0.0.0:{port}").code == 0


@pytest.mark.parametrize(
    ("listen", "code", "words"),
    [
        ("off", 1, "SMS_LISTEN is off"),
        ("127.0.0.1:0", 2, "--url"),
        ("9464", 1, "SMS_LISTEN is not host:port"),
        ("127.0.0.1:1", 4, "Nothing answers at http://127.0.0.1:1"),
    ],
)
def test_where_nobody_can_be_asked_the_reason_is_told(bare: Command, listen: str, code: int, words: str) -> None:
    said = bare("health", SMS_LISTEN=listen)

    assert (said.code, words in said.err) == (code, True), said.err


def test_a_stranger_is_no_worker_of_ours(bare: Command, provider: Provider) -> None:
    said = bare("health", "--url", provider.url)

    assert (said.code, "no worker, scheduler or console" in said.err) == (4, True)
