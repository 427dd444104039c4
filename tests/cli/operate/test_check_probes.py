import pytest

from worker.cli.operate.check_probes import judged
from worker.steps.accounts.credentials import checked
from worker.turbosms.client import Reply


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b'{"response_code": 0, "response_result": {"balance": 1}}', "ok"),
        (b'{"response_code": 105}', "wrong"),
        (b'{"response_code": 406}', "note"),
        (b'{"response_code": true}', "away"),
        (b'{"response_code": 1000}', "away"),
        (b'{"response_code": -1}', "away"),
        (b"[]", "away"),
        (b"<html>", "away"),
    ],
)
def test_a_token_is_judged_by_a_code_that_turbosms_could_give(body: bytes, state: str) -> None:
    assert judged("acme", checked(Reply(200, body))).state == state
