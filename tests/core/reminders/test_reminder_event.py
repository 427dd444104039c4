from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from tests.core.examples import NOW, account, everything, happened
from tests.core.reminders.moments import clocked, entry, rule, walk
from tests.support.crm import SALT, person
from worker.core.accounts.account import Account, Timing
from worker.core.clock.quiet_hours import Window
from worker.core.contract.data import Document, Record
from worker.core.contract.event import Event, read
from worker.core.planning.draft import Draft, drafts
from worker.core.reminders.calendar_entry import DATED, Entry
from worker.core.reminders.reminder_event import event_of
from worker.core.reminders.schedule import Due, ReminderRule
from worker.core.triggers.match import record_of

RECORDS: dict[str, dict[str, Any]] = {
    "meeting": {"start": "2026-12-01T10:00:00+02:00", "timezone": "Europe/Kyiv"},
    "booking": {"start": "2026-12-01T10:00:00+02:00"},
    "staff_reminder": {"date": "2026-12-01T10:00:00+02:00", "description": "Подзвонити"},
    "contact": {"birthday": "1990-12-01", "phonenumber": "067 123 45 67", "consent": True},
    "contract": {"dateend": "2026-12-05", "subject": "Кава"},
    "proposal": {"open_till": "2026-12-05", "number": "КП-5"},
    "invoice": {"duedate": "2026-11-20", "number": "INV-5", "days_overdue": 77, "status": "unpaid"},
}
HEARER = {"meeting": "contact", "booking": "booking", "staff_reminder": "staff", "proposal": "lead"}
EVERY = pytest.mark.parametrize("kind", RECORDS)


def saved(kind: str, *, by: Account | None = None, **more: Any) -> Entry:
    fields: dict[str, Any] = {} if kind == "contact" else {"recipients": [person(HEARER.get(kind, "contact"))]}
    record = {"id": "5", "version": 4, **RECORDS[kind], **more}
    return entry(f"{kind}.saved", by=by, at=NOW - timedelta(days=3), **{kind: record}, **fields)


def firsts(kind: str, timing: Timing | None = None, **more: Any) -> tuple[ReminderRule, Entry, list[Due]]:
    kept, reminder_rule = saved(kind, **more), rule(kind, timing)
    dues = walk(reminder_rule, kept, after=kept.changed_at, until=NOW + timedelta(days=40))
    return reminder_rule, kept, dues


def accepted(kept: Entry, reminder_rule: ReminderRule, due: Due, *, by: Account | None = None) -> Event:
    """The event of a due moment, read as any event is."""
    by = by or clocked()
    routing_key, id_, body = event_of(kept, reminder_rule, due, Record(), account=by)
    event = read(body, routing_key=routing_key, now=due.at)
    assert isinstance(event, Event), event
    assert event.id == id_
    return event


def drafts_of(kept: Entry, reminder_rule: ReminderRule, due: Due, *, by: Account | None = None) -> list[Draft]:
    return list(drafts(accepted(kept, reminder_rule, due, by=by), by or clocked(), salt=SALT, now=due.at))


@EVERY
def test_a_due_moment_is_an_event_of_the_contract_that_reaches_its_people(kind: str) -> None:
    reminder_rule, kept, dues = firsts(kind)
    event = accepted(kept, reminder_rule, dues[0])

    assert event.occurred_at == dues[0].at
    assert [draft.state for draft in drafts_of(kept, reminder_rule, dues[0])] == ["planned"]


@EVERY
def test_the_same_moment_is_the_same_bytes_and_another_state_another_id(kind: str) -> None:
    reminder_rule, kept, dues = firsts(kind)
    again = event_of(saved(kind), reminder_rule, dues[0], Record(), account=clocked())
    edited = event_of(saved(kind, note="інша"), reminder_rule, dues[0], Record(), account=clocked())

    assert event_of(kept, reminder_rule, dues[0], Record(), account=clocked()) == again
    assert edited[1] != again[1]
    assert len(again[1]) <= 200


@EVERY
def test_an_occurrence_has_the_version_of_its_record(kind: str) -> None:
    reminder_rule, kept, dues = firsts(kind)
    ref = record_of(accepted(kept, reminder_rule, dues[0]))

    assert (ref.record_kind, ref.id, ref.version, ref.changed_at) == (kind, "5", 4, kept.changed_at)


def test_a_meetings_reminder_has_the_hour_of_its_zone() -> None:
    reminder_rule, kept, dues = firsts("meeting", timezone="Asia/Kathmandu")

    [draft] = drafts_of(kept, reminder_rule, dues[0])

    assert draft.text == "Нагадуємо: зустріч 01.12.2026 о 13:45. ТОВ «Мрія»"
    assert draft.expires_at == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_the_events_own_offsets_win_over_those_of_the_trigger() -> None:
    assert [due.offset_minutes for due in firsts("meeting")[2]] == [1440, 120]
    assert [due.offset_minutes for due in firsts("meeting", remind_before=[30, 90, 0])[2]] == [90, 30]
    assert firsts("meeting", remind_before=[])[2] == []
    assert [due.offset_minutes for due in firsts("meeting", remind_before="soon")[2]] == [1440, 120]


@pytest.mark.parametrize("kind", ["contract", "proposal"])
def test_a_reminder_of_a_last_day_has_the_days_left_at_its_moment(kind: str) -> None:
    reminder_rule, kept, dues = firsts(kind, Timing(days_before=(14, 4, 0), every_days=7, at_most=2))
    texts = [draft.text for due in dues for draft in drafts_of(kept, reminder_rule, due)]
    ends = [text.partition("діє ")[2] or text.partition("простр")[2] for text in texts]

    assert [due.offset_minutes // 1440 for due in dues] == [14, 4, 0, -7, -14]
    assert [Document.days_left.of(accepted(kept, reminder_rule, due).data.record(kind)) for due in dues] == [
        14,
        4,
        0,
        -7,
        -14,
    ]
    assert ends[1].startswith("до 05.12.2026")
    assert ends[2].startswith("лише сьогодні, 05.12.2026")
    assert all("05.12.2026" in text for text in texts)


def test_an_overdue_invoice_has_a_notice_a_day_until_the_limit() -> None:
    reminder_rule, kept, dues = firsts("invoice", Timing(after_days=1, every_days=3, at_most=4))
    notices = [drafts_of(kept, reminder_rule, due)[0] for due in dues]
    all_dues = walk(reminder_rule, kept)

    assert [due.offset_minutes // 1440 for due in all_dues] == [-1, -4, -7, -10]
    assert [draft.dedupe_key for draft in notices] == ["5|2026-11-21", "5|2026-11-24", "5|2026-11-27", "5|2026-11-30"][
        -len(notices) :
    ]
    assert "days_overdue" not in str(accepted(kept, reminder_rule, dues[0]).data)
    assert not walk(reminder_rule, replace(kept, cancelled=True))


def crm(kind: str, due: Due, **more: Any) -> Draft:
    """The draft of the same reminder when the CRM publishes it."""
    name = {"meeting": "meeting.reminder_due", "booking": "booking.reminder_due", "contact": "contact.birthday"}.get(
        kind
    )
    name = name or ("staff.reminder_due" if kind == "staff_reminder" else f"{kind}.overdue")
    body = {"id": "5", **RECORDS[kind], **more.pop(kind, {})}
    of_a_start: dict[str, Any] = {"offset_minutes": None} if kind in {"meeting", "booking"} else {}
    event = happened(
        name, at=NOW, **{kind: body}, recipients=[person(HEARER.get(kind, "contact"), consent=True)], **of_a_start
    )
    [draft] = drafts(replace(event, occurred_at=due.at + timedelta(minutes=4)), clocked(), salt=SALT, now=due.at)
    return draft


@EVERY
@pytest.mark.parametrize("index", [0, 1])
def test_a_reminder_of_the_crm_and_of_the_scheduler_have_one_key(kind: str, index: int) -> None:
    reminder_rule, kept, dues = firsts(kind)
    due = dues[min(index, len(dues) - 1)]
    [ours] = drafts_of(kept, reminder_rule, due)
    counted: dict[str, Any] = (
        {kind: {"days_left": due.offset_minutes // 1440}} if kind in {"contract", "proposal"} else {}
    )

    assert crm(kind, due, **counted).key == ours.key


def test_reminders_of_one_deadline_have_different_keys() -> None:
    reminder_rule, kept, dues = firsts("contract", Timing(days_before=(6, 4, 2, 0)), dateend="2026-12-05")
    keys = [drafts_of(kept, reminder_rule, due)[0].key for due in dues]

    assert len(set(keys)) == len(keys) == 4


def test_a_start_moves_when_a_country_changes_its_clocks() -> None:
    reminder_rule, kept, _ = firsts("meeting")
    moved = replace(kept, local_at=datetime(2026, 12, 1, 11))  # noqa: DTZ001 (local)
    [first, _] = walk(reminder_rule, moved)

    assert first.at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert accepted(moved, reminder_rule, first).data.meeting.json["start"] == "2026-12-01T11:00:00+02:00"


def test_the_later_of_two_equal_hours_stays_the_later() -> None:
    reminder_rule, kept, dues = firsts("meeting", start="2026-10-25T03:30:00+02:00")
    assert [due.at for due in walk(reminder_rule, kept)] == [
        datetime(2026, 10, 24, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 24, 23, 30, tzinfo=UTC),
    ]
    assert dues == []


def test_a_birthday_is_that_of_the_contacts_own_zone() -> None:
    by = clocked()
    result = entry(
        "contact.saved",
        by=by,
        contact={"id": "5", **RECORDS["contact"], "birthday": "--01-01", "timezone": "Pacific/Auckland"},
    )
    [due] = walk(rule("contact"), result, after=NOW, until=NOW + timedelta(days=60))
    [draft] = drafts_of(result, rule("contact"), due)

    assert due.at == datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert (draft.dedupe_key, draft.expires_at) == ("5|2027", datetime(2027, 1, 1, 11, tzinfo=UTC))


def test_newer_facts_win_over_those_of_the_entry() -> None:
    reminder_rule, kept, dues = firsts("meeting")
    _, _, body = event_of(kept, reminder_rule, dues[0], Record({"id": "5", "subject": "нова"}), account=clocked())

    assert orjson.loads(body)["data"]["meeting"]["subject"] == "нова"
    assert orjson.loads(body)["data"]["meeting"]["start"] == RECORDS["meeting"]["start"]


def test_a_number_that_postgresql_spells_out_is_no_obstacle() -> None:
    reminder_rule, kept, dues = firsts("meeting")
    spelt = replace(kept, data=kept.data.having(odd=10**300))

    assert accepted(spelt, reminder_rule, dues[0]).data.json["odd"] == 1e300


def test_a_rule_speaks_of_its_own_moments_only() -> None:
    result = saved("meeting")

    assert [name for name in DATED if walk(rule(name), result)] == ["meeting"]


def test_a_night_keeps_no_reminder_from_its_window() -> None:
    by = replace(account(window=Window(540, 1200), switches=everything()), timings=clocked().timings)
    reminder_rule, kept, dues = firsts("meeting", start="2026-12-01T06:30:00+02:00")
    [draft] = drafts_of(kept, reminder_rule, dues[0], by=by)

    assert (draft.state, draft.due_at) == ("postponed", datetime(2026, 11, 30, 7, tzinfo=UTC))
