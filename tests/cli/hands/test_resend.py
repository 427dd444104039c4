import pytest

from tests.cli.conftest import Command
from tests.support.crm import delivery, event, execute, rows
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

MADE = "SELECT resend_of, lane, state FROM notifications WHERE resend_of IS NOT NULL ORDER BY resend_of"
UNDELIVERED = """
UPDATE notifications SET state = 'undelivered', reason = 'absent', due_at = NULL WHERE trigger = 'order_created'
"""
SENT = """
UPDATE notifications SET state = 'sent', due_at = NULL, attempt = 'x', attempt_month = month
WHERE trigger = 'invoice_payment_recorded'
"""


@pytest.fixture
def ended(shop: Command, intake: Intake, pool: Pool) -> Command:
    """Two orders were not delivered; a payment was sent, and nobody knows whether it arrived."""
    accept(intake, [delivery(event(kind)) for kind in [*["order.created"] * 2, "invoice.payment_recorded"]])
    execute(pool, UNDELIVERED)
    execute(pool, SENT)
    return shop


def ids(pool: Pool, state: str) -> list[str]:
    return [str(number) for (number,) in rows(pool, "SELECT id FROM notifications WHERE state = %s ORDER BY id", state)]


def test_a_filter_finds_what_did_not_arrive(ended: Command, pool: Pool) -> None:
    asked = ended("resend", "--account", "acme")
    done = ended("resend", "--account", "acme", "--yes")
    again = ended("resend", "--account", "acme", "--yes", "--json")

    assert (asked.code, done.code, again.code) == (2, 0, 0)
    assert "2 texts of acme, made " in asked.err
    assert "as soon as hours and limits let them: 2." in done.err
    assert [(str(first), lane) for first, lane, _ in rows(pool, MADE)] == [
        (number, "urgent") for number in ids(pool, "undelivered")
    ]
    assert again.json["outcomes"] == {"resent_before": 2}


def test_what_may_have_arrived_is_sent_again_only_if_it_is_said(ended: Command, pool: Pool) -> None:
    [sent] = ids(pool, "sent")

    first = ended("resend", sent, "--yes")
    made = rows(pool, MADE)
    second = ended("resend", sent, "--yes", "--twice")

    assert (first.code, made, second.code) == (1, [], 0)
    assert "These may have arrived (1 sent): whoever got one gets it twice.\nThey are left alone" in first.err
    assert [str(first) for first, _, _ in rows(pool, MADE)] == [sent]


def test_a_dry_run_says_what_would_become_of_each(ended: Command, pool: Pool) -> None:
    execute(pool, "INSERT INTO suppressions SELECT account, recipient_key, 'x', 'x', now() FROM notifications LIMIT 1")

    result = ended("resend", "--account", "acme", "--dry-run")

    assert result.code == 0
    assert "2 would be cancelled: the phone is on the stop-list" in result.err
    assert "Nothing was changed." in result.err
    assert rows(pool, MADE) == []


def test_what_still_waits_is_not_sent_again(shop: Command, intake: Intake, pool: Pool) -> None:
    accept(intake, [delivery(event("order.created"))])

    result = shop("resend", *ids(pool, "planned"), "--yes")

    assert (result.code, rows(pool, MADE)) == (1, [])
    assert "Nothing of that is to be sent again (1 planned)." in result.err


def test_a_state_that_nobody_knows_is_refused(ended: Command, pool: Pool) -> None:
    result = ended("resend", "--account", "acme", "--state", "undeliverd", "--yes")

    assert (result.code, rows(pool, MADE)) == (2, [])
    assert "did you mean undelivered?" in result.err
