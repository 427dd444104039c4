"""Earlier releases, as git has them: what is run beside ours to prove that one may be rolled out over the other.

Their programs run in our environment, which has at least what they need: a test of it says when it no longer has.
"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[3]
#: Each release that may still run somewhere, and its commit: a tag can be moved, and a clone may have none.
COMMITS = {"v0.2.0": "2c60c7fd805d0c5f66d7e8b3b24bc9ee09d5fa53"}
PARTS = ("worker", "schedules", "sql", "deploy", "tests", "requirements.lock", "pyproject.toml")
INSTALL = """
import sys
import psycopg
from tests.support.crm import add_account
from worker.store.db import migrations, partitions
from worker.store.db.postgres import clock, open_pool
with psycopg.connect(sys.argv[1]) as connection:
    migrations.migrate(connection)
    partitions.keep(connection, now=clock(connection))
with open_pool(sys.argv[1], size=1, name="test") as pool:
    for account, token in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
        add_account(pool, account, token=token)
"""


class NoReleaseError(Exception):
    """Git has not got the release; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class Release:
    """The tree of a release."""

    name: str
    folder: Path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run its Python to the end."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def install(self, url: str, tokens: Mapping[str, str]) -> None:
        """Make the schema of this release in an empty database, and these accounts as tests.support.crm does."""
        done = self.run("-c", INSTALL, url, *chain.from_iterable(tokens.items()))
        assert done.returncode == 0, done.stdout


def release(name: str) -> Release:
    """The tree of a release, in build/releases/; written once.

    Raises:
        NoReleaseError: git has not got it, and could not fetch it either.
    """
    commit = COMMITS[name]
    folder = ROOT / "build" / "releases" / f"{name}-{commit[:12]}"
    if not folder.exists():
        fetch(name, commit)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as address:
            tree = Path(address) / name
            with tarfile.open(fileobj=io.BytesIO(git("archive", commit, *PARTS).stdout)) as archive:
                archive.extractall(tree, filter="data")
            # Another process may have been quicker.
            if not folder.exists():
                tree.rename(folder)
    return Release(name, folder)


def fetch(name: str, commit: str) -> None:
    """See that the clone has this commit: one that was cloned without its past asks where it came from."""
    if git("cat-file", "-e", f"{commit}^{{tree}}").returncode == 0:
        return
    asked = git("fetch", "--quiet", "--depth=1", "origin", commit)
    if asked.returncode:
        raise NoReleaseError(
            f"{name} is run beside this program, and this clone has not got its commit {commit}: git fetch "
            "--unshallow, or with Actions' checkout fetch-depth: 0. "
            f"Asking origin for it failed: {asked.stderr.decode().strip()}"
        )


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What git answers here."""
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
