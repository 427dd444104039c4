import os
import subprocess
from pathlib import Path

import pytest

from deploy.services import local
from deploy.services.local import MEMORY, left_over, new_folder, remove_folder, short_lived_folder, temporary_folder
from deploy.services.processes import MARK, end_processes, own_processes, start_time
from tests.support.waiting import PATIENCE_S


def _folder(path: Path, pid: int, started: int) -> Path:
    folder = path / f"sms-services-{pid}-{started}-abc"
    folder.mkdir()
    return folder


def _own_start() -> int:
    started = start_time(os.getpid())
    assert started is not None
    return started


def test_a_folder_is_left_over_when_its_owners_pid_is_another_process_now(tmp_path: Path) -> None:
    living = _folder(tmp_path, os.getpid(), _own_start())
    recycled = _folder(tmp_path, os.getpid(), _own_start() - 1)
    (tmp_path / "sms-services-notes").mkdir()

    paths = left_over(tmp_path, os.geteuid())

    assert paths == [recycled]
    assert living.exists()


def test_a_folder_of_another_account_is_left_alone(tmp_path: Path) -> None:
    _folder(tmp_path, os.getpid(), 1)

    assert left_over(tmp_path, os.geteuid() + 1) == []


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "sms-services-1-1-abc").symlink_to(tmp_path / "precious")

    assert left_over(tmp_path, os.geteuid()) == []


def test_a_command_does_not_end_the_left_over_run_it_lives_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _folder(tmp_path, os.getpid(), 1)

    monkeypatch.setenv(MARK, str(folder))

    assert left_over(tmp_path, os.geteuid()) == []


def test_only_processes_of_the_folder_are_ended(tmp_path: Path) -> None:
    ours, other = (
        subprocess.Popen(("sleep", "60"), env={MARK: str(tmp_path / name)}, start_new_session=True)
        for name in ("run1/rabbitmq", "run10/rabbitmq")
    )

    end_processes(tmp_path / "run1")

    assert own_processes(tmp_path) == [other.pid]
    assert ours.wait(PATIENCE_S) == -9
    end_processes(tmp_path / "run10")
    assert other.wait(PATIENCE_S) == -9


def test_a_zombie_is_not_alive() -> None:
    process = subprocess.Popen(("sleep", "60"))
    living = start_time(process.pid)

    os.kill(process.pid, 9)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert living is not None
    assert start_time(process.pid) is None
    process.wait()


@pytest.mark.parametrize("durable", [False, True])
def test_a_new_folder_is_in_use_and_another_account_can_enter_it(*, durable: bool) -> None:
    folder = new_folder(durable=durable)

    modes = [path.stat().st_mode & 0o001 for path in (folder, *folder.parents)]
    paths = left_over(folder.parent, os.geteuid())
    remove_folder(folder)

    assert folder not in paths
    assert all(modes) or os.geteuid() != 0
    assert not folder.exists()


def test_a_durable_folder_is_on_a_disk() -> None:
    folder = new_folder(durable=True)

    assert folder.parent == temporary_folder() != MEMORY
    remove_folder(folder)


def test_memory_is_used_only_where_there_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "ENOUGH", 1 << 60)

    assert short_lived_folder() == temporary_folder()
