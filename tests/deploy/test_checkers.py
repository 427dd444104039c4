from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.services import ServicesError
from deploy.services.checkers import PACKAGES, needed_program
from deploy.services.programs import Machine


def _program(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


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

    found = needed_program("promtool", Machine(str(tmp_path)))

    assert found == promtool
    assert (tmp_path / "asked").read_text().endswith(" install prometheus\n")


def test_where_nothing_may_be_installed_the_command_is_told(tmp_path: Path) -> None:
    _program(tmp_path / "zypper")

    with pytest.raises(ServicesError) as caught:
        needed_program("promtool", Machine(str(tmp_path)))

    assert str(caught.value) == (
        "prometheus: not on this machine. Install it: sudo zypper install -y golang-github-prometheus-prometheus."
    )
