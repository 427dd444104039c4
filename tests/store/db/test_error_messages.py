import re
from urllib.parse import urlsplit

import psycopg
import pytest

from worker.store.db.error_messages import describe, explain
from worker.store.db.session import Session


def refused(url: str, statement: str = "SELECT 1") -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught, Session.connect(url) as connection:
        connection.execute(statement.encode())
    return caught.value


def test_a_failed_login_has_postgresqls_message_and_a_fix(database_url: str) -> None:
    parts = urlsplit(database_url)
    password = parts.password or ""
    faults = {
        database_url.replace(password, "hunter2"): ('password authentication failed for user "', "Fix the user or"),
        parts._replace(path="/nowhere").geturl(): (
            'database "nowhere" does not exist',
            "createdb --template=template0",
        ),
        f"{database_url}?sslmode=require": ("server does not support SSL, but SSL was required", "Fix sslmode"),
        "postgresql://u:hunter2@127.0.0.1:1/sms": ("Connection refused", "Start it, or fix SMS_DATABASE_URL."),
        "postgresql://u:hunter2@nowhere.invalid/sms": ("nowhere.invalid", "Start it, or fix SMS_DATABASE_URL."),
    }

    for url, (name, fix) in faults.items():
        text = explain(refused(url))

        assert name in text
        assert fix in text
        assert "\n" not in text
        assert not any(secret in text for secret in ("hunter2", password))


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("SELECT 'Олена'::integer", "InvalidTextRepresentation (22P02)."),
        ("SELECT nobody FROM accounts", 'column "nobody" does not exist (42703).'),
        ("SET transaction_read_only = on; CREATE TABLE t ()", "target_session_attrs=read-write"),
        ("SET statement_timeout = 1; SELECT pg_sleep(9)", "Another session holds what it needs"),
    ],
)
def test_the_error_of_a_refused_statement_has_no_value(database_url: str, statement: str, text: str) -> None:
    sentence = explain(refused(database_url, statement))

    assert text in sentence
    assert "Олена" not in sentence


def test_hosts_that_all_refuse_are_one_line() -> None:
    error = refused("postgresql://u:hunter2@127.0.0.1:1,127.0.0.1:2/sms")

    assert re.fullmatch(r'connection to server at "127.0.0.1", port \d failed: Connection refused .*', describe(error))
