"""The control addresses show the provider's memory and bend it."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from tests.simulator.client import PHONE, TOKEN, Provider
from tests.support.http_client import NO_CERTIFICATES, http
from tests.support.waiting import IN_VAIN_S, PATIENCE_S
from worker.simulator.ledger import Account
from worker.simulator.server import running
from worker.simulator.settings import Switches

SERVE = "worker.simulator.server"
PROGRAM = f"from {SERVE} import serve; serve(port=0, ready=lambda url: print(url, flush=True))"


def test_messages_are_listed_by_filter_and_page(provider: Provider) -> None:
    for number in range(5):
        provider.send(f"38050111222{number}", key=f"k{number}")

    assert [message["number"] for message in provider.messages()] == [1, 2, 3, 4, 5]
    assert [message["number"] for message in provider.messages("after=2&limit=2")] == [3, 4]
    assert [message["number"] for message in provider.messages("sequence_id=k4")] == [5]
    assert [message["number"] for message in provider.messages("recipient=380501112221")] == [2]


def test_the_state_counts_what_happened(provider: Provider) -> None:
    provider.send(key="k")
    provider.send(key="k")
    provider.send("123")
    provider.send(text="")
    provider.ask("user/balance")

    state = provider.state()

    assert state["requests"] == {"message/send": 4, "user/balance": 1}
    assert (state["posts"], state["created"], state["repeats"]) == (4, 1, 1)
    assert (state["refused_requests"], state["refused_rows"]) == ({"201": 1}, {"305": 1})
    assert (state["balances"], state["in_flight_max"]) == ({"demo": 9998.72}, 1)


def test_a_reset_brings_the_start_back(provider: Provider) -> None:
    start = provider.control("GET", "settings")
    provider.set(price=2, key_cap=10)
    provider.account(token="other", senders=["TAXI"])
    provider.control("POST", "stoplist", {"recipient": PHONE})
    provider.advance(1000)
    provider.send("380671112233", key="k")
    provider.arm("empty")

    provider.control("POST", "reset")

    assert provider.control("GET", "settings") == start
    assert provider.state()["balances"] == {"demo": 10_000}
    assert (provider.messages(), provider.items("faults")) == ([], [])
    assert provider.send(key="k")["response_code"] == 801


def test_ids_never_repeat_after_a_reset(provider: Provider) -> None:
    before = provider.send()["response_result"][0]["message_id"]

    provider.control("POST", "reset")

    assert provider.send()["response_result"][0]["message_id"] != before


def test_settings_show_and_take_changes(provider: Provider) -> None:
    provider.set(price=0.98)

    assert provider.control("GET", "settings")["price"] == 0.98
    provider.send()
    assert provider.messages()[0]["price"] == 0.98


def test_latency_delays_every_answer(provider: Provider) -> None:
    provider.set(latency_ms=3_000)

    with pytest.raises(httpx.ReadTimeout):
        provider.http.get("/user/ping.json", headers={"authorization": f"Bearer {TOKEN}"}, timeout=IN_VAIN_S)

    provider.set(latency_ms=0)
    assert provider.ask("user/ping")["response_code"] == 1


@pytest.mark.parametrize(
    ("verb", "path", "body", "named"),
    [
        ("PATCH", "settings", {"colour": 1}, "colour"),
        ("PATCH", "settings", {"repeat_shape": "rowz"}, "repeat_shape"),
        ("PATCH", "settings", {"key_cap": -1}, "key_cap"),
        ("POST", "faults", {"fault": "explode"}, "fault"),
        ("POST", "faults", {"fault": "slow", "second": 1}, "second"),
        ("POST", "callback-faults", {"fault": "lost"}, "fault"),
        ("POST", "callback-faults", {"fault": "late", "seconds": -1}, "seconds"),
        ("POST", "callbacks", {"status": "DELIVRD"}, "message_id"),
        ("POST", "accounts", {"senders": ["TAXI"]}, "token"),
        ("POST", "clock", {}, "advance_s"),
        ("POST", "stoplist", [], "JSON object"),
        ("GET", "messages?limt=5", None, "limt"),
    ],
)
def test_a_wrong_control_request_names_its_field(
    provider: Provider, verb: str, path: str, body: object, named: str
) -> None:
    response = provider.http.request(verb, f"/_simulator/{path}", json=body)

    assert response.status_code == 400
    assert named in response.json()["error"]


def test_an_error_never_repeats_a_token(provider: Provider) -> None:
    response = provider.http.post("/_simulator/accounts", json={"token": "secret-one", "balance": "x"})

    assert response.status_code == 400
    assert "secret-one" not in response.text


def test_an_account_keeps_what_a_change_does_not_name(provider: Provider) -> None:
    provider.account(balance=1.28)

    assert provider.send()["response_code"] == 801
    provider.account(blocked=True)
    assert provider.state()["balances"] == {"demo": 0}
    assert provider.send(text="More")["response_code"] == 106


def test_a_name_belongs_to_one_account(provider: Provider) -> None:
    response = provider.http.post("/_simulator/accounts", json={"token": "other", "name": "demo"})

    assert response.status_code == 400


def test_a_cancelled_message_brings_its_money_back_once(provider: Provider) -> None:
    message_id = provider.send()["response_result"][0]["message_id"]

    for _ in range(2):
        provider.control("PATCH", f"messages/{message_id}", {"status": "Cancelled"})

    (row,) = provider.ask("message/status", {"messages": [message_id]})["response_result"]
    assert row["status"] == "Cancelled"
    assert provider.state()["balances"] == {"demo": 10_000}


def test_an_unknown_message_cannot_be_pinned(provider: Provider) -> None:
    response = provider.http.patch("/_simulator/messages/17", json={"status": "Read"})

    assert response.status_code == 404


def test_a_simulator_starts_with_the_accounts_and_switches_given() -> None:
    account = Account(token="t-1", name="acme", senders=frozenset({"Acme"}))

    with running(accounts=[account], switches=Switches(key_cap=5)) as simulator:
        provider = Provider(httpx.Client(verify=NO_CERTIFICATES, base_url=simulator.url))
        with provider.http:
            assert provider.ask("user/balance", token="t-1")["response_code"] == 0
            assert provider.ask("user/balance")["response_code"] == 105
            assert provider.control("GET", "settings")["key_cap"] == 5


def test_a_stopped_simulator_frees_its_port_although_a_client_waits() -> None:
    with running() as simulator:
        provider = Provider(httpx.Client(verify=NO_CERTIFICATES, base_url=simulator.url))
        with provider.http:
            provider.arm("no_answer")
            with pytest.raises(httpx.ReadTimeout):
                provider.http.post(
                    "/message/send.json", json={"x": 1}, headers={"authorization": f"Bearer {TOKEN}"}, timeout=IN_VAIN_S
                )

    port = int(simulator.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)) as listener:
        assert listener.getsockname()[1] == port


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_simulator_prints_its_url_and_ends_on_a_signal(stop: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        answer = http.get(f"{url}/user/ping.json", headers={"authorization": f"Bearer {TOKEN}"})

        os.kill(program.pid, stop)

        assert program.wait(PATIENCE_S) == 0
    assert answer.json()["response_status"] == "PONG"


def test_a_signal_before_the_first_connection_ends_the_program_too() -> None:
    stop = "os.kill(os.getpid(), signal.SIGTERM)"
    program = f"import os, signal; from {SERVE} import serve; serve(port=0, ready=lambda url: {stop})"

    ended = subprocess.run([sys.executable, "-c", program], timeout=PATIENCE_S, check=False)

    assert ended.returncode == 0
