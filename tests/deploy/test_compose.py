"""compose.yaml against the Compose specification, as check-jsonschema carries it, and against what matters here.

Nothing is started: the suite cannot count on a Docker daemon.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.dockerfile import DOCKERFILE, ROOT
from worker.process import DRAIN_S
from worker.settings.environment import AMQP, CALLBACK_KEY, DATABASE, EVERYTHING, NAMES, SECRET_KEY

FILE = ROOT / "deploy/compose.yaml"
OURS = ("migrate", "worker", "scheduler", "console", "door")
LASTING = ("worker", "scheduler", "console", "door")
#: Services that have all secrets.
TRUSTED = ("migrate", "worker", "scheduler", "console")
TEXT = FILE.read_text()


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(TEXT)["services"]


def validation(text: str) -> subprocess.CompletedProcess[str]:
    checker = str(Path(sys.executable).with_name("check-jsonschema"))
    command = [checker, "--builtin-schema", "vendor.compose-spec", "--default-filetype", "yaml", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_compose_accepts_the_file() -> None:
    done = validation(TEXT)

    assert done.returncode == 0, done.stdout


def test_compose_would_refuse_a_key_that_it_does_not_know() -> None:
    done = validation(TEXT.replace("stop_grace_period:", "stop_grace:"))

    assert done.returncode == 1
    assert "'stop_grace' was unexpected" in done.stdout


@pytest.mark.parametrize("name", LASTING)
def test_a_process_of_ours_may_run_many_times(services: dict[str, Any], name: str) -> None:
    assert services[name].keys() & {"container_name", "hostname", "ports", "volumes"} == set()


def test_every_lasting_service_has_a_healthcheck(services: dict[str, Any]) -> None:
    ending = {name for name, service in services.items() if service["healthcheck"].get("disable")}

    assert ending == {"migrate"}
    assert services["migrate"]["restart"] == "on-failure"
    assert all(service["restart"] == "unless-stopped" for name, service in services.items() if name not in ending)


@pytest.mark.parametrize("name", LASTING)
def test_services_start_after_the_migration(services: dict[str, Any], name: str) -> None:
    assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", LASTING)
def test_sigterm_leaves_time_to_finish_work_in_hand(services: dict[str, Any], name: str) -> None:
    assert int(services[name]["stop_grace_period"].removesuffix("s")) >= DRAIN_S + 10


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_may_do_nothing_but_its_work(services: dict[str, Any], name: str) -> None:
    service = services[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_others_may_not_gain_privileges(services: dict[str, Any]) -> None:
    for name in services.keys() - set(OURS):
        assert services[name]["security_opt"] == ["no-new-privileges:true"]
        assert services[name]["cap_drop"] == ["ALL"]


def test_images_of_others_are_pinned_to_a_release(services: dict[str, Any]) -> None:
    images = {service["image"] for name, service in services.items() if name not in OURS}

    assert len(images) == 2
    assert all(re.fullmatch(r"[a-z]+:\d+(\.\d+)+", image) for image in images)


@pytest.mark.parametrize("name", OURS)
def test_our_image_is_built_from_our_dockerfile(services: dict[str, Any], name: str) -> None:
    build = services[name]["build"]
    context = (FILE.parent / build["context"]).resolve()

    assert (context / build["dockerfile"]) == DOCKERFILE


@pytest.mark.parametrize("name", TRUSTED)
def test_only_settings_that_exist_are_given(services: dict[str, Any], name: str) -> None:
    given = services[name]["environment"].keys()

    assert set(EVERYTHING) <= given <= set(NAMES)


def test_a_door_is_given_its_key_and_its_role_and_starts_when_it_is_asked_for(services: dict[str, Any]) -> None:
    door = services["door"]

    assert {DATABASE, CALLBACK_KEY} <= door["environment"].keys() <= set(NAMES) - {AMQP, SECRET_KEY}
    assert "//sms_door:" in door["environment"][DATABASE]
    assert (door["profiles"], door["command"]) == (["door"], ["console", "--serve", "callbacks"])


def test_a_missing_secret_is_an_error_with_a_fix(services: dict[str, Any]) -> None:
    settings = services["worker"]["environment"]
    secrets = [settings[name] for name in (AMQP, DATABASE, SECRET_KEY)]
    secrets += [services["rabbitmq"]["environment"]["RABBITMQ_DEFAULT_PASS"]]
    secrets += [services["postgres"]["environment"]["POSTGRES_PASSWORD"]]

    assert all(re.search(r"\$\{[A-Z_]+:\?Write [A-Z_]+ to deploy/\.env; [^}]+\}", secret) for secret in secrets)


def test_the_example_names_every_variable_that_is_read() -> None:
    example = (ROOT / "deploy/env.example").read_text()

    assert set(re.findall(r"\$\{([A-Z_]+)", TEXT)) == set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))


def test_neither_git_nor_the_image_keeps_the_secrets() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
