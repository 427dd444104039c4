"""Rows without a report for so long that they are no longer polled."""

from tests.steps.receipts.receipts import ASK_AT, callback, states_by_message, taken
from tests.support.crm import execute, row, rows
from worker.steps.receipts.callbacks import record_callbacks
from worker.store.db.postgres import Pool


def give_up(pool: Pool) -> None:
    execute(pool, "UPDATE notifications SET reason = 'no_receipt'")
    execute(pool, "UPDATE provider_messages SET ask_at = NULL")


def test_a_row_that_was_given_up_is_polled_again_after_sent(acme: Pool) -> None:
    taken(acme, "m-1")
    give_up(acme)

    record_callbacks(acme, "acme", [callback("m-1", "SENT")])

    assert states_by_message(acme) == {"m-1": ("sent", None)}
    assert row(acme, "SELECT ask_at > now() FROM provider_messages") == (True,)


def test_a_row_that_was_given_up_keeps_its_reason_after_no_news(acme: Pool) -> None:
    taken(acme, "m-1")
    record_callbacks(acme, "acme", [callback("m-1", "SENT")])
    give_up(acme)

    record_callbacks(acme, "acme", [callback("m-1", "SENT", event="again")])

    assert states_by_message(acme) == {"m-1": ("sent", "no_receipt")}
    assert rows(acme, ASK_AT) == [(None,)]
