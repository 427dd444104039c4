from contextlib import closing

import psycopg
import pytest
from psycopg import sql

from tests.support.databases import encoded_database
from worker.store.db import migrations, session
from worker.store.db.postgres import Pool, as_rows, open_pool, transaction
from worker.store.db.session import LOOKUPS, SPEECH, Session, UnfitError, search_path_in
from worker.store.db.temporary_database import with_search_path
from worker.store.db.write_check import obstacle

#: What a server, a database or a role may set otherwise.
STRANGE = {
    "client_encoding": "WIN1251",
    "TimeZone": "America/New_York",
    "DateStyle": "German",
    "IntervalStyle": "iso_8601",
    "default_transaction_isolation": "serializable",
    "statement_timeout": "1s",
    "enable_hashjoin": "on",
}
NAMES = "SELECT name FROM json_to_recordset(%(rows)s) AS given (name text)"


def test_a_session_has_our_settings_whatever_the_database_sets(pool: Pool, database_url: str) -> None:
    with pool.connection() as connection:
        connection.autocommit = True
        for name, value in STRANGE.items():
            change = sql.SQL("ALTER DATABASE {} SET {} = {}")
            connection.execute(
                change.format(sql.Identifier(connection.info.dbname), sql.Identifier(name), sql.Literal(value))
            )
        connection.autocommit = False

    with open_pool(database_url, size=1, name="test") as ours, transaction(ours) as connection:
        fields = {name: query_value(connection, f"SHOW {name}") for name in LOOKUPS}
        text = connection.execute(NAMES, {"rows": as_rows([{"name": "Вітаємо! ₴"}])}).fetchone()

    assert (fields, text) == (dict(LOOKUPS), ("Вітаємо! ₴",))


def test_a_command_leaves_the_planner_free(database_url: str) -> None:
    with closing(Session.connect(database_url)) as connection:
        assert {query_value(connection, f"SHOW {name}") for name in LOOKUPS if name.startswith("enable_")} == {"on"}
        assert query_value(connection, "SHOW plan_cache_mode") == "auto"


def query_value(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def test_settings_of_the_url_are_kept(database_url: str) -> None:
    url = f"{database_url}?connect_timeout=7&application_name=crm&options=-cwork_mem%3D7MB%20-csearch_path%3Dcrm_sms"

    with closing(Session.connect(url, application_name="ours")) as connection:
        results = [
            query_value(connection, f"SHOW {name}") for name in ("work_mem", "search_path", "application_name", "jit")
        ]

        assert results == ["7MB", "crm_sms", "crm", "off"]
        assert connection.info.get_parameters()["connect_timeout"] == "7"


def test_the_search_path_of_the_url_decides_where_the_schema_lies(empty_database_url: str) -> None:
    with closing(psycopg.connect(empty_database_url, autocommit=True)) as connection:
        connection.execute("CREATE SCHEMA crm_sms")
        with closing(Session.connect(f"{empty_database_url}?options=-csearch_path%3Dcrm_sms", settings=SPEECH)) as ours:
            migrations.migrate(ours)

        schemas = "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname IN ('public', 'crm_sms')"
        assert connection.execute(schemas.encode()).fetchall() == [("crm_sms",)]


@pytest.mark.parametrize("encoding", ["WIN1251", "KOI8U", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_text_is_refused_by_name(services: tuple[str, str], encoding: str) -> None:
    with encoded_database(services[1], encoding) as url:
        with pytest.raises(UnfitError) as caught:
            Session.connect(url)

        assert f"has the encoding {encoding}" in str(caught.value)
        assert "createdb --template=template0 --encoding=UTF8" in str(obstacle(url))


def test_a_setting_that_is_lost_again_is_named(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "SET", "SELECT %(settings)s::json")

    with pytest.raises(UnfitError, match=r"statement_timeout.*pool_mode = session"):
        Session.connect(database_url)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("", None),
        ("-cwork_mem=7MB", None),
        ("-csearch_path=crm", "crm"),
        ("-c search_path=crm,public -c jit=off", "crm,public"),
        ("--search_path=crm", "crm"),
        ("--search-path=a -csearch_path=b", "b"),
        (r"-csearch_path=a,\ b", "a, b"),
        (r"-capplication_name=x\ -csearch_path=y", None),
    ],
)
def test_the_search_path_among_options(options: str, path: str | None) -> None:
    assert search_path_in(options) == path


@pytest.mark.parametrize("query", ["", "?options=-cwork_mem%3D7MB", "?sslmode=prefer&options=-csearch_path%3Dother"])
def test_a_search_path_is_added_to_the_options_of_a_url(database_url: str, query: str) -> None:
    with closing(Session.connect(with_search_path(database_url + query, "crm_sms"))) as connection:
        assert query_value(connection, "SHOW search_path") == "crm_sms"
        assert query_value(connection, "SHOW work_mem") == ("7MB" if "work_mem" in query else "4MB")
