"""The dead-letter desk: what is found, mended, replayed for good or only tried."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from tests.steps.ledger import accept_batch, job_letter, states
from tests.support.crm import Json, add_account, delivery, event, execute, row, rows
from tests.support.waiting import WAITING_FOR_A_LOCK, wait_until
from worker.core.contract.inbound_message import Delivery
from worker.steps.history import why
from worker.steps.history.why import Reading
from worker.steps.ingest.dead_letter import bury
from worker.steps.ingest.plan import Intake
from worker.steps.operate import dead_letters
from worker.steps.operate.dead_letters import Edited, NotEdited, UnknownValue, unknown_value
from worker.steps.operate.replay import CannotBeReplayed, Outcome, RefusedAgain, Replay, Replayed, replay
from worker.store.db.postgres import Connection, clock, transaction
from worker.store.ingest import dead_letter_list
from worker.store.ingest.dead_letter_list import KeptDeadLetter, Wanted

LEDGER = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM notifications), (SELECT count(*) FROM event_keys)"
BY = Replay("olena")


@pytest.fixture
def connection(intake: Intake) -> Generator[Connection]:
    with transaction(intake.pool) as result:
        yield result


def wrong(**fields: object) -> Json:
    """An event that is refused, for its time has no offset."""
    body = event("order.created")
    return {**body, "time": body["time"].removesuffix("+00:00"), **fields}


def refused(intake: Intake, body: Json | bytes, *, key: str = "acme.order.created") -> int:
    accept_batch(intake, delivery(body if isinstance(body, bytes) else orjson.dumps(body), key=key))
    return row(intake.pool, "SELECT max(id) FROM dead_letters")[0]


def mended(body: Json, **fields: object) -> bytes:
    return orjson.dumps({**body, "time": f"{body['time']}+00:00", **fields})


def loaded(intake: Intake, number: int) -> KeptDeadLetter:
    with transaction(intake.pool) as connection:
        result = dead_letter_list.load(connection, number)
    assert result
    return result


def edit(intake: Intake, seen: KeptDeadLetter, body: bytes) -> Edited | NotEdited:
    with transaction(intake.pool) as connection:
        return dead_letters.edit(connection, seen, body, by="olena", now=clock(connection))


def test_an_edited_event_is_accepted_and_linked_to_its_letter(intake: Intake) -> None:
    body = wrong()
    number = refused(intake, body)
    kept = edit(intake, loaded(intake, number), mended(body))

    outcome = replay(intake, number, BY)

    assert (kept, outcome) == (Edited(len(mended(body))), Replayed({"planned": 1}))
    [(month, event_number, stored)] = rows(intake.pool, "SELECT month, id, body FROM events")
    letter = loaded(intake, number)
    assert (letter.event, bytes(stored), letter.summary.edited_by) == ((month, event_number), mended(body), "olena")
    assert letter.body == orjson.dumps(body)


def test_why_names_the_letter_that_an_event_came_from(intake: Intake) -> None:
    number = refused(intake, body := wrong())
    edit(intake, loaded(intake, number), mended(body, id="mended"))
    replay(intake, number, BY)

    with transaction(intake.pool) as connection:
        [told] = why.of_event(Reading(connection, clock(connection)), "mended", ["acme"])

    assert {f"Dead letter replayed: {number}, olena."} < {entry.sentence.en for entry in told.entries}


def test_what_is_done_to_a_letter_is_in_the_audit(intake: Intake) -> None:
    body = wrong()
    first, second = refused(intake, body), refused(intake, wrong())
    replay(intake, first, replace(BY, body=mended(body)))
    with transaction(intake.pool) as connection:
        dead_letters.drop(connection, [second, first], why="a test", by="olena", now=clock(connection))

    notes = rows(intake.pool, "SELECT done_by, action, subject, account FROM audit ORDER BY id")

    done = [("dead_edit", first), ("dead_replay", first), ("dead_drop", second)]
    assert notes == [("olena", action, f"letter {number}", "acme") for action, number in done]


def test_an_event_that_would_be_malformed_again_is_not_kept(intake: Intake) -> None:
    seen = loaded(intake, refused(intake, wrong()))

    results = [edit(intake, seen, body) for body in (b"{", mended(wrong(), source="/accounts/other"))]

    assert [result.reason for result in results if isinstance(result, NotEdited)] == ["not_json", "account_mismatch"]
    assert row(intake.pool, "SELECT edited_body FROM dead_letters") == (None,)


def test_of_two_who_edit_one_letter_the_second_must_look_again(intake: Intake) -> None:
    body = wrong()
    seen = loaded(intake, refused(intake, body))

    edit(intake, seen, mended(body))
    second = edit(intake, seen, mended(body, id="another"))

    assert isinstance(second, NotEdited)
    assert (second.reason, "look at it again" in second.why) == (None, True)


def test_a_letter_that_was_edited_after_it_was_shown_is_left_alone(intake: Intake) -> None:
    body = wrong()
    number = refused(intake, body)
    edit(intake, loaded(intake, number), mended(body))
    edited_at = loaded(intake, number).summary.edited_at
    assert edited_at

    outcome = replay(intake, number, replace(BY, as_of=edited_at - timedelta(seconds=1)))

    assert outcome == CannotBeReplayed("olena edited it after you were shown it; look at it again")


def test_a_trial_decides_as_the_replay_does_and_keeps_nothing(intake: Intake) -> None:
    body = wrong()
    number = refused(intake, body)
    how = replace(BY, body=mended(body), is_trial=True)

    tried = replay(intake, number, how)
    left = rows(intake.pool, LEDGER), loaded(intake, number).summary, rows(intake.pool, "TABLE audit")
    done = replay(intake, number, replace(how, is_trial=False))

    assert tried == done == Replayed({"planned": 1})
    assert left[0] == [(0, 0, 0)]
    assert (left[1].state, left[1].edited_by, left[2]) == ("open", None, [])


def test_a_trial_shows_that_a_text_comes_too_late(intake: Intake) -> None:
    body = wrong()
    late = mended(body, time="2026-01-23T10:15:00+02:00")

    outcome = replay(intake, refused(intake, body), replace(BY, body=late, is_trial=True))

    assert outcome == Replayed({"expired": 1})


def test_a_refused_replay_leaves_letter_and_ledger_as_they_were(intake: Intake) -> None:
    body = wrong()
    number = refused(intake, body)

    outcomes = [replay(intake, number, replace(BY, body=again)) for again in (None, mended(body, type="x"), b"")]

    assert [outcome.reason for outcome in outcomes if isinstance(outcome, RefusedAgain)] == [
        "schema",
        "unknown_type",
        "not_json",
    ]
    assert rows(intake.pool, "SELECT id, reason, times, edited_body FROM dead_letters") == [(number, "schema", 1, None)]


def test_what_breaks_while_it_is_accepted_is_refused_and_stays_open(intake: Intake) -> None:
    body = wrong()
    number = refused(intake, body)
    execute(
        intake.pool, "ALTER TABLE notifications ADD CONSTRAINT only_in_this_test CHECK (trigger <> 'order_created')"
    )

    outcome = replay(intake, number, replace(BY, body=mended(body)))

    assert outcome == RefusedAgain("failed", "CheckViolation while it was being accepted.")
    assert loaded(intake, number).summary.state == "open"


def test_an_event_that_was_accepted_before_is_not_doubled(intake: Intake) -> None:
    body = event("order.created")
    accept_batch(intake, delivery(body))
    bury(intake.pool, [Delivery(orjson.dumps(body), "acme.order.created", "sms.dead", death="expired in crm.events")])
    number = row(intake.pool, "SELECT id FROM dead_letters")[0]

    other_content = replay(intake, number, replace(BY, body=orjson.dumps({**body, "time": "2025-11-30T10:00:00Z"})))
    same = replay(intake, number, BY)

    assert (other_content, same) == (
        RefusedAgain(
            "id_reused",
            "This id was accepted before with another content; the first one counts. Give a new fact a new id.",
        ),
        Replayed(is_repeat=True),
    )
    assert rows(intake.pool, LEDGER) == [(1, 1, 1)]


def test_two_people_replay_one_letter_once(intake: Intake) -> None:
    body = wrong()
    number = refused(intake, body)
    edit(intake, loaded(intake, number), mended(body))

    def one(name: str) -> Outcome:
        return replay(intake, number, Replay(name))

    with ThreadPoolExecutor(4) as people:
        outcomes = list(people.map(one, ["a", "b", "c", "d"]))

    assert sum(isinstance(outcome, Replayed) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, CannotBeReplayed) for outcome in outcomes) == 3
    assert rows(intake.pool, "SELECT count(*) FROM audit WHERE action = 'dead_replay'") == [(1,)]


def test_a_text_whose_letter_is_dropped_meanwhile_stays_failed(intake: Intake) -> None:
    accept_batch(intake, delivery(event("order.created")))
    number = failed(intake)

    with ThreadPoolExecutor(1) as people:
        with transaction(intake.pool) as connection:
            connection.execute("SELECT 1 FROM notifications FOR UPDATE")
            replaying = people.submit(replay, intake, number, BY)
            wait_until(lambda: row(intake.pool, WAITING_FOR_A_LOCK) == (1,), "the replay does not wait for the text")
            dead_letters.drop(connection, [number], why="a test", by="anna", now=clock(connection))
        outcome = replaying.result()

    assert outcome == CannotBeReplayed("somebody closed it a moment ago")
    assert states(intake) == [("failed", "failing")]
    assert rows(intake.pool, "SELECT done_by, action FROM audit") == [("anna", "dead_drop")]


def test_each_filter_finds_its_letters(intake: Intake, subtests: pytest.Subtests) -> None:
    add_account(intake.pool, "beta")
    unread = refused(intake, b"{", key="beta.order.created")
    named = refused(intake, wrong())
    execute(intake.pool, "UPDATE dead_letters SET created_at = now() - interval '3 days' WHERE id = %s", named)
    execute(intake.pool, "UPDATE dead_letters SET last_at = now() - interval '2 days' WHERE id = %s", named)
    accept_batch(intake, delivery(event("invoice.overdue")))
    job = failed(intake)
    with transaction(intake.pool) as connection:
        now = clock(connection)
        ago = [now - timedelta(days=days) for days in range(5)]
        for ids, wanted in (
            ([named, unread, job], Wanted()),
            ([unread], Wanted(account="beta")),
            ([job], Wanted(letter_kind="job")),
            ([job], Wanted(event_type="invoice.overdue")),
            ([named], Wanted(event_type="order.created")),
            ([named], Wanted(reason="schema")),
            ([named], Wanted(text="ОЛЕНА")),
            ([named], Wanted(until=ago[1])),
            ([named, unread, job], Wanted(since=ago[3])),
            ([unread, job], Wanted(since=ago[1])),
            ([], Wanted(until=ago[4])),
        ):
            with subtests.test(str(wanted)):
                assert list(dead_letter_list.choose(connection, wanted).ids) == ids


def failed(intake: Intake) -> int:
    """The letter of a notification that kept failing."""
    execute(intake.pool, "UPDATE notifications SET state = 'failed', reason = 'failing', due_at = NULL, tries = 5")
    return job_letter(intake)


def test_a_failed_notification_is_named_by_its_event(intake: Intake) -> None:
    body = event("invoice.overdue")
    accept_batch(intake, delivery(body))
    number = failed(intake)

    summary = loaded(intake, number).summary

    assert (summary.event_id, summary.event_type) == (body["id"], "invoice.overdue")


def test_a_filter_that_nobody_has_heard_of_names_the_known_ones(
    intake: Intake, connection: Connection, subtests: pytest.Subtests
) -> None:
    refused(intake, b"{", key="gone.moon.landed")
    unheard = {"account": "account", "reason": "reason", "letter_kind": "kind", "event_type": "type"}
    for field, name in unheard.items():
        with subtests.test(name):
            unknown = unknown_value(connection, replace(Wanted(), **{field: "nonsense"}))

            assert isinstance(unknown, UnknownValue)
            assert (unknown.name, unknown.value, len(unknown.known) > 1) == (name, "nonsense", True)
    assert unknown_value(connection, Wanted(account="gone", reason="not_json", letter_kind="event")) is None


def test_the_letters_that_were_chosen_are_described_by_what_they_are(intake: Intake, connection: Connection) -> None:
    refused(intake, wrong())
    refused(intake, wrong())
    refused(intake, b"{")

    chosen = dead_letter_list.choose(connection, Wanted())

    assert (len(chosen.ids), dict(chosen.reasons)) == (3, {"schema": 2, "not_json": 1})
    assert chosen.oldest
    assert chosen.newest
    assert chosen.oldest < chosen.newest
