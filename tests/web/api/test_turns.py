"""No account takes all threads of the API, or all room to wait for one."""

import threading
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.crm import add_account
from tests.support.http_client import NO_CERTIFICATES
from tests.support.waiting import PATIENCE_S, wait_until
from tests.web.api.conftest import Api, served
from worker.store.db.postgres import Pool
from worker.web.api.door import OF_AN_ACCOUNT, WAITING
from worker.web.api.endpoint import Answer, Call, endpoint

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


@pytest.fixture
def gate(acme_pool: Pool, database_url: str) -> Generator[Api]:
    add_account(acme_pool, "beta")
    ENTERED.clear()
    with served(database_url, [pass_gate]) as api:
        yield api


def test_an_account_that_asks_much_keeps_no_other_waiting(gate: Api) -> None:
    def asked(key: str) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.get(
            f"{gate.url}/api/v1/gate", headers=headers, verify=NO_CERTIFICATES, timeout=PATIENCE_S
        ).status_code

    with ThreadPoolExecutor(MOST + REFUSED) as crowd:
        answers = [crowd.submit(asked, "acme") for _ in range(MOST + REFUSED)]
        wait_until(lambda: sum(answer.done() for answer in answers) == REFUSED, "there is no more room for it")
        at_work, others = ENTERED.count("acme"), asked("beta")
        GATE.release(MOST + 1)
        codes = Counter(answer.result() for answer in answers)

    assert (at_work, others, codes) == (OF_AN_ACCOUNT, 200, {200: MOST, 503: REFUSED})
    assert asked("acme") == 200
