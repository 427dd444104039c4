"""The command's way to the environment and to PostgreSQL; whatever is wrong there ends it with a hint."""

import os
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg.errors import DeadlockDetected, LockNotAvailable, UndefinedFunction, UndefinedTable

from worker.cli.interruption import half_done, if_stopped
from worker.cli.terminal import Exit, echo, stop
from worker.language import _, ngettext
from worker.settings.environment import DATABASE, SECRET_KEY, Settings, load
from worker.store.accounts.wrong_secret import WrongSecretError
from worker.store.db.error_messages import explain
from worker.store.db.pooler import insist_on_own_server
from worker.store.db.postgres import Connection, is_writing
from worker.store.db.session import WORK, Session, UnfitError

if TYPE_CHECKING:
    from worker.store.accounts.secrets import Seal

NAME = "perfectum-sms cli"


def settings_for(needs: Collection[str]) -> Settings:
    """The settings, or every fault of the environment and the end."""
    loaded = load(os.environ, needs=needs)
    if isinstance(loaded, Settings):
        return loaded
    for fault in loaded:
        echo(str(fault))
    raise stop(ngettext("{count} setting is wrong.", "{count} settings are wrong.", len(loaded)))


@contextmanager
def ledger(*, session: Mapping[str, str] = WORK) -> Generator[Connection]:
    """One transaction in PostgreSQL, for a command that needs no secret; `session` sets time-outs."""
    settings = settings_for((DATABASE,))
    with answering(), connected(settings.database_url, session) as connection:
        yield connection
        if is_writing(connection):
            if_stopped(half_done)


def connected(url: str, session: Mapping[str, str]) -> Connection:
    """Connect; UnfitError where PostgreSQL's sessions are not what our SQL needs."""
    connection = Session.connect(url, settings=session, application_name=NAME)
    try:
        insist_on_own_server(connection, url)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def sealed_ledger() -> "Generator[tuple[Connection, Seal]]":
    from worker.store.accounts import secrets  # noqa: PLC0415 (commands must be quick)

    settings = settings_for((DATABASE, SECRET_KEY))
    with ledger() as connection:
        # A wrong key must not seal a second kind of secrets beside the first, nor a new one before the rotation.
        yield connection, secrets.current(connection, secrets.Seal(settings.secret_keys))


def recipient_salt(connection: Connection, seal: "Seal") -> bytes:
    """The salt that phones are known by."""
    from worker.store.accounts import secrets  # noqa: PLC0415 (commands must be quick)

    return secrets.salt(connection, seal)


@contextmanager
def answering() -> Generator[None]:
    """PostgreSQL's failures as sentences: it is away (4), not migrated or unfit, or another key sealed it (1)."""
    try:
        yield
    except WrongSecretError as error:
        raise stop(str(error)) from None
    except (UndefinedTable, UndefinedFunction):
        raise stop(_("The database is not migrated. Run: perfectum-sms migrate")) from None
    except (LockNotAvailable, DeadlockDetected) as error:
        raise stop(
            _("This met a deadlock (40P01): another session holds what it needs, see pg_stat_activity. Try again.")
            if isinstance(error, DeadlockDetected)
            else _("This got no lock in time (55P03): another session holds it, see pg_stat_activity. Try again.")
        ) from None
    except UnfitError as error:
        raise stop(f"PostgreSQL: {error}") from None
    except psycopg.OperationalError as error:
        raise stop(_("PostgreSQL does not answer: {error}", error=explain(error)), Exit.AWAY) from None
    except psycopg.Error as error:
        raise stop(_("PostgreSQL refused: {error}", error=explain(error))) from None
