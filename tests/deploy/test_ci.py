"""What runs on a push and before a commit: the workflow and the hooks, as their own checkers read them."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.dockerfile import ROOT

WORKFLOW = ROOT / ".github/workflows/ci.yml"
HOOKS = ROOT / ".pre-commit-config.yaml"
CHECKS = {
    "schema": ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
    "time limit": ("check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout"),
    "security": ("zizmor", "--offline", "--pedantic", "--strict-collection", "--no-progress"),
}


def run(check: str, path: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = CHECKS[check]
    command = [str(Path(sys.executable).with_name(program)), *arguments, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", sorted(WORKFLOW.parent.iterdir()), ids=lambda path: path.stem)
@pytest.mark.parametrize("check", CHECKS)
def test_a_workflow_passes_its_checkers(check: str, path: Path) -> None:
    done = run(check, path)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("schema", "runs-on:", "run-on:"),
        ("time limit", "timeout-minutes: 60", "continue-on-error: false"),
        ("security", "permissions: {}", "permissions: write-all"),
    ],
)
def test_a_checker_refuses_a_fault_that_it_is_there_for(tmp_path: Path, check: str, right: str, wrong: str) -> None:
    text = WORKFLOW.read_text()
    assert right in text
    path = tmp_path / ".github/workflows/ci.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(right, wrong))

    assert run(check, path).returncode != 0


def test_the_workflow_runs_what_a_developer_runs() -> None:
    steps = yaml.safe_load(WORKFLOW.read_text())["jobs"]["test"]["steps"]

    assert [step["run"] for step in steps if "run" in step] == ["make test"]


def test_hooks_run_locked_programs_and_fetch_nothing() -> None:
    repositories = yaml.safe_load(HOOKS.read_text())["repos"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    programs = [shlex.split(hook["entry"])[0] for hook in hooks]

    assert {repository["repo"] for repository in repositories} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    assert [program for program in programs if not Path(sys.executable).with_name(Path(program).name).exists()] == []
    assert all(program.startswith(".venv/bin/") for program in programs)
