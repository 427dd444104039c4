"""A release: one version, a wheel with what an installed user needs, a workflow in which one job holds one right."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.package import unfit, version
from tests.deploy.dockerfile import ROOT

WORKFLOW = ROOT / ".github/workflows/release.yml"
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
#: Where people or programs read which version this is; upgrade.md speaks of those before it.
OTHERS = (
    "deploy/Dockerfile",
    "deploy/compose.yaml",
    "deploy/env.example",
    "README.md",
    ".github/workflows/release.yml",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as opened:
        return set(opened.namelist())


def test_every_place_that_names_the_version_names_the_same() -> None:
    assert installed_version("perfectum-sms") == version()
    assert unfit(f"v{version()}", version(), CHANGELOG) is None
    assert [name for name in OTHERS if version() in (ROOT / name).read_text()] == []


@pytest.mark.parametrize(
    ("tag", "changelog", "fault"),
    [
        ("v1.2.4", "## 1.2.3 - 2026-12-01", "the tag is v1.2.4, but pyproject.toml says 1.2.3"),
        ("1.2.3", "## 1.2.3 - 2026-12-01", "the tag is 1.2.3, but pyproject.toml says 1.2.3"),
        ("v1.2.3", "## Unreleased\n\n## 1.2.2 - 2026-11-01", "the newest release in CHANGELOG.md is 1.2.2, not 1.2.3"),
        ("v1.2.3", "## Unreleased", "the newest release in CHANGELOG.md is none, not 1.2.3"),
        ("v1.2.3", "## Unreleased\n\n## 1.2.3 - 2026-12-01", None),
    ],
)
def test_a_tag_that_is_not_the_version_is_refused(tag: str, changelog: str, fault: str | None) -> None:
    assert unfit(tag, "1.2.3", changelog) == fault


def test_the_wheel_holds_what_programs_read_and_nothing_of_tests_and_trials(wheel: set[str]) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "worker", "schedules", "sql/0*.sql"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")[:-1]
    tops = {name.split("/")[0] for name in wheel if ".data/" not in name and ".dist-info/" not in name}

    assert {name for name in tracked if (ROOT / name).exists()} <= wheel
    assert tops == {"worker", "schedules", "sql"}
    assert {Path(name).suffix for name in wheel if name.startswith("sql/")} == {".sql"}
    assert "sql/schema.sql" not in wheel
    assert any(name.endswith(".data/data/share/man/man1/perfectum-sms.1") for name in wheel)


def test_only_jobs_that_publish_may_speak_for_the_project_and_each_waits_for_its_environment() -> None:
    workflow: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())
    jobs: dict[str, Any] = workflow["jobs"]
    rights = {
        name: {right for right, may in job["permissions"].items() if may == "write"} for name, job in jobs.items()
    }

    assert workflow["permissions"] == {}
    assert rights["build"] == set()
    assert rights["publish"] == {"id-token"}
    assert [name for name, held in rights.items() if held and "environment" not in jobs[name]] == []
    assert [name for name, job in jobs.items() if name != "build" and "build" not in job["needs"]] == []


def test_what_publishes_runs_nothing_of_this_repository() -> None:
    steps = yaml.safe_load(WORKFLOW.read_text())["jobs"]["publish"]["steps"]

    assert [step["uses"].split("@")[0] for step in steps] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]


@pytest.mark.parametrize("path", sorted(WORKFLOW.parent.iterdir()), ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_whole_hash_with_the_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text())

    assert used
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
