import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.faults.harness.failpoints import FailpointError, armed, read
from tests.faults.verdict import outputs


def test_a_point_acts_by_chance_after_so_many_hits_and_so_often() -> None:
    random = Random(1)  # noqa: S311 (a replayable fault needs no secrecy)
    point = read("sent:raise:1:after=2:times=3", random)

    assert [point.is_due(random) for _ in range(7)] == [False, False, True, True, True, False, False]


def test_the_same_seed_acts_at_the_same_hits() -> None:
    def hits(seed: str) -> list[int]:
        act = armed("sent:raise:0.3", seed=seed)
        numbers: list[int] = []
        for number in range(50):
            try:
                act("sent")
            except FailpointError:
                numbers.append(number)
        return numbers

    assert hits("7") == hits("7") != hits("8")


def test_another_boundary_is_not_touched() -> None:
    armed("sent:raise", seed="")("stored")


def test_a_point_may_wait_for_a_delivery() -> None:
    class Delivery:
        body = b"the mark M1 and more"

    def boundary(deliveries: list[Delivery]) -> None:
        assert deliveries
        reached()

    def reached() -> None:
        act("received")

    act = armed("received:raise:holding=M1", seed="")
    with pytest.raises(FailpointError):
        boundary([Delivery()])
    act = armed("received:raise:holding=M2", seed="")
    boundary([Delivery()])


@pytest.mark.parametrize("line", ["nowhere:kill", "sent:explode", "sent:kill:every=2", "sent:kill:often"])
def test_a_line_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"nowhere|explode|every|often"):
        armed(line, seed="")


def test_an_armed_process_dies_at_its_boundary() -> None:
    script = (
        "from tests.faults.harness.failpoints import armed; act = armed('sent:kill:after=1', seed='');"
        "act('sent'); print('alive', flush=True); act('sent'); print('still alive', flush=True)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert (ended.returncode, ended.stdout) == (-9, b"alive\n")


def test_an_unknown_wait_is_refused() -> None:
    environment = {**os.environ, "FAULTS_WAITS": "LEAS=4"}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.harness.build", "worker"],
        env=environment,
        capture_output=True,
        check=False,
    )

    assert ended.returncode == 1
    assert b"LEAS is no wait" in ended.stderr


def test_phones_and_secrets_in_any_spelling_are_faults_of_an_output(tmp_path: Path) -> None:
    lines = ["+380671234567", "067 123-45-67", "(067)1234567", "a QBCDF000001 b", "x" * 17_000, "harmless 380670000000"]
    lines += ['{"message": "Event QBCDF000001 of a.", "sms.event_id": "QBCDF000001"}']
    lines += ['{"message": "QBCDF000002", "sms.event_id": "QBCDF000001"}']
    (tmp_path / "worker-0.log").write_text("\n".join(lines))

    faults = list(outputs.faults(tmp_path, {"380671234567"}, ["secret"]))

    assert [line.split(":")[1] for line in faults] == ["1", "2", "3", "4", "5", "8"]


def test_only_lines_of_trouble_count_as_a_flood() -> None:
    work = [
        b'{"event.action": "%b", "x": 1}' % action for action in (b"event.planned", b"text.sent", b"dead_letter.job")
    ]

    assert outputs.size_besides_work(b"\n".join([*work, b'{"event.action": "events.refused"}', b"none"])) == 34 + 4
