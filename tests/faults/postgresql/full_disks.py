"""PostgreSQL's disk is really full: its tables lie on a small one of their own, which a file fills."""

import secrets
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.faults.harness.environment import ACCOUNTS, Stage, token_of
from tests.faults.harness.row import Result
from tests.faults.postgresql.refusals import refused
from tests.faults.workers.process_ends import faulted
from tests.support.crm import add_account
from worker.store.db.postgres import open_pool

SIZE_MB = 96
PAGE = bytes(4096)
#: PostgreSQL's own words for it.
FULL = "53100"
NOT_ROOT = "only root mounts a small disk"
CREATE_SPACE = "CREATE TABLESPACE {name} LOCATION {place}"
CREATE = "CREATE DATABASE {name} TEMPLATE {template} TABLESPACE {name}"
DROP = "DROP DATABASE IF EXISTS {name} WITH (FORCE)"
DROP_SPACE = "DROP TABLESPACE IF EXISTS {name}"


def really_full(stage: Stage, runs: int) -> Result:
    """Whoever needs a new page waits; those whose page has room go on, and each POST has its attempt."""
    with tempfile.TemporaryDirectory() as address, small_disk(stage, Path(address)) as is_mounted:
        if not is_mounted:
            return Result(runs=0, reason=NOT_ROOT)
        filler = Path(address) / "filler"
        with small_database(stage, Path(address)) as url, open_pool(url, size=4, name="faults") as pool:
            for account in ACCOUNTS:
                add_account(pool, account, token=token_of(account))
            small = replace(stage, database_url=url, pool=pool)
            result = refused(small, runs, lambda: fill(filler), filler.unlink)
    named = sum(FULL in line for path in stage.folder.glob("*.log") for line in path.read_text().splitlines())
    return faulted(replace(result, figures={**result.figures, "lines that name it": named}), [] if named else [FULL])


def fill(filler: Path) -> None:
    """Take whatever is free, to the last page."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(PAGE)


@contextmanager
def small_disk(stage: Stage, place: Path) -> Generator[bool]:
    """A disk of its own, of whom PostgreSQL runs as; False where we may not."""
    with psycopg.connect(stage.servers.pair.database_url) as connection:
        [(data,)] = connection.execute("SHOW data_directory").fetchall()
    owner = Path(data).stat()
    options = f"size={SIZE_MB}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", place], check=True)


@contextmanager
def small_database(stage: Stage, place: Path) -> Generator[str]:
    """A copy of the template on that disk."""
    server, name = stage.servers.pair.database_url, f"faults_small_{secrets.token_hex(4)}"
    parts = {
        "name": sql.Identifier(name),
        "template": sql.Identifier(stage.servers.template),
        "place": sql.Literal(str(place)),
    }
    try:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL(CREATE_SPACE).format(**parts))
            connection.execute(sql.SQL(CREATE).format(**parts))
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL(DROP).format(**parts))
            connection.execute(sql.SQL(DROP_SPACE).format(**parts))
