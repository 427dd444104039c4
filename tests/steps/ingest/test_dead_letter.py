import orjson
import pytest

from tests.support.crm import add_account, event, execute, row, rows
from worker.core.contract.inbound_message import BODY_MAX, HEAD, Delivery, truncated
from worker.steps.ingest.dead_letter import bury
from worker.steps.ingest.plan import Intake
from worker.steps.operate.replay import Replay, Replayed, replay
from worker.store.db.postgres import Pool


def message(body: bytes, *, key: str = "sms.dead", death: str | None = None) -> Delivery:
    return Delivery(body, key, "sms.dead", death=death)


def test_a_forged_death_is_kept_without_what_postgresql_refuses(pool: Pool) -> None:
    bury(pool, [message(b"{}", key="sms.\x00dead", death="rejected\x00 in sms.\ud83durgent" + "x" * 100_000)])

    key, detail = row(pool, "SELECT routing_key, detail FROM dead_letters")
    assert key == "sms.dead"
    assert "rejected in sms.urgent" in detail
    assert len(detail) <= 2000


def test_a_message_that_no_row_takes_is_kept_bare_and_its_neighbours_whole(pool: Pool) -> None:
    check = "ALTER TABLE dead_letters ADD CONSTRAINT only_in_this_test CHECK (routing_key IS DISTINCT FROM 'bomb')"
    execute(pool, check)
    bomb = b"{bomb" + b"x" * HEAD

    bury(pool, [message(b"{1"), message(bomb, key="bomb"), message(b"{2")])

    results = rows(pool, "SELECT head, body, size, hash = sha256(%s) FROM dead_letters ORDER BY id", bomb)
    assert [(bytes(head), body and bytes(body), size, same) for head, body, size, same in results] == [
        (b"{1", b"{1", 2, False),
        (bomb[:HEAD], None, len(bomb), True),
        (b"{2", b"{2", 2, False),
    ]


def test_two_huge_messages_that_begin_alike_are_two(pool: Pool) -> None:
    huge = [b"x" * BODY_MAX + end for end in (b"1", b"2")]

    bury(pool, [truncated(message(body)) for body in huge])

    results = rows(pool, "SELECT size, hash IN (sha256(%s), sha256(%s)), body FROM dead_letters", *huge)
    assert results == [(BODY_MAX + 1, True, None)] * 2


@pytest.mark.parametrize("queue", ["sms.urgent", "sms.normal", "sms.bulk"])
@pytest.mark.parametrize("cause", ["expired", "maxlen"])
def test_a_nudge_whose_wait_a_policy_ended_is_nothing_to_look_at(pool: Pool, cause: str, queue: str) -> None:
    swept = message(b"{}", death=f"{cause} in {queue}")

    bury(pool, [swept])
    bury(pool, [swept, message(b"{1", death=f"rejected in {queue}")])

    assert rows(pool, "SELECT reason, head FROM dead_letters") == [("envelope", b"{1")]


@pytest.mark.parametrize("queue", ["crm.events", "crm.events.urgent"])
def test_an_event_that_a_policy_took_away_is_kept_and_can_be_replayed(pool: Pool, intake: Intake, queue: str) -> None:
    add_account(pool)
    body = orjson.dumps({**event(), "id": "taken"})

    bury(pool, [message(body, key="acme.invoice.payment_recorded", death=f"expired in {queue}")])

    results = row(pool, "SELECT kind, reason, account, event_id, routing_key FROM dead_letters")
    assert results == ("event", "taken_away", "acme", "taken", "acme.invoice.payment_recorded")
    [number] = row(pool, "SELECT id FROM dead_letters")
    assert replay(intake, number, Replay("test")) == Replayed({"planned": 1})
