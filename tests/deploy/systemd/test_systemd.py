"""The units as `systemd-analyze` reads them; it needs no running systemd, and nothing is started."""

import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.services.programs import needed_program
from tests.deploy.dockerfile import ROOT
from worker.cli import app
from worker.process import DEAD, DRAIN_S
from worker.settings.environment import EVERYTHING, NAMES

FOLDER = ROOT / "deploy/systemd"
#: Warnings are errors; what the distribution's own units are blamed for is not ours.
VERIFY = ("verify", "--man=no", "--recursive-errors=no")
PROGRAM = "/opt/perfectum-sms/bin/perfectum-sms"
SERVICES = {
    "perfectum-sms-worker@1.service": "worker",
    "perfectum-sms-scheduler@1.service": "scheduler",
    "perfectum-sms-console@1.service": "console",
    "perfectum-sms-door@1.service": "console",
    "perfectum-sms-migrate.service": "migrate",
}
LASTING = tuple(unit for unit in SERVICES if unit != "perfectum-sms-migrate.service")
#: Of ten; below two, systemd calls a service's exposure "OK".
EXPOSURE_MAX = "2.0"


def _values(unit: str) -> dict[str, list[str]]:
    text = (FOLDER / unit.replace("@1.", "@.")).read_text()
    values: defaultdict[str, list[str]] = defaultdict(list)
    for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        values[key].append(value)
    return values


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units where they find our program: systemd looks whether it is there."""
    program = tmp_path / "perfectum-sms"
    program.symlink_to("/bin/true")
    folder = tmp_path / "units"
    folder.mkdir()
    for unit in FOLDER.glob("perfectum-sms*"):
        (folder / unit.name).write_text(unit.read_text().replace(PROGRAM, str(program)))
    return folder


def _analyze(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        (needed_program("systemd-analyze"), *arguments),
        cwd=folder,
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "LANG": "C.UTF-8", "SYSTEMD_COLORS": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_systemd_verifies_the_units(units: Path) -> None:
    assert _analyze(units, *VERIFY, *SERVICES, "perfectum-sms.target") == (0, "")


def test_systemd_refuses_a_unit_with_an_unknown_key(units: Path) -> None:
    template = units / "perfectum-sms-worker@.service"
    template.write_text(template.read_text().replace("RestartSec=", "RestartAfter="))

    code, text = _analyze(units, *VERIFY, "perfectum-sms-worker@1.service")

    assert code != 0
    assert "RestartAfter" in text


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_confined_to_what_it_needs(units: Path, unit: str) -> None:
    threshold = str(int(float(EXPOSURE_MAX) * 10))

    code, text = _analyze(units, "security", "--offline=true", f"--threshold={threshold}", "--no-pager", unit)

    assert code == 0, text


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_has_a_bound_of_memory_and_leaves_no_core_dump(unit: str) -> None:
    values = _values(unit)

    assert values["LimitCORE"] == ["0"]
    assert values["MemoryMax"] == ["1G"]


@pytest.mark.parametrize(("unit", "command"), SERVICES.items())
def test_a_service_runs_a_command_that_exists(unit: str, command: str) -> None:
    [start] = _values(unit)["ExecStart"]

    assert start.split()[:2] == [PROGRAM, command]
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_that_fails_is_started_again(unit: str) -> None:
    assert _values(unit)["Restart"] == ["on-failure"]
    assert "RestartPreventExitStatus" not in _values(unit)


def test_a_worker_ended_by_its_watchdog_is_started_again() -> None:
    assert _values("perfectum-sms-worker@1.service")["RestartForceExitStatus"] == [str(DEAD)]


@pytest.mark.parametrize("unit", LASTING)
def test_sigterm_leaves_time_to_finish_work_in_hand(unit: str) -> None:
    [patience] = _values(unit)["TimeoutStopSec"]

    assert int(patience) >= DRAIN_S + 10


@pytest.mark.parametrize("unit", LASTING)
def test_instances_of_a_unit_listen_at_different_addresses(unit: str) -> None:
    [variable] = _values(unit)["Environment"]

    assert re.search(r"SMS_LISTEN=127\.0\.0\.1:94\d%i\b", variable)


def test_units_of_two_kinds_listen_at_different_addresses() -> None:
    addresses = {re.search(r":(94\d)%i", _values(unit)["Environment"][0]) for unit in LASTING}

    assert len({address[1] for address in addresses if address}) == len(LASTING)


@pytest.mark.parametrize("unit", SERVICES)
def test_a_restart_of_the_target_restarts_everything(unit: str) -> None:
    assert _values(unit)["PartOf"] == ["perfectum-sms.target"]


def test_the_example_holds_settings_that_exist() -> None:
    names = re.findall(r"^#?([A-Z_]+)=", (FOLDER / "environment.example").read_text(), re.MULTILINE)

    assert set(EVERYTHING) <= set(names) <= set(NAMES)


def test_a_door_is_given_its_key_and_its_database_and_no_more() -> None:
    names = re.findall(r"^([A-Z_]+)=", (FOLDER / "door.example").read_text(), re.MULTILINE)

    assert names == ["SMS_DATABASE_URL", "SMS_CALLBACK_KEY"]
    assert _values("perfectum-sms-door@1.service")["EnvironmentFile"] == ["/etc/perfectum-sms/door"]
