from decimal import Decimal

import pytest

from worker.turbosms.balance import balance_of
from worker.turbosms.client import NoReply, Reply


@pytest.mark.parametrize("written", ["2106.42", '"2106.42"'])
def test_money_is_read_as_a_number_or_a_string(written: str) -> None:
    body = f'{{"response_code": 0, "response_status": "OK", "response_result": {{"balance": {written}}}}}'

    assert balance_of(Reply(200, body.encode())) == Decimal("2106.42")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"response_code": 105, "response_status": "REQUIRED_AUTH", "response_result": null}', "code 105"),
        ('{"response_code": 0, "response_result": {"balance": "NaN"}}', "unreadable"),
        ('{"response_code": 0, "response_result": {"balance": "much"}}', "unreadable"),
        ("[]", "unreadable"),
        ("<html>", "HTTP 502"),
    ],
)
def test_an_answer_without_a_balance_has_a_reason(body: str, why: str) -> None:
    assert balance_of(Reply(502, body.encode())) == why


def test_no_reply_has_no_balance() -> None:
    assert balance_of(NoReply("timeout", left=True)) == "timeout"
