"""The migrations of two releases after this one, and the migrator of a release that knows them."""

import os
import subprocess
import sys
from pathlib import Path

from worker.store.db.migrations import FOLDER, Migration, read

#: Our migrations first, then one file of each later release.
RELEASES: tuple[Migration, ...] = (*read(FOLDER), *read(Path(__file__).parents[1] / "data" / "migrations"))
OURS = len(read(FOLDER))

PROGRAM = """
import sys
from pathlib import Path
from worker.store.db import migrations
migrations.FOLDER = Path(sys.argv.pop(1))
from worker.cli import main
main()
"""


def write_release(folder: Path, files: int) -> Path:
    """Write the first so many migrations into a folder, as a release ships them."""
    folder.mkdir(exist_ok=True)
    for migration in RELEASES[:files]:
        (folder / migration.file).write_bytes(migration.sql)
    return folder


def start_migrate(url: str, folder: Path = FOLDER) -> subprocess.Popen[str]:
    """Start `perfectum-sms migrate` of the release that ships this folder."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), "migrate"],
        env={**os.environ, "SMS_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
