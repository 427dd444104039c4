"""What the image would hold, without Docker.

No daemon can be had everywhere the suite runs, so the build stage is carried out by hand: its COPY lines by copying
what .dockerignore lets through, its RUN lines by a shell, in a root of its own where /opt and /src lie. The last stage
only copies /opt/perfectum-sms, so what is in it there is what would be shipped. What this cannot show: that the base
image can be pulled and has the Python of its name, and that the lines of the last stage work.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.dockerfile import DOCKERFILE, ROOT, files, instructions, is_sent

BUILD, SHIPPED = 0, 1
ENVIRONMENT = "/opt/perfectum-sms"
LOCKS = ("requirements.lock", "deploy/otel.lock")


def _lines(text: str, stage: int) -> list[str]:
    return [
        instruction.rest for instruction in instructions() if (instruction.name, instruction.stage) == (text, stage)
    ]


def _names(lock: str) -> set[str]:
    return {name.lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / lock).read_text(), re.MULTILINE)}


def _shell(command: str, *, root: Path, folder: Path) -> None:
    there = re.sub(r"--mount=\S+ ", "", command).replace("/opt/", f"{root}/opt/")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    # Bytecode is most of the work, and changes nothing of what is looked at here.
    environment = {**os.environ, "PATH": path, "PIP_NO_COMPILE": "1"}
    done = subprocess.run(
        ("sh", "-ec", there), cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{there}\n{done.stdout}{done.stderr}"


def _copy(rest: str, folder: Path) -> None:
    *sources, target = shlex.split(rest)
    for source in sources:
        results = files(source)
        assert results, f"COPY {source} finds nothing"
        for name in results:
            inner = Path(name).relative_to(source) if (ROOT / source).is_dir() else Path(Path(name).name)
            path = folder / target / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, path)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The environment that the build stage makes."""
    root = tmp_path_factory.mktemp("image")
    folder = root
    for instruction in (instruction for instruction in instructions() if instruction.stage == BUILD):
        match instruction.name:
            case "WORKDIR":
                folder = root / instruction.rest.lstrip("/")
                folder.mkdir(parents=True)
            case "COPY":
                _copy(instruction.rest, folder)
            case "RUN":
                _shell(instruction.rest, root=root, folder=folder)
            case text:
                assert text in {"FROM", "ENV", "ARG"}
    yield root / ENVIRONMENT.lstrip("/")
    shutil.rmtree(root)


@pytest.mark.long
def test_the_command_runs_in_what_is_shipped(shipped: Path, tmp_path: Path) -> None:
    completed = subprocess.run(
        (shipped / "bin/perfectum-sms", "--help"), cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )

    assert completed.returncode == 0, completed.stderr
    assert all(command in completed.stdout for command in ("worker", "scheduler", "migrate"))


@pytest.mark.long
def test_no_package_of_the_tests_is_shipped(shipped: Path) -> None:
    [packages] = shipped.glob("lib/python3*/site-packages")
    there = {path.name.split("-")[0].replace("_", "-").lower() for path in packages.glob("*.dist-info")}

    assert {"perfectum-sms", "dramatiq", "pika"} <= there
    assert there & (_names("tests/requirements.lock") - _names("requirements.lock") | {"pip"}) == set()
    assert not (packages / "tests").exists()


@pytest.mark.long
def test_the_migrations_are_shipped(shipped: Path) -> None:
    [packages] = shipped.glob("lib/python3*/site-packages")

    assert {path.name for path in (packages / "sql").iterdir()} >= {path.name for path in (ROOT / "sql").glob("0*.sql")}


def test_every_package_is_installed_by_hash() -> None:
    installs = re.findall(r"pip\S*(?: --python \S+)? install [^&]*", " ".join(_lines("RUN", BUILD)))

    assert installs
    assert all("--require-hashes" in install or "--no-index" in install for install in installs)


def test_installations_never_build_sources_of_dependencies() -> None:
    pages = [(ROOT / "deploy" / page).read_text() for page in ("install.md", "upgrade.md")]
    sources = [" ".join(_lines("RUN", BUILD)), *pages]
    installs = [
        match for text in sources for match in re.findall(r"(?:perfectum-sms|venv)/bin/p\S+ install [^&\n]*", text)
    ]

    assert len(installs) == 6
    assert all("--only-binary :all:" in install or "--no-index" in install for install in installs), installs
    assert all("--no-deps" in install for install in installs)


def test_the_process_is_not_root_and_gets_the_signal_itself() -> None:
    [user], [entry], [signal] = _lines("USER", SHIPPED), _lines("ENTRYPOINT", SHIPPED), _lines("STOPSIGNAL", SHIPPED)

    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert json.loads(entry) == ["perfectum-sms"]
    assert signal == "SIGTERM"


def test_health_is_asked_of_the_command_itself() -> None:
    [check] = _lines("HEALTHCHECK", SHIPPED)

    assert json.loads(check.partition("CMD ")[2]) == ["perfectum-sms", "health"]


def test_an_environment_is_not_moved_to_another_folder() -> None:
    assert _lines("COPY", SHIPPED) == [f"--from=build {ENVIRONMENT} {ENVIRONMENT}"]


def test_the_base_image_is_pinned_and_the_same_in_every_stage() -> None:
    images = {line.split()[0] for line in _lines("FROM", BUILD) + _lines("FROM", SHIPPED)}

    assert len(images) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", images.pop())


@pytest.mark.parametrize("name", [".env", "deploy/.env", ".git/config", "tests/conftest.py", "build/faults.json"])
def test_secrets_and_tests_never_reach_the_build(name: str) -> None:
    assert not is_sent(name)


def test_the_dockerfile_has_nothing_to_be_warned_of() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    completed = subprocess.run((hadolint, "--no-color", DOCKERFILE), capture_output=True, text=True, check=False)

    assert (completed.returncode, completed.stdout) == (0, "")


def test_the_extra_otel_is_locked_beside_what_the_image_always_has() -> None:
    pinned = {name: set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS}

    assert pinned["requirements.lock"] < pinned["deploy/otel.lock"]
    assert {pin for pin in pinned["deploy/otel.lock"] if pin.startswith("opentelemetry-sdk==")}
    assert "opentelemetry-sdk" not in _names("requirements.lock")
    assert [name for name in LOCKS if not files(name)] == []
