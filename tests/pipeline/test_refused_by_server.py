from __future__ import annotations

from urllib.parse import urlsplit

from tests.pipeline.conftest import System
from tests.support.waiting import wait_until


def test_a_process_that_is_not_let_in_logs_the_servers_own_words_and_the_fix(system: System) -> None:
    database, broker = (urlsplit(system.environment[f"SMS_{name}_URL"]) for name in ("DATABASE", "AMQP"))
    place = database.netloc.replace(database.password or "", "hunter2")

    system.start("worker", SMS_DATABASE_URL=database._replace(netloc=place).geturl())
    system.start("worker", SMS_AMQP_URL=broker._replace(path="/nowhere").geturl())

    wait_until(lambda: system.said("postgresql.away") and system.said("rabbitmq.away"), "both are away")
    (sql,), (amqp, *_) = system.said("postgresql.away"), system.said("rabbitmq.away")
    assert "password authentication failed" in sql["sms.reason"]
    assert "Mend the user or the password in SMS_DATABASE_URL." in sql["sms.reason"]
    assert "vhost nowhere not found" in amqp["sms.reason"]
    assert "rabbitmqctl add_vhost" in amqp["sms.hint"]
