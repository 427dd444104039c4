from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from deploy.services.install import SCRIPT
from deploy.services.server import wait_for
from tests.support.waiting import PATIENCE_S

OWN_POLICY = "#!/bin/sh\necho own policy\nexit 104\n"


def _installation(tmp_path: Path, apt_get: str) -> subprocess.Popen[str]:
    """The script as it is, with an apt-get that only looks at what service scripts would be told."""
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
def test_no_service_may_start_meanwhile_and_an_own_policy_is_restored_exactly(tmp_path: Path, code: int) -> None:
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


def test_after_sigkill_the_own_policy_decides_and_the_next_installation_restores_it(tmp_path: Path) -> None:
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
