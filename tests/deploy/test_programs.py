import os
import signal
import subprocess
from pathlib import Path

import pytest

from deploy.services import ServicesError
from deploy.services.programs import (
    PACKAGES,
    SCRIPT,
    Machine,
    find_postgresql,
    find_rabbitmq,
    needed_program,
    needed_programs,
    programs_of,
)
from deploy.services.server import wait_for
from tests.support.waiting import PATIENCE_S


def _program(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_missing_servers_are_an_error_with_the_install_command(tmp_path: Path) -> None:
    _program(tmp_path / "bin/dnf")

    with pytest.raises(ServicesError) as caught:
        needed_programs(Machine(str(tmp_path / "bin"), tmp_path))

    assert str(caught.value) == (
        "rabbitmq-server and postgresql: not on this machine. "
        "Install them: sudo dnf install -y rabbitmq-server postgresql-server "
        "(or start Docker, or set SMS_AMQP_URL and SMS_DATABASE_URL)."
    )


def test_the_newest_postgresql_is_chosen_by_number(tmp_path: Path) -> None:
    for version in ("9.6", "16.2", "15.18"):
        folder = tmp_path / "usr/lib/postgresql" / version.split(".")[0] / "bin"
        _program(folder / "postgres", f"echo 'postgres (PostgreSQL) {version} (Debian {version}-1)'")
        _program(folder / "initdb")

    result = find_postgresql(Machine("", tmp_path))

    assert result
    assert (result.version, result.folder) == ("16.2", tmp_path / "usr/lib/postgresql/16/bin")


def test_a_wrapper_on_path_is_not_taken_for_rabbitmq(tmp_path: Path) -> None:
    for name in ("rabbitmq-server", "erl", "epmd"):
        _program(tmp_path / "bin" / name)
    machine = Machine(str(tmp_path / "bin"), tmp_path)
    without = find_rabbitmq(machine)
    inner = _program(tmp_path / "usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8/sbin/rabbitmq-server")
    (inner.parent / "rabbitmq-defaults").touch()
    (inner.parent.parent / "plugins/rabbit-3.10.8").mkdir(parents=True)

    result = find_rabbitmq(machine)

    assert without is None
    assert result
    assert (result.server, result.version) == (inner, "3.10.8")


def test_programs_of_another_systems_tree_run_inside_it(tmp_path: Path) -> None:
    server = _program(tmp_path / "usr/lib/rabbitmq/lib/rabbitmq_server-4.0.5/sbin/rabbitmq-server")
    (server.parent / "rabbitmq-defaults").touch()
    _program(tmp_path / "usr/lib/erlang/erts-15.2/bin/epmd")
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "usr/bin/erl").symlink_to("../lib/erlang/bin/erl")

    result = find_rabbitmq(Machine("", tmp_path, is_tree=True))

    assert result
    inner = "/usr/lib/rabbitmq/lib/rabbitmq_server-4.0.5/sbin/rabbitmq-server"
    assert result.machine.arguments(result.server)[-3:] == (str(tmp_path), "0:0", inner)


def test_a_tree_without_servers_is_an_error_with_a_fix(tmp_path: Path) -> None:
    with pytest.raises(ServicesError, match=r"only root|sh deploy/services/newer\.sh"):
        programs_of(tmp_path)


@pytest.mark.parametrize("name", PACKAGES)
def test_every_checker_is_on_this_machine_or_comes_with_the_set_up(name: str) -> None:
    assert needed_program(name).name == name


def test_a_missing_checker_comes_from_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    promtool = tmp_path / "promtool"
    _program(tmp_path / "sudo", 'shift; exec "$@"')
    _program(
        tmp_path / "apt-get",
        f'[ "$2" = -y ] || exit 0\necho "$@" > {tmp_path}/asked\n: > {promtool}; chmod 755 {promtool}',
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("POLICY_RC_D", str(tmp_path / "policy-rc.d"))

    path = needed_program("promtool", Machine(str(tmp_path)))

    assert path == promtool
    assert (tmp_path / "asked").read_text().endswith(" install prometheus\n")


def test_a_missing_program_is_an_error_with_the_install_command(tmp_path: Path) -> None:
    _program(tmp_path / "zypper")

    with pytest.raises(ServicesError) as caught:
        needed_program("promtool", Machine(str(tmp_path)))

    assert str(caught.value) == (
        "prometheus: not on this machine. Install it: sudo zypper install -y golang-github-prometheus-prometheus."
    )


OWN_POLICY = "#!/bin/sh\necho own policy\nexit 104\n"


def _installation(tmp_path: Path, apt_get: str) -> subprocess.Popen[str]:
    """The script as it is, with an apt-get that only asks the policy for services."""
    fake = tmp_path / "apt-get"
    fake.write_text(f'#!/bin/sh\n[ "$2" = -y ] || exit 0\n{apt_get}\n')
    fake.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "POLICY_RC_D": str(tmp_path / "policy-rc.d")}
    return subprocess.Popen(("sh", SCRIPT, "rabbitmq-server"), env=environment, start_new_session=True, text=True)


def _own_policy(tmp_path: Path) -> Path:
    policy = tmp_path / "policy-rc.d"
    policy.write_text(OWN_POLICY)
    policy.chmod(0o750)
    return policy


@pytest.mark.parametrize("code", [0, 100])
def test_an_installation_starts_no_service_and_restores_the_policy(tmp_path: Path, code: int) -> None:
    policy = _own_policy(tmp_path)
    before = policy.stat()

    process = _installation(tmp_path, f'"$POLICY_RC_D"; echo "$? $*" > {tmp_path}/told; exit {code}')

    assert process.wait(PATIENCE_S) == code
    assert (tmp_path / "told").read_text().startswith("101 ")
    assert policy.read_text() == OWN_POLICY
    assert (policy.stat().st_ino, policy.stat().st_mode) == (before.st_ino, before.st_mode)


def test_without_an_own_policy_none_is_left(tmp_path: Path) -> None:
    process = _installation(tmp_path, "exit 0")

    assert process.wait(PATIENCE_S) == 0
    assert [path.name for path in tmp_path.glob("policy*")] == []


def test_the_policy_survives_an_installation_killed_by_sigkill(tmp_path: Path) -> None:
    policy = _own_policy(tmp_path)
    killed = _installation(tmp_path, f"touch {tmp_path}/reached; sleep 60")
    assert wait_for((tmp_path / "reached").exists, within=PATIENCE_S)

    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait(PATIENCE_S)
    meanwhile = subprocess.run((policy,), capture_output=True, text=True, check=False)
    following = _installation(tmp_path, "exit 0")

    assert (meanwhile.returncode, meanwhile.stdout) == (104, "own policy\n")
    assert following.wait(PATIENCE_S) == 0
    assert policy.read_text() == OWN_POLICY
