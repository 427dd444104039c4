from typing import get_args

from tests.cli.conftest import Command
from tests.support.crm import delivery, event
from worker.cli.history.calendar import RecordKind
from worker.core.reminders.calendar_entry import DATED
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

START = "2027-12-01T10:00:00+02:00"


def test_the_calendar_shows_moments_and_what_was_wrong_with_them(shop: Command, intake: Intake) -> None:
    odd = event("meeting.saved", meeting={"id": "1", "start": START, "timezone": "Europe/Kyviv"})
    plain = event("contact.saved", contact={"id": "2", "birthday": "--02-29"})
    waiting = event("booking.submitted", booking={"id": "3", "start": START})
    accept(intake, [delivery(item) for item in (odd, plain, waiting)])

    everything = shop("calendar", "acme", "--json").json
    corrected = shop("calendar", "acme", "--corrected", "--json").json
    body = shop("calendar", "acme", "--kind", "booking", "--record", "3", "--json").json
    shown = shop("calendar", "acme").out

    assert [(item["kind"], item["record_id"]) for item in everything] == [
        ("booking", "3"),
        ("contact", "2"),
        ("meeting", "1"),
    ]
    assert [item["corrections"] for item in corrected] == [["zone_unknown"]]
    assert [(item["local_at"], item["cancelled"]) for item in body] == [("2027-12-01T10:00:00", True)]
    assert "29.02" in shown
    assert "account's is taken" in shown


def test_every_kind_with_a_moment_can_be_asked_for() -> None:
    assert {*get_args(RecordKind)} == DATED.keys()


def test_an_account_that_is_not_there_is_named(run: Command) -> None:
    assert run("calendar", "nobody").code == 3
