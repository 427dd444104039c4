"""The real PgBouncer in front of the tests' PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from deploy.services.local import temporary_folder
from deploy.services.processes import unprivileged_account
from deploy.services.programs import needed_program
from deploy.services.server import Launch, Server, answers_tcp, free_ports


@contextmanager
def pgbouncer(database_url: str, *, pool_mode: str, **settings: object) -> Generator[str]:
    """The same database through PgBouncer, for as long as the context lasts."""
    (port,) = free_ports(1)
    account = unprivileged_account()
    folder = Path(tempfile.mkdtemp(prefix="sms-pgbouncer-", dir=temporary_folder()))
    try:
        _write(folder, database_url, {"listen_port": port, "pool_mode": pool_mode, **settings})
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.user if account else -1, account.group if account else -1)
        program = str(needed_program("pgbouncer"))
        launch = Launch((program, str(folder / "pgbouncer.ini")), {"PATH": os.defpath}, account)
        server = Server("PgBouncer", "", folder, launch, lambda: answers_tcp(port))
        server.start()
        try:
            yield _at(database_url, port)
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, database_url: str, settings: dict[str, object]) -> None:
    server = conninfo_to_dict(database_url)
    (folder / "users.txt").write_text(f'"{server["user"]}" "{server.get("password", "")}"\n')
    lines = {
        "listen_addr": "127.0.0.1",
        "unix_socket_dir": "",
        "auth_type": "plain",
        "auth_file": folder / "users.txt",
        **settings,
    }
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={server['host']} port={server.get('port', 5432)}\n"
        "[pgbouncer]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())
    )


def _at(database_url: str, port: int) -> str:
    server = conninfo_to_dict(database_url)
    return f"postgresql://{server['user']}:{server.get('password', '')}@127.0.0.1:{port}/{server['dbname']}"
