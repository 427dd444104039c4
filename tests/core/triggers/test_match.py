from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.core.examples import NOW, account, drafted, everything, happened, switch
from tests.support.crm import Json, person
from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import Window
from worker.core.planning.draft import Draft

NIGHT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
DOCUMENTS = [
    ("proposal.overdue", "proposal", "open_till", "КП-5"),
    ("contract.overdue", "contract", "dateend", "КП-5"),
]
OF_A_DOCUMENT = pytest.mark.parametrize(("event_type", "record", "last", "number"), DOCUMENTS)


def drafts_of(event_type: str, *, by: Account | None = None, at: datetime = NOW, **data: Any) -> list[Draft]:
    return drafted(happened(event_type, at=at, **data), by=by, now=at)


def only(event_type: str, **data: Any) -> Draft:
    [draft] = drafts_of(event_type, **data)
    return draft


def with_setting(trigger: str, **settings: Any) -> Account:
    switches = everything()
    return account(switches={**switches, trigger: replace(switches[trigger], **settings)})


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize(
    ("days_left", "day", "words"),
    [
        (4, "2026-11-27", "діє до 27.11.2026"),
        (0, "2026-11-23", "діє лише сьогодні, 23.11.2026"),
        (-3, "2026-11-20", "(дія"),
    ],
)
def test_the_wording_follows_how_far_the_last_day_is(
    document: tuple[str, str, str, str], days_left: int, day: str, words: str
) -> None:
    event_type, record, last, number = document
    spellings = [{last: day}, {"days_left": days_left}, {last: day, "days_left": days_left}]

    texts = {only(event_type, **{record: {"id": "5", "number": number, **spelling}}).text for spelling in spellings}

    assert len(texts) == 1
    [text] = texts
    assert words in text
    assert ("прострочен" in text) == (days_left < 0)


@OF_A_DOCUMENT
def test_the_crms_days_left_win_over_the_calendar(event_type: str, record: str, last: str, number: str) -> None:
    draft = only(event_type, **{record: {"id": "5", "number": number, last: "2026-11-23", "days_left": -1}})

    assert "прострочен" in draft.text
    assert "22.11.2026" in draft.text


@OF_A_DOCUMENT
def test_a_document_has_one_key_ahead_on_the_day_and_after(
    event_type: str, record: str, last: str, number: str
) -> None:
    def key(**fields: object) -> bytes:
        return only(event_type, **{record: {"id": "5", "number": number, last: "2026-11-27", **fields}}).key

    assert key(days_left=4) == key(days_left=3) == key()
    assert len({key(days_left=4), key(days_left=0), key(days_left=-1), key(**{last: "2026-12-27"})}) == 4


def test_reminders_of_one_day_with_different_offsets_are_two() -> None:
    week, day = (only("proposal.overdue", offset_minutes=minutes).key for minutes in (7 * 1440, 1440))

    assert week != day


@OF_A_DOCUMENT
def test_a_text_about_a_last_day_is_true_to_its_end_in_the_accounts_zone(
    event_type: str, record: str, last: str, number: str
) -> None:
    def expires(day: str) -> datetime:
        return only(event_type, **{record: {"id": "5", "number": number, last: day}}).expires_at

    assert expires("2026-11-23") == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert expires("2027-06-01") == datetime(2027, 6, 1, 21, tzinfo=UTC)
    assert expires("2026-11-22") == NOW + timedelta(days=2)


def test_an_overdue_invoice_counts_its_days() -> None:
    by = account(switches={"invoice_overdue_notice": switch(uk="{total_days_overdue}")})

    def days(**fields: object) -> str:
        [draft] = drafts_of("invoice.overdue", by=by, invoice={"id": "1", **fields})
        return draft.text

    assert days(duedate="2026-11-20") == "3"
    assert days(duedate="2026-11-20", days_overdue=4) == "4"
    assert days(duedate="2026-11-23") == ""


def test_a_birthday_text_lives_to_the_end_of_the_day_and_comes_once_a_year() -> None:
    here, later, another_year = (drafts_of("contact.birthday", at=at, contact={"id": "7"})[0] for at in YEARS)

    assert here.expires_at == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert here.key == later.key != another_year.key


@pytest.mark.parametrize(
    ("due", "left"), [("500.00", " Залишок: 500,00 грн"), ("0.00", ""), ("0", ""), ("-5.00", ""), (None, "")]
)
def test_a_payments_text_has_the_amount_left_if_any(due: str | None, left: str) -> None:
    amount = due and {"amount": due, "currency": "UAH"}

    draft = only("invoice.payment_recorded", invoice={"id": "1", "number": "INV-9", "amount_due": amount})

    assert draft.text == f"Оплату за рахунком INV-9 отримано. Дякуємо!{left}"


YEARS = [NOW, NOW + timedelta(hours=3), datetime(2025, 11, 23, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("consent", "reason"), [(True, None), ("1", None), (False, "no_consent"), (None, "no_consent")]
)
def test_marketing_goes_only_to_those_who_agreed(consent: object, reason: str | None) -> None:
    for event_type, more in (("contact.birthday", {}), ("sms.send_requested", {"marketing": True})):
        draft = only(event_type, recipients=[person(consent=consent)], **more)

        assert (draft.reason, draft.message_class, draft.lane) == (reason, "marketing", "bulk")


def test_a_transactional_text_needs_no_consent() -> None:
    assert only("invoice.overdue", recipients=[person(consent=False)]).state == "planned"
    assert only("sms.send_requested", recipients=[person(consent=False)]).state == "planned"


def test_a_payment_marked_do_not_notify_is_skipped() -> None:
    payment = {"id": "1", "total": {"amount": "1.00", "currency": "UAH"}, "do_not_notify": True}

    draft = only("invoice.payment_recorded", payment=payment)

    assert (draft.state, draft.reason) == ("skipped", "do_not_notify")


@pytest.mark.parametrize(("days", "reason"), [(45, None), (46, "document_too_old")])
def test_an_account_may_leave_old_documents_alone(days: int, reason: str | None) -> None:
    by = with_setting("invoice_overdue_notice", age_max=timedelta(days=45))
    dated = (NOW - timedelta(days=days)).date().isoformat()

    [guarded] = drafts_of("invoice.overdue", by=by, invoice={"id": "1", "date": dated})
    [by_default] = drafts_of("invoice.overdue", invoice={"id": "1", "date": dated})
    [undated] = drafts_of("invoice.overdue", by=by, invoice={"id": "1"})

    assert (guarded.reason, by_default.reason, undated.reason) == (reason, None, None)


def task(*people: Json, **fields: object) -> list[Draft]:
    return drafts_of("task.assigned", recipients=list(people), task={"id": "1", "name": "Звіт", **fields})


@pytest.mark.parametrize("field", ["assigned_by_id", "assigned_by"])
def test_a_task_assigned_to_oneself_is_skipped(field: str) -> None:
    mine, theirs = person("staff", id=2), person("staff", "0501112233", id=3)

    drafts = task(mine, theirs, **{field: "2"})

    assert [(draft.recipient_id, draft.state, draft.reason) for draft in drafts] == [
        ("3", "planned", None),
        ("2", "skipped", "self_assigned"),
    ]


@pytest.mark.parametrize("phone", ["0671234567", "+38 067 123 45 67"])
def test_a_colleague_on_the_assigners_phone_gets_the_task(phone: str) -> None:
    mine, theirs = person("staff", "0671234567", id=2), person("staff", phone, id=3)

    for people in ((mine, theirs), (theirs, mine)):
        drafts = task(*people, assigned_by_id="2")

        assert [(draft.recipient_id, draft.state) for draft in drafts] == [("3", "planned")]


def test_a_task_has_one_key_for_each_role_of_a_person() -> None:
    assignee, again, follower = (
        task(person("staff", role=role))[0].key for role in ("assignee", "assignee", "follower")
    )

    assert assignee == again != follower


@pytest.mark.parametrize("event_type", ["meeting.reminder_due", "booking.reminder_due"])
def test_a_reminder_is_its_start_and_its_offset_and_dies_with_the_start(event_type: str) -> None:
    record = event_type.partition(".")[0]

    def reminder(start: str, minutes: int) -> Draft:
        return only(event_type, **{record: {"id": "5", "start": start}, "offset_minutes": minutes})

    first = reminder("2026-11-24T10:00:00Z", 60)
    same = reminder("2026-11-24T12:00:00+02:00", 60)
    others = [reminder("2026-11-24T10:00:00Z", 120), reminder("2026-11-24T11:00:00Z", 60)]
    assert first.key == same.key
    assert len({first.key, *(draft.key for draft in others)}) == 3
    assert first.expires_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_a_reminder_due_before_the_morning_waits_for_its_moment() -> None:
    by = account(window=Window(9 * 60, 20 * 60))

    [draft] = drafts_of("meeting.reminder_due", by=by, at=NIGHT, meeting={"id": "5", "start": "2026-11-24T06:30:00Z"})

    assert (draft.state, draft.due_at) == ("postponed", datetime(2026, 11, 24, 6, 30, tzinfo=UTC))


def test_a_staff_reminder_ignores_quiet_hours_and_moves_with_its_date() -> None:
    by = account(window=Window(9 * 60, 20 * 60))

    def reminder(date: str) -> Draft:
        [draft] = drafts_of("staff.reminder_due", by=by, at=NIGHT, staff_reminder={"id": "5", "date": date})
        return draft

    assert reminder("2026-11-23T21:00:00Z").state == "planned"
    assert reminder("2026-11-23T21:00:00Z").key == reminder("2026-11-23T23:00:00+02:00").key
    assert reminder("2026-11-23T21:00:00Z").key != reminder("2026-11-23T21:05:00Z").key


def test_a_position_is_the_change_of_a_record() -> None:
    def change(record: str, **fields: object) -> bytes:
        position = {"entity_type": record, "status_to": "sent", **fields}
        return only("position.status_changed", position=position, **{record: {"id": "5", "version": 1}}).key

    assert change("proposal") == change("proposal") != change("proposal", change_id="b")
    assert change("proposal", change_id="a") != change("order", change_id="a")
