"""What the schema takes though it looks wrong at first sight."""

from __future__ import annotations

import pytest

from tests.store.right_rows import add, rows
from worker.store.db.postgres import Connection


@pytest.mark.parametrize(
    "by_viber",
    [
        {"channel": "'viber'", "viber": """'{"sender": "x"}'"""},
        {"channel": "'viber_then_sms'", "viber": """'{"sender": "x"}'"""},
        {"channel": "'viber'", "state": "'skipped'", "reason": "'viber_sender_not_set'", "due_at": "NULL"},
    ],
)
def test_what_goes_by_viber_says_how_unless_it_does_not_go(acme: Connection, by_viber: dict[str, str]) -> None:
    add(acme, "notifications", by_viber)

    assert rows(acme, "SELECT channel FROM notifications WHERE channel <> 'sms'")


def test_a_closed_letter_does_not_stand_in_the_way_of_the_same_fault(acme: Connection) -> None:
    add(acme, "dead_letters", {"state": "'dropped'", "closed_at": "now()", "closed_by": "'x'"})
    add(acme, "dead_letters", {})

    assert rows(acme, "SELECT state FROM dead_letters ORDER BY id") == [("dropped",), ("open",)]
