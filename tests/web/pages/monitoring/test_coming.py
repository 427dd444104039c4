"""Майбутнє: reminders by days, what they would be, and the calendar of a record."""

import pytest

from schedules.reminders.schedule_timers import retime
from tests.support.crm import delivery, event, execute, person, row, rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.core.triggers.catalogue import BY_ID
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.pages.monitoring import coming

HERE = "/a/acme/coming"


@pytest.fixture
def soon(site: Site, intake: Intake) -> None:
    """A meeting in three days."""
    execute(site.pool, "UPDATE accounts SET segment_price = 0.5")
    (start,) = row(site.pool, "SELECT now() + interval '3 days'")
    meeting = {"id": "77", "version": 1, "start": start.isoformat()}
    accept(intake, [delivery(event("meeting.saved", meeting=meeting, recipients=[person()]))])
    while retime(site.pool, intake.cache):
        pass


@pytest.mark.usefixtures("soon")
def test_reminders_stand_by_days_and_are_stopped_for_tonight(site: Site, admin: Browser) -> None:
    page = admin.read(HERE)
    assert (BY_ID["meeting_reminder"].label in page, "Not tonight" in page) == (True, True)

    form = {"what": "trigger/meeting_reminder", "until": page.split('name="until" value="')[2].split('"')[0]}

    assert admin.post("/a/acme/pauses", form).status_code == 303
    assert rows(site.pool, "SELECT scope, until IS NOT NULL FROM pauses") == [("hand/trigger/meeting_reminder", True)]


@pytest.mark.usefixtures("soon")
def test_what_would_go_is_counted_when_somebody_asks(site: Site, admin: Browser) -> None:
    page = admin.read(HERE, simulate="on")

    assert ("Нагадуємо" in page, "1.00 UAH" in page, "+380671234567" in page) == (True, True, True)
    assert rows(site.pool, "SELECT * FROM notifications") == []
    auditors = site.sign_in(AUDITOR).read(HERE, simulate="on")
    assert ("Нагадуємо" in auditors, "UAH" in auditors, "+380671234567" in auditors) == (False, False, False)


@pytest.mark.usefixtures("soon")
def test_a_calendar_that_is_too_large_is_left_to_the_terminal(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coming, "ENTRIES_MAX", 0)

    assert "perfectum-sms simulate" in admin.read(HERE, simulate="on").split("What would go")[1]


@pytest.mark.usefixtures("soon")
def test_the_calendar_of_a_record_is_found(admin: Browser) -> None:
    assert "a meeting 77" in admin.read(HERE, kind="meeting", record="77")
    assert "no such record" in admin.read(HERE, record="78")
    assert "no such record" in admin.read(HERE, corrected="on")


def test_where_nothing_comes_it_says_what_fills_the_calendar(admin: Browser) -> None:
    assert "meeting.saved" in admin.read(HERE)
    assert "Nothing would go" in admin.read(HERE, simulate="on")


@pytest.mark.parametrize("query", ["until=x", "until=2020-01-01", "until=2999-01-01", "kind=x", f"record={'1' * 101}"])
def test_what_cannot_be_asked_is_refused_at_its_box(admin: Browser, query: str) -> None:
    response = admin.get(f"{HERE}?{query}")

    assert (response.status_code, '-error"' in response.text) == (422, True)
