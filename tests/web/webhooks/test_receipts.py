"""What TurboSMS posts is written down once, and answered so that nothing is lost and nobody can lie."""

import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
import structlog
from psycopg.errors import UndefinedTable

from tests.steps.receipts.receipts import states_by_message, taken
from tests.support.crm import add_account, execute, rows
from tests.support.http_client import NO_CERTIFICATES, http
from tests.support.waiting import PATIENCE_S, wait_until
from tests.web.conftest import KEY, Console, body, set_key
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.turbosms.callback import BODY_AT_MOST
from worker.web.process import ResultLog
from worker.web.webhooks import receipts


@pytest.mark.parametrize("last", [False, True])
def test_a_callback_is_recorded_in_either_order_of_signing(console: Console, pool: Pool, *, last: bool) -> None:
    taken(pool, "m-1")

    assert console.post(last=last) == (200, "recorded")

    assert states_by_message(pool) == {"m-1": ("delivered", None)}
    assert (console.results[0].account, console.results[0].order) == ("acme", "id_secret" if last else "secret_id")


def test_a_repeated_callback_is_taken_and_changes_nothing(console: Console, pool: Pool) -> None:
    taken(pool, "m-1")
    console.post()

    assert console.post(nth=2) == (200, "repeated")

    assert rows(pool, "SELECT to_state FROM transitions WHERE to_state = 'delivered'") == [("delivered",)]


def test_an_unknown_message_is_sent_back_three_times_and_then_taken(console: Console) -> None:
    answers = [console.post(nth=nth) for nth in (1, 2, 3, 4, 10)]

    assert answers == [*[(404, "unknown")] * 3, *[(200, "not_ours")] * 2]


def test_an_early_receipt_is_recorded_when_it_comes_again(console: Console, pool: Pool) -> None:
    early = console.post()
    taken(pool, "m-1")

    assert (early, console.post(nth=2)) == ((404, "unknown"), (200, "recorded"))
    assert states_by_message(pool) == {"m-1": ("delivered", None)}


def test_a_signature_that_named_another_message_is_refused(console: Console, pool: Pool) -> None:
    taken(pool, "m-1", "m-2")
    console.post(message="m-1")

    assert console.post(message="m-2", status="UNDELIV") == (409, "rebound")
    assert states_by_message(pool) == {"m-1": ("delivered", None), "m-2": ("accepted", None)}


def test_an_unknown_account_and_a_wrong_key_have_the_same_answer(console: Console, pool: Pool) -> None:
    add_account(pool, "deaf")
    url = f"{console.url}/turbosms"

    answers = [
        http.post(f"{url}/{account}/receipts", json=body(key=key))
        for account, key in (("acme", "wrong"), ("nobody", "wrong"), ("deaf", "wrong"), ("deaf", ""))
    ]

    assert {(response.status_code, response.text) for response in answers} == {
        (403, "The account or the signature is wrong.\n")
    }
    assert {result.account for result in console.results} == {""}


def test_a_key_of_one_account_opens_no_other(console: Console, pool: Pool) -> None:
    add_account(pool, "other")
    set_key(pool, "other", "another-key")
    taken(pool, "m-1", account="other")

    assert console.post("other") == (403, "forged")
    assert console.post("other", key="another-key") == (200, "recorded")


def test_a_key_that_was_just_set_is_accepted(console: Console, pool: Pool) -> None:
    taken(pool, "m-1")
    console.post(status="SENT")
    set_key(pool, key="the-new-key")

    wait_until(
        lambda: console.post("acme", event="e-2", key="the-new-key") == (200, "recorded"), "the new key is known"
    )


@pytest.mark.parametrize(
    ("content", "code", "outcome"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b"[1]", 400, "malformed"),
        (b"id=e-1&signature=x", 400, "malformed"),
        ({"id": "e-1"}, 400, "malformed"),
        (b" " * (BODY_AT_MOST + 1), 413, "too_large"),
        (b"[" * BODY_AT_MOST, 400, "malformed"),
    ],
)
def test_a_malformed_callback_is_refused_without_repeating_it(
    console: Console, content: object, code: int, outcome: str
) -> None:
    assert console.post_raw(content) == (code, outcome)


def test_300_megabytes_are_not_read(console: Console) -> None:
    at = urlsplit(console.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as connection:
        head = "POST /turbosms/acme/receipts HTTP/1.1\r\nhost: x\r\ncontent-length: 314572800\r\n\r\n"
        connection.sendall(head.encode() + b" " * (BODY_AT_MOST + 1))

        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_trickles_in_is_not_waited_for(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "BODY_S", 0.2)
    at = urlsplit(console.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"POST /turbosms/acme/receipts HTTP/1.1\r\nhost: x\r\ncontent-length: 250\r\n\r\n{")

        assert connection.recv(4096).startswith(b"HTTP/1.1 408 ")
    assert console.results[-1].outcome == "slow_body"


@pytest.mark.parametrize(("verb", "address", "code"), [("GET", "/turbosms/acme/receipts", 405), ("POST", "/", 404)])
def test_there_is_nothing_else_here(console: Console, verb: str, address: str, code: int) -> None:
    assert http.request(verb, f"{console.url}{address}").status_code == code


def test_a_database_that_takes_nothing_is_503_and_nothing_is_lost(console: Console, pool: Pool) -> None:
    taken(pool, "m-1")
    console.post(status="SENT")
    execute(pool, "ALTER TABLE callbacks RENAME TO away")

    away = console.post(event="e-2")
    execute(pool, "ALTER TABLE away RENAME TO callbacks")

    assert (away, console.post(event="e-2", nth=2)) == ((503, "away"), (200, "recorded"))
    assert states_by_message(pool) == {"m-1": ("delivered", None)}
    assert [type(result.fault) for result in console.results] == [type(None), UndefinedTable, type(None)]


def test_a_refused_callback_is_logged_once_a_minute_with_its_cause(console: Console, pool: Pool) -> None:
    execute(pool, "ALTER TABLE callbacks RENAME TO away")
    console.post()
    teller = ResultLog()

    with structlog.testing.capture_logs() as log_entries:
        for _ in range(3):
            teller.record(console.results[-1], 0.1)

    refused = [line for line in log_entries if line["event"] == "callback.refused"]
    assert [(line["outcome"], type(line["exc_info"])) for line in refused] == [("away", UndefinedTable)]


def test_callbacks_that_come_together_share_transactions(console: Console, pool: Pool) -> None:
    messages = [f"m-{nth}" for nth in range(200)]
    taken(pool, *messages)
    url = f"{console.url}/turbosms/acme/receipts"

    with httpx.Client(verify=NO_CERTIFICATES, timeout=PATIENCE_S) as client, ThreadPoolExecutor(40) as posts:

        def post(message: str) -> int:
            return client.post(url, json=body(f"e/{message}", message=message)).status_code

        codes = list(posts.map(post, messages))

    assert set(codes) == {200}
    assert set(states_by_message(pool).values()) == {("delivered", None)}
    ((transactions,),) = rows(pool, "SELECT count(DISTINCT recorded_at) FROM callbacks")
    assert transactions < 100


def test_a_callback_of_an_unopened_key_comes_again(console: Console, pool: Pool) -> None:
    taken(pool, "m-1")
    foreign = Seal(["a key of another process"]).close(KEY.encode(), callback_key_of("acme"))
    execute(pool, "UPDATE accounts SET callback_secret = %s", foreign)

    assert console.post() == (503, "away")

    set_key(pool)
    wait_until(lambda: console.post(nth=2) == (200, "recorded"), "the key is read again")
