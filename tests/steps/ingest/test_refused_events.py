from hashlib import sha256

import pytest
from psycopg.errors import CheckViolation, RaiseException

from tests.steps.ledger import accept_batch, reasons
from tests.support.crm import delivery, event, execute, person, row, rows
from worker.core.contract.inbound_message import HEAD
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake


def test_an_event_id_with_other_content_is_a_dead_letter(intake: Intake) -> None:
    body = event()
    other = {**event(), "id": body["id"]}

    accepted = accept_batch(intake, delivery(body), delivery(other))

    assert (accepted.planned, accepted.refused) == (1, 1)
    assert reasons(intake) == ["id_reused"]


BAD = {
    "not_json": (b"{", "acme.x"),
    "not_utf8": (b'{"a": "\xff"}', "acme.x"),
    "too_large": (b'"' + b"x" * 10_000_000 + b'"', "acme.x"),
    "deep": (b"[" * 100_000, "acme.x"),
    "schema": (b'{"specversion": "1.0"}', "acme.x"),
    "forged": (
        b'{"queue_name":"crm.events","actor_name":"accept_events","args":[],"kwargs":{},"options":{}}',
        "acme.x",
    ),
    "number": (b"1" * 5000, "acme.x"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_body_that_is_no_event_is_a_dead_letter(intake: Intake, fault: str) -> None:
    body, key = BAD[fault]

    accepted = accept_batch(intake, delivery(body, key=key), delivery(event()))

    assert (accepted.refused, accepted.planned) == (1, 1)
    reason = {"deep": "not_json", "number": "not_json", "forged": "schema"}.get(fault, fault)
    assert reasons(intake) == [reason]
    head, whole, size = row(intake.pool, "SELECT head, body, size FROM dead_letters")
    assert (bytes(head), size) == (body[:4096], len(body))
    assert (whole is None) == (len(body) > HEAD)


def test_a_wrong_account_type_or_routing_key_is_a_dead_letter(intake: Intake) -> None:
    stranger = event(account="nobody")
    unknown = {**event(), "type": "moon.landed"}
    foreign = event()

    accept_batch(intake, delivery(stranger), delivery(unknown), delivery(foreign, key="other.invoice.payment_recorded"))

    assert sorted(reasons(intake)) == ["account_mismatch", "unknown_account", "unknown_type"]


def test_a_refused_event_does_not_take_its_id(intake: Intake) -> None:
    body = event()
    accept_batch(intake, delivery({**body, "type": "moon.landed"}))

    accepted = accept_batch(intake, delivery(body))

    assert (accepted.events, accepted.planned) == (1, 1)


def test_the_culprit_of_a_batch_is_buried_alone_with_its_traceback(intake: Intake) -> None:
    execute(
        intake.pool,
        "ALTER TABLE records ADD CONSTRAINT only_in_this_test CHECK (facts ->> 'number' IS DISTINCT FROM 'bomb')",
    )
    bomb = event("invoice.overdue", invoice={"id": "9", "number": "bomb"})

    accepted = accept(intake, [delivery(event()), delivery(bomb), delivery(event())])

    assert [part.planned for part in accepted] == [1, 0, 1]
    assert row(intake.pool, "SELECT reason, traceback LIKE '%in write%' FROM dead_letters") == ("failed", True)


def test_a_suspect_is_counted_before_it_runs_and_forgotten_when_it_settles(intake: Intake) -> None:
    message = delivery(event(), returns=2)
    execute(intake.pool, "INSERT INTO suspect_messages VALUES (sha256(%s), 3, now(), now())", message.body)

    accepted = accept_batch(intake, message)

    assert accepted.planned == 1
    assert rows(intake.pool, "SELECT * FROM suspect_messages") == []


def test_a_message_that_killed_four_workers_is_poison(intake: Intake) -> None:
    message = delivery(event(), returns=9)
    execute(intake.pool, "INSERT INTO suspect_messages VALUES (sha256(%s), 4, now(), now())", message.body)

    accepted = accept_batch(intake, message)

    assert (accepted.refused, accepted.planned) == (1, 0)
    assert reasons(intake) == ["poison"]
    assert rows(intake.pool, "SELECT * FROM suspect_messages") == []


def test_an_orderly_return_of_a_suspect_does_not_count(intake: Intake) -> None:
    execute(intake.pool, "ALTER TABLE events RENAME TO away")

    with pytest.raises(Exception, match="events"):
        accept(intake, [delivery(event(), returns=2)])

    assert rows(intake.pool, "SELECT * FROM suspect_messages") == []


def test_a_return_that_postgresql_could_not_note_is_taken_back_later(intake: Intake) -> None:
    intake.uncounted.put(sha256(b"x").digest())
    execute(intake.pool, "INSERT INTO suspect_messages VALUES (sha256('x'), 1, now(), now())")

    accept_batch(intake, delivery(event(), returns=2))

    assert rows(intake.pool, "SELECT * FROM suspect_messages") == []


def test_more_than_500_recipients_are_refused(intake: Intake) -> None:
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(501)]

    accept_batch(intake, delivery(event(recipients=crowd)))

    assert reasons(intake) == ["schema"]
    assert "data.recipients" in row(intake.pool, "SELECT detail FROM dead_letters")[0]


def test_the_culprit_of_a_batch_leaves_a_crowd_beside_it_as_it_is(intake: Intake) -> None:
    execute(
        intake.pool,
        "ALTER TABLE records ADD CONSTRAINT only_in_this_test CHECK (facts ->> 'number' IS DISTINCT FROM 'bomb')",
    )
    crowd = event(padding=[{"phonenumber": ""}] * 2000)
    bomb = event("invoice.overdue", invoice={"id": "9", "number": "bomb"})

    accepted = accept(intake, [delivery(crowd), delivery(bomb), delivery(event())])

    assert [(part.planned, part.repeats, part.refused) for part in accepted] == [(1, 0, 0), (0, 0, 1), (1, 0, 0)]
    assert [len(part.nudges) for part in accepted] == [1, 0, 1]


def test_an_event_whose_details_no_row_takes_is_kept_without_them(intake: Intake) -> None:
    refuse_dead_letters(intake, "routing_key IS NOT NULL")
    message = delivery(b"{", key="bomb")

    accepted = accept(intake, [message, delivery(event())])

    assert [(part.planned, part.refused) for part in accepted] == [(0, 1), (1, 0)]
    kept = row(intake.pool, "SELECT reason, head, size, body_hash = sha256(head), routing_key FROM dead_letters")
    assert kept == ("failed", b"{", 1, True, None)


def test_a_suspect_that_breaks_its_own_dead_letter_is_poison_at_five(intake: Intake) -> None:
    refuse_dead_letters(intake, "reason <> 'poison'")
    message = delivery(b"{", returns=2)

    for _ in range(4):
        with pytest.raises(CheckViolation):
            accept(intake, [message])
    accepted = accept_batch(intake, message)

    assert accepted.refused == 1
    assert reasons(intake) == ["poison"]


def test_a_return_that_fails_at_commit_stays_uncounted(intake: Intake) -> None:
    for statement in FAILS_AT_COMMIT:
        execute(intake.pool, statement)
    hash_ = sha256(b"x").digest()
    intake.uncounted.put(hash_)
    execute(intake.pool, "INSERT INTO suspect_messages VALUES (%s, 1, now(), now())", hash_)

    with pytest.raises(RaiseException):
        accept(intake, [delivery(event(), returns=2)])

    assert intake.uncounted.get_nowait() == hash_


FAILS_AT_COMMIT = (
    "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'at the commit'; END$$",
    """CREATE CONSTRAINT TRIGGER late AFTER DELETE ON suspect_messages DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fail()""",
)


def refuse_dead_letters(intake: Intake, fault: str) -> None:
    execute(intake.pool, f"ALTER TABLE dead_letters ADD CONSTRAINT only_in_this_test CHECK (NOT ({fault}))")
