from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import psycopg
import pytest

from tests.support.pgbouncer import pgbouncer
from worker.store.db import migrations, pooler
from worker.store.db.pooler import insist_on_own_server
from worker.store.db.postgres import as_rows, open_pool, transaction
from worker.store.db.session import SPEECH, Session, UnfitError
from worker.store.db.write_check import look, obstacle

NAMES = "SELECT name FROM json_to_recordset(%(rows)s) AS given (name text)"


@pytest.fixture(scope="module")
def by_session(services: tuple[str, str]) -> Generator[str]:
    with pgbouncer(services[1], pool_mode="session", ignore_startup_parameters="options") as url:
        yield url


def through(url: str, database_url: str) -> str:
    """The pooler's way to a database of the test."""
    return f"{url.rpartition('/')[0]}/{database_url.rpartition('/')[2]}"


def test_a_direct_connection_is_no_pooler(database_url: str) -> None:
    with Session.connect(database_url) as connection:
        insist_on_own_server(connection, "postgresql://127.0.0.1:1/nobody-asks-this-one")


@pytest.mark.parametrize("idle", [1, 3])
@pytest.mark.parametrize("in_turn", [0, 1])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_keeps_no_session_is_refused_by_name(
    database_url: str, mode: str, in_turn: int, idle: int
) -> None:
    with pgbouncer(database_url, pool_mode=mode, server_round_robin=in_turn, default_pool_size=idle) as url:
        fill(url, idle)

        with pytest.raises(UnfitError, match="pool_mode = session"):
            look(url)

        assert "pool_mode = session" in str(obstacle(url))


def fill(url: str, count: int) -> None:
    """Let the pooler open so many servers, which are idle then."""
    with ExitStack() as stack, ThreadPoolExecutor(count) as threads:
        clients = [stack.enter_context(closing(psycopg.connect(url, autocommit=True))) for _ in range(count)]
        list(threads.map(psycopg.Connection.execute, clients, ["SELECT pg_sleep(0.2)"] * count))


def test_a_pooler_of_sessions_is_as_good_as_none(by_session: str, database_url: str) -> None:
    url = through(by_session, database_url)
    names = [{"name": "Їжак ₴"}]

    assert look(url) is None
    with open_pool(url, size=2, name="test") as pool:
        for _ in range(8):  # statements are prepared on the server from the sixth time on
            with transaction(pool) as connection, transaction(pool) as other:
                assert [c.execute(NAMES, {"rows": as_rows(names)}).fetchone() for c in (connection, other)] == [
                    ("Їжак ₴",),
                    ("Їжак ₴",),
                ]


def test_a_pooler_of_sessions_lets_us_migrate(by_session: str, empty_database_url: str) -> None:
    with Session.connect(through(by_session, empty_database_url), settings=SPEECH) as connection:
        assert migrations.migrate(connection)


def test_a_search_path_that_the_pooler_ignores_holds_all_the_same(by_session: str, database_url: str) -> None:
    with Session.connect(through(by_session, database_url) + "?options=-csearch_path%3Dcrm_sms") as connection:
        assert connection.execute("SHOW search_path").fetchone() == ("crm_sms",)


def test_a_session_pooler_with_all_servers_taken_is_accepted(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooler, "SECOND_S", 0.2)
    with pgbouncer(database_url, pool_mode="session", default_pool_size=1) as url, Session.connect(url) as connection:
        insist_on_own_server(connection, url)


def test_options_that_pgbouncer_refuses_are_an_error_with_a_fix(database_url: str) -> None:
    with pgbouncer(database_url, pool_mode="session") as url:
        text = str(obstacle(url + "?options=-csearch_path%3Dpublic"))

    assert text == (
        f'connection to server at "127.0.0.1", port {url.rpartition(":")[2].partition("/")[0]} failed: FATAL: '
        "unsupported startup parameter: options. Write ignore_startup_parameters = options to pgbouncer.ini."
    )
