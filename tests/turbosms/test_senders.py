import pytest

from worker.turbosms.client import NoReply, Reply
from worker.turbosms.senders import KnownSender, senders_of


def test_senders_are_read_with_their_status_and_odd_rows_left_out() -> None:
    body = b"""{"response_code": 0, "response_result": [
        {"name": "DemoShop", "status": "national"}, {"name": "Shop"}, {"status": "operator"}, 5, {"name": ""}
    ]}"""

    assert senders_of(Reply(200, body)) == [KnownSender("DemoShop", "national"), KnownSender("Shop", "")]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"response_code": 300, "response_result": null}', "code 300"),
        ('{"response_result": 5}', "unreadable"),
        ("<html>", "HTTP 502"),
    ],
)
def test_an_answer_without_senders_has_a_reason(body: str, why: str) -> None:
    assert senders_of(Reply(502, body.encode())) == why


def test_no_reply_has_no_senders() -> None:
    assert senders_of(NoReply("timeout", left=True)) == "timeout"
