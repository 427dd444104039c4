from datetime import UTC, datetime, timedelta

import pytest

from tests.core.triggers.test_match import DOCUMENTS, drafts_of, only, with_setting
from tests.support.crm import Json


@pytest.mark.parametrize(("event_type", "record", "last", "number"), DOCUMENTS)
@pytest.mark.parametrize("days_left", [4, "4", 4.0])
def test_a_stale_last_day_is_not_spoken_of_and_lets_no_text_begin_expired(
    event_type: str, record: str, last: str, number: str, days_left: object
) -> None:
    draft = only(event_type, **{record: {"id": "5", "number": number, last: "2026-10-01", "days_left": days_left}})

    assert "діє до 27.11.2026" in draft.text
    assert "01.10" not in draft.text
    assert (draft.state, draft.expires_at) == ("planned", datetime(2026, 11, 27, 22, tzinfo=UTC))


@pytest.mark.parametrize("ahead", [{"duedate": "2026-11-24"}, {"days_left": 1}, {"days_left": "4"}])
def test_an_invoice_that_is_not_yet_due_is_skipped(ahead: Json) -> None:
    draft = only("invoice.overdue", invoice={"id": "1", "number": "INV-9", **ahead})

    assert (draft.state, draft.reason) == ("skipped", "not_overdue")


@pytest.mark.parametrize(
    "due", [{}, {"duedate": "2026-11-23"}, {"duedate": "2026-11-24", "days_left": -1}, {"days_left": 0}]
)
def test_an_overdue_invoice_is_planned(due: Json) -> None:
    draft = only("invoice.overdue", invoice={"id": "1", "number": "INV-9", **due})

    assert draft.state == "planned"
    assert "прострочено" in draft.text


def test_the_day_of_a_date_and_time_counts() -> None:
    draft = only("contract.overdue", contract={"id": "5", "number": "Д-1", "dateend": "2026-11-27 09:30:00"})

    assert "діє до 27.11.2026" in draft.text
    assert draft.expires_at == datetime(2026, 11, 27, 22, tzinfo=UTC)


@pytest.mark.parametrize("created", ["2026-10-01", "2026-10-01 09:30:00", "2026-10-01T09:30:00+02:00"])
def test_a_document_made_at_some_time_of_an_old_day_is_old(created: str) -> None:
    by = with_setting("proposal_expiration_reminder", age_max=timedelta(days=45))
    proposal = {"id": "5", "number": "КП-5", "open_till": "2026-11-27", "datecreated": created}

    [draft] = drafts_of("proposal.overdue", by=by, proposal=proposal)

    assert draft.reason == "document_too_old"
