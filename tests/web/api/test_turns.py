"""No account takes all threads of the API, or all room to wait for one."""

import socket
import threading
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.crm import SECRET, add_account, rows
from tests.support.http_client import NO_CERTIFICATES
from tests.support.waiting import PATIENCE_S, wait_until
from tests.web.api.conftest import Api, bearer, served
from worker.steps.access.api_keys import Wanted, authenticate, make, revoke
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, transaction
from worker.web.api import door, service
from worker.web.api.door import OF_AN_ACCOUNT, WAITING
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.hands.send import send_text
from worker.web.api.service import GONE

OLENA = {"kind": "contact", "id": "17", "phonenumber": "067 123 45 67"}
MOST, REFUSED = OF_AN_ACCOUNT + WAITING, 10
GATE = threading.Semaphore(0)
ENTERED: list[str] = []


@endpoint("GET", "/gate", scope="read", tag="gate", answer=dict[str, str])
def pass_gate(call: Call[None, None]) -> Answer:
    """Pass the gate, once it is open for one more."""
    ENTERED.append(call.account)
    if call.account == "acme":
        assert GATE.acquire(timeout=PATIENCE_S)
    return Answer({"account": call.account})


def ask(url: str, authorization: str) -> int:
    return httpx.get(
        f"{url}/api/v1/gate", headers={"Authorization": authorization}, verify=NO_CERTIFICATES, timeout=PATIENCE_S
    ).status_code


@pytest.fixture
def gate(acme_pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Generator[Api]:
    monkeypatch.setattr(service, "FRESH_S", 0)
    add_account(acme_pool, "beta")
    ENTERED.clear()
    with served(database_url, [pass_gate]) as api:
        yield api


def test_an_account_that_asks_much_keeps_no_other_waiting(gate: Api) -> None:
    with ThreadPoolExecutor(MOST + REFUSED) as crowd:
        answers = [crowd.submit(ask, gate.url, bearer("acme")) for _ in range(MOST + REFUSED)]
        wait_until(lambda: sum(answer.done() for answer in answers) == REFUSED, "there is no more room for it")
        at_work, others = ENTERED.count("acme"), ask(gate.url, bearer("beta"))
        GATE.release(MOST + 1)
        codes = Counter(answer.result() for answer in answers)

    assert (at_work, others, codes) == (OF_AN_ACCOUNT, 200, {200: MOST, 503: REFUSED})
    assert ask(gate.url, bearer("acme")) == 200


def test_who_waits_too_long_for_a_turn_is_sent_back(
    acme_pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acme_pool
    ENTERED.clear()
    monkeypatch.setattr(door, "TURN_S", 0.2)
    with served(database_url, [pass_gate]) as api, ThreadPoolExecutor(OF_AN_ACCOUNT) as crowd:
        at_work = [crowd.submit(ask, api.url, bearer("acme")) for _ in range(OF_AN_ACCOUNT)]
        wait_until(lambda: len(ENTERED) == OF_AN_ACCOUNT, "all turns are taken")
        late = ask(api.url, bearer("acme"))
        GATE.release(OF_AN_ACCOUNT)

        assert (late, [answer.result() for answer in at_work]) == (503, [200] * OF_AN_ACCOUNT)


def test_nothing_is_done_for_a_client_that_is_gone(gate: Api) -> None:
    at = urlsplit(gate.url)
    with ThreadPoolExecutor(OF_AN_ACCOUNT) as crowd:
        at_work = [crowd.submit(ask, gate.url, bearer("acme")) for _ in range(OF_AN_ACCOUNT)]
        wait_until(lambda: len(ENTERED) == OF_AN_ACCOUNT, "all turns are taken")
        with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as client:
            head = f"GET /api/v1/gate HTTP/1.1\r\nhost: x\r\nauthorization: {bearer('acme')}\r\n\r\n"
            client.sendall(head.encode())
            wait_until(lambda: len(gate.lookups) > 2 * OF_AN_ACCOUNT, "it waits for its turn")
        assert ask(gate.url, bearer("beta")) == 200
        GATE.release(OF_AN_ACCOUNT)
        assert [answer.result() for answer in at_work] == [200] * OF_AN_ACCOUNT

    wait_until(lambda: ("pass_gate", GONE) in gate.answers, "it is let go")
    assert ENTERED.count("acme") == OF_AN_ACCOUNT


def test_a_request_that_goes_at_once_looks_its_key_up_once(gate: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "FRESH_S", PATIENCE_S)

    assert ask(gate.url, bearer("beta")) == 200

    assert gate.lookups == [bearer("beta")]


def test_a_key_that_is_revoked_while_its_request_waits_sends_nothing(
    acme_pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ENTERED.clear()
    monkeypatch.setattr(service, "FRESH_S", 0)
    with transaction(acme_pool) as connection:
        now = clock(connection)
        made = make(connection, Seal([SECRET]), Wanted("acme", "CRM", ["read", "send"]), by="test", now=now)
    key = f"Bearer {made.text}"
    with (
        served(database_url, [pass_gate, send_text], authenticate) as api,
        ThreadPoolExecutor(OF_AN_ACCOUNT + 1) as crowd,
    ):
        at_work = [crowd.submit(ask, api.url, key) for _ in range(OF_AN_ACCOUNT)]
        wait_until(lambda: len(ENTERED) == OF_AN_ACCOUNT, "all turns are taken")
        sending = crowd.submit(
            httpx.post,
            f"{api.url}/api/v1/send",
            json={"recipients": [OLENA], "text": "Вітаємо!"},
            headers={"Authorization": key, "Idempotency-Key": "one"},
            verify=NO_CERTIFICATES,
            timeout=PATIENCE_S,
        )
        wait_until(lambda: len(api.lookups) > 2 * OF_AN_ACCOUNT, "it waits for its turn")
        with transaction(acme_pool) as connection:
            assert revoke(connection, made.id, by="test", now=now)
        GATE.release(OF_AN_ACCOUNT)

        assert [answer.result() for answer in at_work] == [200] * OF_AN_ACCOUNT
        assert sending.result().status_code == 401
    assert rows(acme_pool, "SELECT * FROM notifications") == []
