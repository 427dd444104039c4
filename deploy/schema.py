"""Write sql/schema.sql: what the migrations add up to, for people to read; nothing is created from it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.services.errors import ServicesError
from deploy.services.programs import THIS_MACHINE, find_postgresql
from worker.settings.environment import DATABASE
from worker.store.db.error_messages import explain
from worker.store.db.migrations import migrate
from worker.store.db.session import SPEECH, Session
from worker.store.db.temporary_database import scratch_database

FILE = Path(__file__).parents[1] / "sql" / "schema.sql"
HEADER = "-- Written by `make schema` from the migrations beside it. Not applied by anything; do not edit.\n\n"
MONTHLY = "*_2[0-9][0-9][0-9]_[0-9][0-9]"
NOISE = re.compile(
    r"--|\\(?:un)?restrict|SELECT pg_catalog\.set_config\(|SET (?:\w+_timeout|client_\w+|default_\w+"
    r"|standard_conforming_strings|check_function_bodies|xmloption|row_security) = ",
)


def current_schema(server_url: str) -> str:
    """The schema after all migrations, from a scratch database on this server, as sql/schema.sql has it.

    The server's account must be allowed to create databases. Monthly partitions are left out.

    Raises ServicesError when pg_dump is missing or refuses, for instance a server newer than itself.
    """
    with scratch_database(server_url, prefix="sms_schema") as url:
        with Session.connect(url, settings=SPEECH) as connection:
            migrate(connection)
        return HEADER + readable(_dump(url))


def readable(dump: str) -> str:
    """pg_dump's text without comments, psql commands and session settings, with single blank lines."""
    lines = (line.rstrip() for line in dump.splitlines() if not NOISE.match(line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _dump(url: str) -> str:
    # The password goes by the environment: everybody can read a command line.
    parameters = conninfo_to_dict(url)
    password = str(parameters.pop("password", None) or os.environ.get("PGPASSWORD", ""))
    options = ("--schema-only", "--no-owner", "--no-privileges", f"--exclude-table={MONTHLY}")
    result = subprocess.run(  # noqa: S603 - a program we have found
        (pg_dump(), *options, f"--dbname={make_conninfo('', **parameters)}"),
        env={**os.environ, "PGPASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ServicesError(f"pg_dump refused: {result.stderr.strip()}")
    return result.stdout


def pg_dump() -> str:
    """The program that fits the PostgreSQL of this machine.

    Raises ServicesError when it is missing.
    """
    programs = find_postgresql(THIS_MACHINE)
    beside = programs.folder / "pg_dump" if programs else None
    program = str(beside) if beside and beside.exists() else shutil.which("pg_dump")
    if program is None:
        raise ServicesError("pg_dump is not on this machine. Install PostgreSQL's client programs.")
    return program


def main() -> None:
    """Write the file anew; the server is that of SMS_DATABASE_URL."""
    url = os.environ.get(DATABASE, "")
    if not url:
        sys.exit(f"schema: {DATABASE} is not set. Try: python -m deploy.services run -- python -m deploy.schema")
    try:
        FILE.write_text(current_schema(url))
    except ServicesError as error:
        sys.exit(f"schema: {error}")
    except psycopg.Error as error:
        sys.exit(f"schema: {explain(error)}")
    sys.stderr.write(f"schema: wrote {FILE.relative_to(Path.cwd()) if FILE.is_relative_to(Path.cwd()) else FILE}\n")


if __name__ == "__main__":
    main()
