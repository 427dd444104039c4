"""The console as a process: a burst loses nothing, an end finishes what is in hand, and replicas share the work."""

import signal
from collections.abc import Generator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.steps.receipts.receipts import taken
from tests.support.crm import SECRET, TOKEN, add_account, rows
from tests.support.http_client import NO_CERTIFICATES, http
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from tests.web.conftest import KEY, set_key
from tests.web.replica import Replica, replica
from worker.store.db.postgres import Pool

BURST = 1_000
STOPPED_FROM = 300
#: A machine that freezes for a while answers late; a callback that comes again was never refused.
WELL = {"200", "404", "503", "no answer", "hung up"}
#: Between two tries of TurboSMS.
LONGEST_WAIT = timedelta(hours=2)
RECORDED = "SELECT count(*), count(DISTINCT message_id) FROM callbacks WHERE recorded_at IS NOT NULL"


@pytest.fixture
def replicas(database_url: str, pool: Pool, outputs: Path, request: pytest.FixtureRequest) -> Generator[list[Replica]]:
    add_account(pool)
    set_key(pool)
    environment = {"SMS_DATABASE_URL": database_url, "SMS_SECRET_KEY": SECRET}
    with ExitStack() as stack:
        yield [
            stack.enter_context(replica(outputs / f"{request.node.name}-{nth}.log", environment)) for nth in range(2)
        ]


@pytest.mark.long
def test_a_burst_loses_nothing_although_a_replica_ends_amid_it(
    replicas: list[Replica], provider: Provider, pool: Pool
) -> None:
    first, second = replicas
    control = httpx.Client(verify=NO_CERTIFICATES, base_url=f"{provider.url}/_simulator", timeout=PATIENCE_S)
    with control:
        report_to(control, first)
        provider.settings(final_after_s=0.2, sent_after_s=0.1, accepted_after_s=0.1, callback_timeout_s=20)
        control.post("/callback-faults", json={"fault": "burst", "count": BURST, "times": None}).raise_for_status()
        taken(pool, *sent(provider))

        wait_until(lambda: rows(pool, RECORDED)[0][0] >= STOPPED_FROM, "the burst is under way")
        first.process.send_signal(signal.SIGTERM)
        code = first.process.wait(PATIENCE_S)
        report_to(control, second)
        until_taken(provider)
        body = control.get("/callbacks").json()

    assert (code, len(first.lines("console.stopped"))) == (0, 1)
    assert rows(pool, RECORDED) == [(BURST, BURST)]
    assert {str(outcome) for item in body for outcome in item["outcomes"]} <= WELL
    ((sharing,),) = rows(pool, "SELECT count(DISTINCT recorded_at) FROM callbacks")
    assert sharing < BURST


def test_a_console_shows_its_health_and_counts_its_answers(replicas: list[Replica], pool: Pool) -> None:
    _, console = replicas
    taken(pool, "m-1")
    http.post(f"{console.receipts_at}/turbosms/acme/receipts", json={"id": "x"})
    wait_until(lambda: http.get(f"{console.health_at}/readyz").status_code == 200, "it is ready")

    text = http.get(f"{console.health_at}/metrics").text

    assert http.get(f"{console.health_at}/livez").json()["role"] == "console"
    assert 'sms_callbacks_total{answer="malformed"} 1.0' in text
    assert 'sms_callbacks_total{answer="away"} 0.0' in text
    assert "sms_callback_seconds_count 1.0" in text


def report_to(control: httpx.Client, console: Replica) -> None:
    """Let the provider post to this replica, as a proxy would."""
    url = f"{console.receipts_at}/turbosms/acme/receipts"
    control.post("/accounts", json={"token": TOKEN, "callback_url": url, "callback_secret": KEY}).raise_for_status()


def sent(provider: Provider) -> list[str]:
    """Ids of messages that the provider has taken; their reports are on their way."""
    phones = [f"38067{nth:07}" for nth in range(BURST)]
    body = {"recipients": phones, "sms": {"sender": "DemoShop", "text": "Замовлення №7 прийнято"}}
    answer = http.post(
        f"{provider.url}/message/send.json", json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE_S
    )
    return [row["message_id"] for row in answer.json()["response_result"]]


def until_taken(provider: Provider) -> None:
    """Let the provider's clock run until every report was taken."""

    def is_taken() -> bool:
        state = provider.state()
        if (state["callback_due_at"] or 0) > state["now"]:
            provider.advance(LONGEST_WAIT)
        return state["callbacks"] == {"taken": BURST}

    wait_until(is_taken, "every report was taken")
