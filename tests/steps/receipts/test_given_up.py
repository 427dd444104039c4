"""Rows without a report for so long that they are no longer polled."""

from tests.steps.receipts.receipts import callback, taken
from tests.support.crm import execute, row
from worker.steps.receipts.callbacks import record_callbacks
from worker.store.db.postgres import Pool


def test_a_row_that_was_given_up_is_polled_again_after_sent(acme: Pool) -> None:
    taken(acme, "m-1")
    execute(acme, "UPDATE notifications SET reason = 'no_receipt', due_at = NULL")

    record_callbacks(acme, "acme", [callback("m-1", "SENT")])

    assert row(acme, "SELECT state, reason, due_at > now() FROM notifications") == ("sent", None, True)


def test_a_row_that_was_given_up_keeps_its_reason_after_no_news(acme: Pool) -> None:
    taken(acme, "m-1")
    record_callbacks(acme, "acme", [callback("m-1", "SENT")])
    execute(acme, "UPDATE notifications SET reason = 'no_receipt', due_at = NULL")

    record_callbacks(acme, "acme", [callback("m-1", "SENT", event="again")])

    assert row(acme, "SELECT state, reason, due_at FROM notifications") == ("sent", "no_receipt", None)
