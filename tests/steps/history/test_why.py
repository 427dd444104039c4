from datetime import UTC, datetime, timedelta

from tests.support.crm import SALT, Json, add_account, delivery, event, execute, person
from worker.steps.history import why
from worker.steps.history.why import Explanation, Reading, WantedPerson
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.operate.suppress import suppress
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.audit.audit import note
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import Pool, clock, transaction

PHONE = "+380671234567"
MINUTE = timedelta(minutes=1)


def told(pool: Pool, event_id: str, *, account: str = "acme") -> Explanation:
    with transaction(pool) as connection:
        [result] = why.of_event(Reading(connection, clock(connection), SALT), event_id, [account])
    return result


def explanation_of_person(pool: Pool, phone: str = PHONE) -> list[Explanation]:
    with transaction(pool) as connection:
        now = clock(connection)
        wanted = WantedPerson("acme", phone, "+38067***4567", now - timedelta(days=1), now + MINUTE)
        return why.of_person(Reading(connection, now, SALT), wanted)


def codes(result: Explanation) -> list[str]:
    return [entry.code for entry in result.entries]


def said(result: Explanation) -> str:
    return "\n".join(entry.sentence.en for entry in result.entries)


def accepted(intake: Intake, *bodies: Json) -> str:
    accept(intake, [delivery(body) for body in bodies])
    return bodies[0]["id"]


def test_a_sent_text_is_told_from_its_event_to_its_acceptance(sender: Sender, intake: Intake) -> None:
    [result] = accept(intake, [delivery(body := event("order.created"))])
    send(sender, [number for nudge in result.nudges for number in nudge.notification_ids])

    timeline = told(intake.pool, body["id"])

    assert codes(timeline) == [
        *("event.received", "event.trigger", "event.planned", "text.addressed"),
        *("text.planned", "text.sending", "text.accepted", "now.accepted"),
    ]
    assert "Trigger order_created was on." in said(timeline)
    assert "template version 1 in uk" in said(timeline)
    assert "Handed to TurboSMS, segments: 1." in said(timeline)
    assert "Now: the report of delivery is awaited; asked for at " in said(timeline)
    assert PHONE not in said(timeline)


def test_a_repeat_is_told_with_its_event(intake: Intake) -> None:
    body = event("order.created")
    event_id = accepted(intake, body, body)

    assert "It came again (1 more)" in said(told(intake.pool, event_id))


def test_a_switched_off_trigger_is_told_with_who_switched_it(intake: Intake) -> None:
    with transaction(intake.pool) as connection:
        off = {"switched_on": False}
        note(connection, "Олена", "trigger", "order_created", account="acme", before={"switched_on": True}, after=off)
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'order_created'")

    timeline = told(intake.pool, accepted(intake, event("order.created")))

    assert codes(timeline) == ["event.received", "event.trigger", "event.switched_off"]
    assert "Trigger order_created was off (Олена switched it" in said(timeline)
    assert timeline.remedies[0].en.startswith("Switch the trigger on (perfectum-sms trigger on acme order_created)")


def test_what_was_switched_later_is_told_as_it_was_then(intake: Intake) -> None:
    event_id = accepted(intake, event("order.created"))
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'order_created'")
    with transaction(intake.pool) as connection:
        was, now = {"switched_on": True}, {"switched_on": False}
        note(connection, "Петро", "trigger", "order_created", account="acme", before=was, after=now)

    assert "Trigger order_created was on; it is off now." in said(told(intake.pool, event_id))


def test_an_event_for_nobody_its_trigger_writes_to_says_so(intake: Intake) -> None:
    timeline = told(
        intake.pool, accepted(intake, event("order.created", recipients=[person("lead")], order={"id": "1"}))
    )

    assert "the event names lead, its triggers write to order" in said(timeline)


def test_a_fact_told_before_names_the_earlier_text(intake: Intake) -> None:
    first = event("order.created")
    again = {**first, "id": "again"}
    accepted(intake, first)
    accepted(intake, again)

    timeline = told(intake.pool, "again")

    assert codes(timeline)[-1] == "event.already_planned"
    assert "as 2" in said(timeline)


def test_a_comment_of_the_other_side_is_told_as_a_condition(intake: Intake) -> None:
    body = event("proposal.comment_added")
    body["data"]["comment"]["author"] = "client"
    timeline = told(intake.pool, accepted(intake, body))

    assert "but its condition did not hold" in said(timeline)


def test_a_refused_event_is_told_by_its_letter(intake: Intake) -> None:
    body = event("order.created")
    body["data"] = {"recipients": "nobody"}
    accepted(intake, body)

    timeline = told(intake.pool, body["id"])

    assert codes(timeline) == ["dead_letter.schema"]
    assert timeline.remedies


def test_an_unknown_event_has_no_story(pool: Pool) -> None:
    with transaction(pool) as connection:
        assert why.of_event(Reading(connection, clock(connection)), "nobody knows", ["acme"]) == []


def test_a_skipped_text_is_told_with_its_reason_and_remedy(intake: Intake) -> None:
    body = event("order.created", recipients=[person("order", "044 123 45 67")])

    timeline = told(intake.pool, accepted(intake, body))

    last = timeline.entries[-1]
    assert (last.code, last.reason) == ("text.skipped", "landline")
    assert timeline.remedies[0].en.startswith("Put a mobile phone on the person")


def test_a_waiting_text_names_the_pause_that_holds_it(intake: Intake) -> None:
    event_id = accepted(intake, event("order.created"))
    execute(
        intake.pool,
        "INSERT INTO pauses (account, scope, reason, code, since, paused_by)"
        " VALUES ('acme', 'account', 'money', 203, now(), 'provider')",
    )

    timeline = told(intake.pool, event_id)

    assert codes(timeline)[-1] == "now.paused"
    assert "TurboSMS wants money" in said(timeline)


def test_one_notification_is_told_alone(intake: Intake) -> None:
    [result] = accept(intake, [delivery(event("order.created"))])
    [notification_id] = [number for nudge in result.nudges for number in nudge.notification_ids]

    with transaction(intake.pool) as connection:
        reading = Reading(connection, clock(connection))
        timeline = why.of_notification(reading, notification_id)
        nothing = why.of_notification(reading, (notification_id[0], 10**9))

    assert timeline
    assert timeline.subject == f"{notification_id[0]:%Y-%m}/{notification_id[1]}"
    assert codes(timeline)[0] == "event.received"
    assert nothing is None


def test_a_person_is_told_every_event_that_named_their_phone(intake: Intake) -> None:
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'order_approved'")
    sent = accepted(intake, event("order.created"))
    off = accepted(intake, event("order.approved"))
    accepted(intake, event("order.created", recipients=[person("order", "050 111 22 33")]))
    refused = event("order.created")
    refused["type"] = "no.such"
    accepted(intake, refused)

    results = explanation_of_person(intake.pool)

    assert [result.subject for result in results[:2]] == [sent, off]
    assert codes(results[1])[-1] == "event.switched_off"
    assert results[2].subject.startswith("dead letter ")
    assert len(results) == 3


def test_a_person_whom_no_event_reached_is_told_where_to_look(intake: Intake) -> None:
    accepted(intake, event("order.created", recipients=[person("order", "050 111 22 33")]))

    [result] = explanation_of_person(intake.pool)

    assert codes(result) == ["person.unreached"]
    assert "1 events of acme were looked at" in said(result)
    assert len(result.remedies) == 2


def test_a_person_on_the_stop_list_is_told_so(intake: Intake) -> None:
    with transaction(intake.pool) as connection:
        key = why.key_of(PHONE, salt=SALT)
        suppress(connection, "acme", [Entry(key, PHONE, "all", "asked", "operator", "ivan")], by="ivan")
    accepted(intake, event("order.created"))

    results = explanation_of_person(intake.pool)

    assert results[0].entries[-1].reason == "suppressed"
    assert codes(results[1]) == ["person.suppressed"]
    assert results[1].remedies[0].en.endswith("perfectum-sms suppression remove acme PHONE.")


def test_another_accounts_events_are_not_told(intake: Intake) -> None:
    add_account(intake.pool, "other")
    accepted(intake, event("order.created", account="other"))

    assert [codes(result) for result in explanation_of_person(intake.pool)] == [["person.unreached"]]


def test_moments_are_said_in_the_accounts_zone(intake: Intake) -> None:
    execute(intake.pool, "UPDATE accounts SET zone = 'Asia/Tokyo'")
    body = event("order.created")
    body["time"] = "2026-11-23T10:00:00Z"
    timeline = told(intake.pool, accepted(intake, body))

    assert timeline.zone == "Asia/Tokyo"
    assert "it happened at 2026-11-23 19:00" in said(timeline)
    assert timeline.entries[0].at <= datetime.now(UTC)  # noqa: TID251 (the CRM's clock)


def test_a_reminder_that_was_missed_is_told_of_its_person(intake: Intake) -> None:
    execute(
        intake.pool,
        "INSERT INTO occurrences (account, rule, record_kind, record_id, moment, offset_minutes, slot, changed_at,"
        " event_id, routing_key, body, rank, state, reason, due_at, expires_at, created_at, settled_at)"
        " SELECT 'acme', 'contact_birthday', 'contact', r, 'birthday', 0, '2026-11-30', now(), r, 'x',"
        " convert_to('{\"phonenumber\": \"067 123 45 ' || r || '\"}', 'UTF8'), 1, 'missed', 'too_late', now(), now(),"
        " now(), now() FROM unnest(ARRAY['67', '68']) AS r",
    )

    results = explanation_of_person(intake.pool)

    assert [codes(result) for result in results] == [["reminder.missed"]]
    assert "contact_birthday, contact 67" in said(results[0])


def test_an_event_of_the_clock_is_told_with_its_moment(intake: Intake) -> None:
    body = {**event("order.created"), "id": "booking_reminder/9/2026-12-01T10:00/120/0123456789abcdef"}
    accepted(intake, body)
    execute(
        intake.pool,
        "INSERT INTO occurrences (account, rule, record_kind, record_id, moment, offset_minutes, slot, changed_at,"
        " event_id, routing_key, body, rank, state, due_at, expires_at, created_at, published_at, settled_at)"
        " VALUES ('acme', 'booking_reminder', 'booking', '9', 'start', 120, '2026-12-01T10:00', now(), %s, 'x', '{}',"
        " 1, 'published', '2026-12-01 08:00+00', now(), now(), now(), now())",
        body["id"],
    )

    assert "booking_reminder of booking 9 was due at 2026-12-01 10:00" in said(told(intake.pool, body["id"]))
