from datetime import datetime
from typing import Any

import pytest

from tests.core.examples import look, published
from tests.core.reminders.moments import entry
from worker.core.contract.event import Event, Malformed
from worker.core.reminders.date_warnings import CORRECTIONS

MEETING = {"id": "5", "start": "2026-12-01T10:00:00+02:00", "timezone": "Europe/Kyiv"}


@pytest.mark.parametrize(
    ("record", "correction", "local_at"),
    [
        ({"timezone": "Europe/Kyviv"}, "zone_unknown", "2026-12-01T10:00"),
        ({"timezone": "../../etc/passwd"}, "zone_unknown", "2026-12-01T10:00"),
        ({"start": "2026-12-01T10:00:00+03:00"}, "offset_differs", "2026-12-01T09:00"),
        ({"start": "2026-12-01T10:00:00+23:59"}, "offset_unreal", "2026-11-30T12:01"),
        ({"end": "2026-12-01T09:00:00+02:00"}, "end_before_start", "2026-12-01T10:00"),
        ({"remind_before": "1440"}, "remind_before_unreadable", "2026-12-01T10:00"),
        ({"remind_before": [10**9]}, "remind_before_unreadable", "2026-12-01T10:00"),
        ({"remind_before": [60, -5]}, "remind_before_unreadable", "2026-12-01T10:00"),
        ({"remind_before": list(range(20))}, "remind_before_unreadable", "2026-12-01T10:00"),
    ],
)
def test_an_odd_date_is_read_in_one_way_and_has_a_warning(
    record: dict[str, Any], correction: str, local_at: str
) -> None:
    result = entry("meeting.saved", meeting={**MEETING, **record})

    assert (result.corrections, result.local_at) == ((correction,), datetime.fromisoformat(local_at))
    assert correction in CORRECTIONS


def test_a_crm_that_writes_in_utc_means_no_other_offset_by_it() -> None:
    result = entry("meeting.saved", meeting={**MEETING, "start": "2026-12-01T08:00:00Z", "end": "nonsense"})

    assert (result.local_at, result.corrections) == (datetime.fromisoformat("2026-12-01T10:00"), ())


@pytest.mark.parametrize("day", ["31.12.2026", "2026-02-30", "soon"])
def test_a_last_day_that_cannot_be_read_is_none_and_named(day: str) -> None:
    result = entry("contract.saved", contract={"id": "5", "dateend": day})

    assert (result.local_at, result.cancelled, result.corrections) == (None, True, ("day_unreadable",))


@pytest.mark.parametrize(
    ("event_type", "record", "field"),
    [
        ("meeting.saved", {"start": "9999-12-31T10:00:00+02:00"}, "data.meeting.start"),
        ("meeting.saved", {"start": "2026-12-01T10:00:00"}, "data.meeting.start"),
        ("meeting.saved", {"start": "2026-12-01T10:00:00+99:00"}, "data.meeting.start"),
        ("meeting.saved", {"start": "2026-02-30T10:00:00+02:00"}, "data.meeting.start"),
    ],
)
def test_a_value_that_is_no_moment_is_refused_by_the_fields_name(
    event_type: str, record: dict[str, Any], field: str
) -> None:
    data: dict[str, Any] = {event_type.partition(".")[0]: {"id": "5", **record}}
    parsed = look(published(event_type, **data))

    assert isinstance(parsed, Malformed)
    assert parsed.detail.startswith(f"{field}: must be a string such as") or field in parsed.detail


@pytest.mark.parametrize(
    ("event_type", "record", "field"),
    [
        ("contact.saved", {"birthday": "1990-13-01"}, "data.contact.birthday"),
        ("invoice.saved", {"duedate": "9999-12-31"}, "data.invoice.duedate"),
    ],
)
def test_a_value_that_is_no_day_costs_only_its_field(event_type: str, record: dict[str, Any], field: str) -> None:
    data: dict[str, Any] = {event_type.partition(".")[0]: {"id": "5", **record}}
    parsed = look(published(event_type, **data))

    assert isinstance(parsed, Event)
    assert [fault.field for fault in parsed.given_up] == [field]
