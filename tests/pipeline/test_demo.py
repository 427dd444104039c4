import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from datetime import datetime
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from deploy.services import ServicesError
from deploy.services.environment import Services, check_urls
from tests.core.examples import account, drafted
from tests.support.crm import SECRET, execute, row
from tests.support.waiting import PATIENCE_S
from worker.cli.demo.scenario import scene
from worker.core.contract.event import Event, read
from worker.core.texts.segments import segments
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.db.postgres import Pool

REASONS = (
    *("not_json", "schema", "unknown_account", "account_mismatch", "id_reused", "unknown_template"),
    *("bad_phone", "landline", "no_consent", "self_assigned", "suppressed", "not_allowed_number_stoplist"),
)
#: What a newcomer is to see, beside every trigger: what became of messages, by which channels, for how much.
SEEN = (
    *("delivered", "read in Viber", "not delivered: the phone could not be reached", "the client is on our stop-list"),
    *("Viber, then SMS", "0.00 + 1.28", "Viber", "0.80", "2.56", "Money: messages: 28, segments: 36, "),
    *("What the CRMs heard of it, from the exchange sms.outcomes", "notification.delivered", "event.refused"),
    *("Not delivered: the phone could not be reached.", "Not sent: the number is on the provider's stop-list."),
    *("the scheduler: meeting", "the scheduler: booking", "the scheduler: birthday, consent recorded"),
)
#: An ordinary day, its last second, and the hours in which clocks go back and forward.
MOMENTS = [
    datetime.fromisoformat(moment)
    for moment in ("2026-11-24T10:00:00Z", "2026-11-24T21:59:59Z", "2026-10-25T00:30:00Z", "2026-03-29T01:00:00Z")
]


@pytest.fixture
def role(database_url: str) -> Generator[str]:
    """The URL for somebody who may make schemas in this database, and no database."""
    parts = urlsplit(database_url)
    name = sql.Identifier(parts.path[1:] + "_role")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'hunter2'").format(name))
        grant = (sql.Identifier(parts.path[1:]), name)
        connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(*grant))
        address = parts.netloc.rpartition("@")[2]
        yield parts._replace(netloc=f"{parts.path[1:]}_role:hunter2@{address}").geturl()
        connection.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM {}").format(*grant))
        connection.execute(sql.SQL("DROP ROLE {}").format(name))


def demo(amqp_url: str, database_url: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SMS_AMQP_URL": amqp_url, "SMS_DATABASE_URL": database_url, "SMS_SECRET_KEY": SECRET}
    environment |= {"NO_COLOR": "1", "COLUMNS": "400"}
    return subprocess.run(
        [sys.executable, "-m", "worker", "demo"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_the_demo_succeeds_for_a_role_that_may_make_no_database(amqp_url: str, role: str, pool: Pool) -> None:
    done = demo(amqp_url, role)

    assert done.returncode == 0, done.stdout + done.stderr
    for trigger in TRIGGERS:
        assert trigger.id in done.stdout
    assert "repeated events, which sent nothing more: 1" in done.stdout
    for text in (*REASONS, *SEEN):
        assert text in done.stdout, text
    assert row(pool, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sms_demo%%'") == (0,)
    assert row(pool, "SELECT count(*) FROM events") == (0,)


def test_a_role_without_rights_gets_what_the_demo_needs(amqp_url: str, role: str, pool: Pool) -> None:
    name = urlsplit(role).username or ""
    database = urlsplit(role).path[1:]
    execute(pool, f"REVOKE CREATE ON DATABASE {database} FROM {name}")

    done = demo(amqp_url, role)

    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"The role {name} may make neither a database nor a schema in {database}: ALTER ROLE {name} CREATEDB, or "
        f"GRANT CREATE ON DATABASE {database} TO {name}."
    )
    with pytest.raises(ServicesError, match="the tests make databases and roles"):
        check_urls(Services(amqp_url, role), for_tests=True)


@pytest.mark.parametrize("now", MOMENTS)
def test_the_demo_has_a_well_formed_text_of_every_trigger(now: datetime) -> None:
    texts = dict(expected_texts(now))

    assert texts.keys() == {trigger.id for trigger in TRIGGERS}
    for trigger, text in texts.items():
        assert re.match(r"[А-ЯІЇЄҐ№\d]", text), trigger
        assert not re.search(r"[{}\[\]]|&#|  | ,|None|,:|: *$|, *$", text), text
        assert segments(text).count <= 2, text


def expected_texts(now: datetime) -> Iterator[tuple[str, str]]:
    """What the scene's people read, by trigger."""
    for shot in scene("run", now=now):
        event = read(shot.body, routing_key=shot.routing_key, now=now)
        if isinstance(event, Event) and shot.dead is None:
            yield from ((draft.trigger, draft.text) for draft in drafted(event, by=account(), now=now) if draft.phone)
