from hashlib import sha256

import orjson
import pytest

from tests.steps.ledger import accept_batch
from tests.support.crm import delivery, event, row, rows
from worker.core.contract.inbound_message import BODY_MAX, HEAD, truncated
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.ingest import dead_letters

UNOWNED: list[tuple[dict[str, object], str]] = [
    ({"time": "2026-11-23T10:15:00"}, "schema"),
    ({"source": "/accounts/other"}, "account_mismatch"),
    ({"source": 5}, "schema"),
    ({"data": []}, "schema"),
    ({"specversion": "0.3"}, "schema"),
    ({"type": "moon.landed"}, "unknown_type"),
]


@pytest.mark.parametrize(("spoilt", "reason"), UNOWNED)
def test_a_dead_letter_has_the_account_of_its_routing_key(
    intake: Intake, spoilt: dict[str, object], reason: str
) -> None:
    fields = {**event("order.created"), **spoilt}

    accept_batch(intake, delivery(orjson.dumps(fields), key="acme.order.created"))

    assert rows(intake.pool, "SELECT reason, account, event_id, event_type FROM dead_letters") == [
        (reason, "acme", fields["id"], fields["type"])
    ]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"x" * (BODY_MAX + 1), b"[]", b'{"id": [], "type": {}}'])
def test_an_unreadable_body_is_of_the_account_of_its_routing_key(intake: Intake, body: bytes) -> None:
    accept(intake, [truncated(delivery(body, key="acme.order.created"))])

    assert row(intake.pool, "SELECT account, event_id, event_type FROM dead_letters") == ("acme", None, None)


@pytest.mark.parametrize(
    ("body", "is_kept"), [(b"[", False), (b"\xff", False), (b'{"id": "', False), (b'{"id": 5, "x": "%s"}', True)]
)
def test_a_large_body_is_kept_whole_only_if_it_is_readable(intake: Intake, body: bytes, *, is_kept: bool) -> None:
    large = body.replace(b"%s", b"x" * 100_000).ljust(100_000)

    accept_batch(intake, delivery(large, key="acme.x"))

    head, whole, size, hash_ = row(intake.pool, "SELECT head, body, size, body_hash FROM dead_letters")
    assert (bytes(head), whole is not None, size) == (large[:HEAD], is_kept, len(large))
    assert bytes(hash_) == sha256(large).digest()


def test_dead_letters_beyond_the_limit_of_an_account_are_counted(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "DEAD_LETTERS_MAX", 5)
    monkeypatch.setattr(dead_letters, "BODIES_MAX", 2)
    large = b'{"number": %d, "x": "' + b"x" * HEAD + b'"}'

    for _ in range(3):
        accept_batch(intake, *(delivery(large % number, key="acme.x") for number in range(20)))
    accept_batch(intake, *(delivery(large % number, key="other.x") for number in (98, 99)))

    acme = "SELECT count(*), count(body), sum(times) FROM dead_letters WHERE account = 'acme' AND reason = 'schema'"
    assert row(intake.pool, acme) == (5, 2, 5)
    counted = "SELECT account, count(*), sum(times) FROM dead_letters WHERE reason = 'too_many' GROUP BY account"
    assert row(intake.pool, counted) == ("acme", 1, 55)
    assert row(intake.pool, "SELECT count(body) FROM dead_letters WHERE account = 'other'") == (2,)


def test_the_same_bytes_in_one_batch_are_counted(intake: Intake) -> None:
    accept_batch(intake, *[delivery(b"{", key="acme.x")] * 3)

    assert row(intake.pool, "SELECT times FROM dead_letters") == (3,)


def test_the_same_bytes_of_two_accounts_are_a_letter_of_each(intake: Intake) -> None:
    for _ in range(2):
        accept_batch(intake, *(delivery(b"{", key=f"{account}.x") for account in ("acme", "other")))

    letters = rows(intake.pool, "SELECT account, times, body_hash = sha256(body) FROM dead_letters ORDER BY account")
    assert letters == [("acme", 2, True), ("other", 2, True)]
