"""What deploy/upgrade.md promises of v0.2.0: it works on our schema, and our programs wait on its schema and say so."""

import re
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

import pytest

from tests.faults.harness import releases
from tests.faults.harness.nursery import Nursery
from tests.faults.harness.releases import NoReleaseError, Release, release
from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.crm import TOKEN, Json, event, rows
from tests.support.health_client import wait_until_ready, wait_until_unready
from worker.store.db.migrations import FOLDER, read
from worker.store.db.postgres import Pool, open_pool

Publish = Callable[[Iterable[Json]], None]


@pytest.fixture(scope="module")
def before() -> Release:
    return release("v0.2.0")


@pytest.fixture
def old_system(before: Release, environment: dict[str, str], outputs: Path) -> Generator[System]:
    nursery = Nursery("tests.pipeline.processes", folder=before.folder)
    folder = outputs / before.name
    folder.mkdir(exist_ok=True)
    system = System(nursery, environment, folder)
    yield system
    system.kill()
    nursery.close()


@pytest.fixture
def old_database_url(before: Release, empty_database_url: str) -> str:
    before.install(empty_database_url, {"acme": TOKEN})
    return empty_database_url


def test_an_earlier_release_works_on_the_newest_schema(
    old_system: System, acme_pool: Pool, database_url: str, before: Release, publish: Publish
) -> None:
    for command in ("worker", "scheduler", "console"):
        wait_until_ready(old_system.door(old_system.start(command, SMS_RECEIPTS_LISTEN="127.0.0.1:0")))
    publish([event(), event("booking.confirmed")])
    wait_for_accepted(acme_pool, 2)
    migrated = before.run("-m", "worker", "migrate", SMS_DATABASE_URL=database_url)

    assert set(old_system.stop()) == {0}
    newest = read(FOLDER)[-1].file
    assert migrated.returncode == 0
    assert newest in migrated.stdout


def test_programs_wait_for_a_schema_that_is_older_than_they_and_lose_nothing(
    system: System, before: Release, old_database_url: str, publish: Publish
) -> None:
    lacking = min({migration.file for migration in read(FOLDER)} - set(files(before)))
    environment = {"SMS_DATABASE_URL": old_database_url, "SMS_RECEIPTS_LISTEN": "127.0.0.1:0"}
    doors = [system.door(system.start(command, **environment)) for command in ("worker", "scheduler", "console")]
    publish([event()])
    for there in doors:
        wait_until_unready(there, because="run perfectum-sms migrate: the schema lacks")
    with open_pool(old_database_url, size=1, name="test") as pool:
        assert rows(pool, "SELECT count(*) FROM events") == [(0,)]
        system.environment["SMS_DATABASE_URL"] = old_database_url
        system.run("migrate")
        wait_for_accepted(pool, 1)
    for there in doors:
        wait_until_ready(there)
    waited = system.log_lines("postgresql.away")
    assert len(waited) == len(doors)
    assert all(f"the schema lacks {lacking} and " in line["sms.reason"] for line in waited)


def files(release: Release) -> list[str]:
    return [migration.file for migration in read(release.folder / "sql")]


def test_our_environment_has_what_an_earlier_release_needs(before: Release) -> None:
    theirs, ours = (
        set(re.findall(r"^([a-z0-9._-]+)==", (folder / "requirements.lock").read_text(), re.MULTILINE))
        for folder in (before.folder, releases.ROOT)
    )

    assert theirs - ours == set()


def test_a_clone_without_the_release_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(releases.COMMITS, "v0.0.0", "0" * 40)

    with pytest.raises(NoReleaseError, match=r"git fetch --unshallow.*fetch-depth: 0"):
        release("v0.0.0")
