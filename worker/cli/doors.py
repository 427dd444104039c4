"""The command's way to the environment and to PostgreSQL; whatever is wrong there ends it with a hint."""

from __future__ import annotations

import os
from collections.abc import Collection, Generator
from contextlib import contextmanager

import psycopg
from psycopg.errors import DeadlockDetected, LockNotAvailable, UndefinedFunction, UndefinedTable
from psycopg_pool import PoolTimeout

from worker.cli.terminal import Exit, say, stop
from worker.settings import DATABASE, SECRET_KEY, Settings, load
from worker.store import secrets
from worker.store.postgres import CONNECT_TIMEOUT_S, SESSION, Connection
from worker.store.secrets import Seal, WrongSecretError

NAME = "perfectum-sms cli"


def settings_for(needs: Collection[str]) -> Settings:
    """The settings, or every fault of the environment and the end."""
    found = load(os.environ, needs=needs)
    if isinstance(found, Settings):
        return found
    for fault in found:
        say(str(fault))
    raise stop(f"{len(found)} of the settings {'is' if len(found) == 1 else 'are'} wrong.")


@contextmanager
def ledger(*, session: str = SESSION) -> Generator[Connection]:
    """One transaction in PostgreSQL, for a command that needs no secret; `session` sets time-outs."""
    settings = settings_for((DATABASE,))
    with answering(), connected(settings.database_url, session) as connection:
        yield connection


def connected(url: str, session: str) -> Connection:
    """A connection of this command."""
    return psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S, options=session, application_name=NAME)


@contextmanager
def sealed_ledger() -> Generator[tuple[Connection, Seal]]:
    """One transaction in PostgreSQL, and the seal that opens what it keeps."""
    settings = settings_for((DATABASE, SECRET_KEY))
    seal = Seal(settings.secret_keys)
    with ledger() as connection:
        # A wrong key must not seal a second kind of secrets beside the first.
        secrets.salt(connection, seal)
        yield connection, seal


@contextmanager
def answering() -> Generator[None]:
    """PostgreSQL's failures as sentences: it is away (4), not migrated, or another key sealed it (1)."""
    try:
        yield
    except WrongSecretError as error:
        raise stop(str(error)) from None
    except (UndefinedTable, UndefinedFunction):
        raise stop("The database is not migrated. Run: perfectum-sms migrate") from None
    except (LockNotAvailable, DeadlockDetected) as error:
        words = "met a deadlock (40P01)" if isinstance(error, DeadlockDetected) else "got no lock in time (55P03)"
        raise stop(f"This {words}: another session holds what it needs, see pg_stat_activity. Try again.") from None
    except (psycopg.OperationalError, PoolTimeout) as error:
        reason = getattr(error, "sqlstate", None) or type(error).__name__
        raise stop(f"PostgreSQL does not answer ({reason}). Start it, or mend SMS_DATABASE_URL.", Exit.AWAY) from None
    except psycopg.Error as error:
        raise stop(f"PostgreSQL refused: {type(error).__name__} ({error.sqlstate}).") from None
