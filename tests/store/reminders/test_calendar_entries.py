from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.examples import NOW
from tests.core.reminders.moments import entry
from tests.support.crm import execute, person, row, rows
from tests.support.tries import tries
from worker.core.reminders.calendar_entry import Entry, folded
from worker.core.reminders.schedule import DEFAULTS, rules_of
from worker.core.triggers.match import RecordRef
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, transaction
from worker.store.ingest.records import RecordState
from worker.store.ingest.write_batch import Arriving, write
from worker.store.reminders import calendar_entries
from worker.store.reminders.calendar_entries import ENTRY_COLUMNS, entry_of_row, note_zones

SHARED = settings(max_examples=tries(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
SELECT_ENTRY = f"SELECT {ENTRY_COLUMNS} FROM calendar AS c WHERE record_id = %s"  # noqa: S608 (our own names)
VERSION = "SELECT rules_version FROM accounts WHERE id = 'acme'"


def state(entry: Entry) -> RecordState:
    ref = RecordRef(entry.record_kind, entry.record_id, entry.version, entry.changed_at)
    return RecordState(entry.account, ref, entry.record, entry=entry)


def keep(pool: Pool, *batches: Sequence[Entry]) -> None:
    for batch in batches:
        with transaction(pool) as connection:
            write(connection, Arriving([state(item) for item in batch]), month=NOW.date().replace(day=1), now=NOW)


def kept(pool: Pool, id_: str) -> Entry:
    return entry_of_row(row(pool, SELECT_ENTRY, id_))


def invoice(number: int, id_: str, **more: Any) -> Entry:
    """A state of an invoice: some have no day, some no recipients, one is paid, one is deleted."""
    if more.get("gone"):
        return entry("invoice.deleted", invoice={"id": id_, "version": number})
    record = {"id": id_, "version": number, "duedate": more.get("duedate"), "status": more.get("status", "unpaid")}
    payment = {"id": "1", "total": {"amount": "1.00", "currency": "UAH"}}
    recipients = [person(id=str(number))] if more.get("names") else []
    return entry("invoice.payment_recorded", invoice=record, payment=payment, recipients=recipients)


def story(id_: str) -> list[Entry]:
    return [
        invoice(0, id_, duedate="2026-12-01", names=True),
        invoice(1, id_),
        invoice(2, id_, duedate="2026-12-05"),
        invoice(3, id_, status="paid"),
        invoice(4, id_, gone=True),
        invoice(5, id_, duedate="2026-12-09"),
        invoice(6, id_, names=True),
    ]


@SHARED
@given(st.sets(st.integers(1, 6)))
def test_batches_in_any_cut_come_to_the_fold_of_their_events(acme_pool: Pool, ends: set[int]) -> None:
    id_ = uuid4().hex
    states = story(id_)

    keep(acme_pool, *cut(states, ends))

    [expected] = folded(states)
    assert kept(acme_pool, id_) == expected


@SHARED
@given(st.permutations(range(7)), st.sets(st.integers(1, 6)))
def test_the_newest_wins_in_whatever_order_and_batches_events_come(
    acme_pool: Pool, order: list[int], ends: set[int]
) -> None:
    id_ = uuid4().hex
    states = story(id_)[: 1 + order[0]]
    [newest] = folded(states)

    keep(acme_pool, *cut([states[number] for number in order if number < len(states)], ends))

    result = kept(acme_pool, id_)
    assert (result.version, result.cancelled, result.record) == (newest.version, newest.cancelled, newest.record)


def cut(states: list[Entry], ends: set[int]) -> list[list[Entry]]:
    """The same states in batches that end after these positions."""
    bounds = [0, *sorted(end for end in ends if end < len(states)), len(states)]
    return [states[first:last] for first, last in pairwise(bounds)]


def test_in_order_a_story_ends_as_it_should(acme_pool: Pool) -> None:
    id_ = uuid4().hex
    expected = [
        ("2026-12-01", False, "0"),
        ("2026-12-01", False, "0"),
        ("2026-12-05", False, "0"),
        (None, True, "0"),
        (None, True, None),
        ("2026-12-09", False, None),
        ("2026-12-09", False, "6"),
    ]
    for item, (day, is_cancelled, named) in zip(story(id_), expected, strict=True):
        keep(acme_pool, [item])
        result = kept(acme_pool, id_)

        assert result.local_at == (datetime.fromisoformat(day) if day else None)
        assert result.cancelled == is_cancelled
        assert [person.id for person in result.data.recipients] == ([named] if named else [])


def test_without_versions_the_later_event_is_newer(acme_pool: Pool) -> None:
    id_ = uuid4().hex
    for hours, day in ((0, "2026-12-01"), (2, "2026-12-02"), (1, "2026-12-03")):
        at = NOW - timedelta(hours=9 - hours)
        keep(acme_pool, [entry("contract.saved", at=at, contract={"id": id_, "dateend": day})])

    assert kept(acme_pool, id_).local_at == datetime.fromisoformat("2026-12-02")


def test_only_a_changed_entry_is_scheduled_anew(acme_pool: Pool) -> None:
    id_ = uuid4().hex
    saved = entry("meeting.saved", meeting={"id": id_, "version": 1, "start": "2026-12-01T10:00:00+02:00"})
    keep(acme_pool, [saved])
    execute(acme_pool, "UPDATE calendar SET rules_version = 1")

    keep(acme_pool, [saved])
    repeated = rows(acme_pool, "SELECT rules_version FROM calendar")
    keep(acme_pool, [replace(saved, version=2)])

    assert repeated == [(1,)]
    assert rows(acme_pool, "SELECT rules_version FROM calendar") == [(-1,)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts SET zone = 'Asia/Tokyo'",
        "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'meeting_reminder'",
        """UPDATE triggers SET settings = '{"before": ["1h"]}' WHERE trigger = 'meeting_reminder'""",
        "DELETE FROM triggers WHERE trigger = 'meeting_reminder'",
    ],
)
def test_a_change_of_reminder_times_raises_the_rules_version(acme_pool: Pool, change: str) -> None:
    before = row(acme_pool, VERSION)[0]

    execute(acme_pool, change)

    assert row(acme_pool, VERSION) == (before + 1,)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts SET zone = zone, name = 'x', in_flight = 7",
        "UPDATE triggers SET channel = 'viber' WHERE trigger = 'meeting_reminder'",
        "UPDATE triggers SET switched_on = switched_on, settings = settings",
    ],
)
def test_rules_keep_their_version_with_what_changes_no_moment(acme_pool: Pool, change: str) -> None:
    before = row(acme_pool, VERSION)

    execute(acme_pool, change)

    assert row(acme_pool, VERSION) == before


def test_newer_zones_of_the_world_make_every_timer_be_computed_anew_once(acme_pool: Pool) -> None:
    before = row(acme_pool, VERSION)[0]
    noted = list[bool]()
    for version in ("2026a", "2026a", "2025b", "2026b"):
        with transaction(acme_pool) as connection:
            noted.append(note_zones(connection, version))

    assert noted == [True, False, False, True]
    assert row(acme_pool, VERSION) == (before + 2,)


def test_rules_are_of_triggers_that_are_on_even_without_a_text(acme_pool: Pool) -> None:
    execute(acme_pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'contact_birthday'")
    execute(acme_pool, """UPDATE triggers SET settings = '{"timing": "off"}' WHERE trigger = 'staff_reminder'""")
    execute(acme_pool, """UPDATE triggers SET settings = '{"before": ["3h"]}' WHERE trigger = 'meeting_reminder'""")
    execute(acme_pool, "DELETE FROM templates WHERE trigger = 'invoice_overdue_notice'")

    with transaction(acme_pool) as connection:
        account = ConfigurationCache().look(connection)[0].accounts["acme"]
    rules = {rule.trigger: rule for rule in rules_of(account)}

    assert rules.keys() == DEFAULTS.keys() - {"contact_birthday", "staff_reminder"}
    assert rules["meeting_reminder"].timing.before == (180,)
    assert "invoice_overdue_notice" not in account.switches


def test_settings_that_nobody_can_read_leave_the_defaults(acme_pool: Pool) -> None:
    execute(acme_pool, """UPDATE triggers SET settings = '{"before": "soon"}' WHERE trigger = 'meeting_reminder'""")

    with transaction(acme_pool) as connection:
        account = ConfigurationCache().look(connection)[0].accounts["acme"]

    assert account.timings == DEFAULTS


def test_a_calendar_entry_is_read_as_it_was_written(acme_pool: Pool) -> None:
    saved = entry(
        "meeting.saved",
        meeting={"id": "5", "start": "2026-12-01T10:00:00.123456+03:00", "timezone": "Europe/Kyiv"},
        recipients=[person("lead")],
        shortcodes={"odd": 10**15},
    )
    keep(acme_pool, [saved])

    assert kept(acme_pool, "5") == saved
    assert calendar_entries.columns(saved)["corrections"] == ("offset_differs",)
