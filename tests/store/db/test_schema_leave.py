"""What the schema takes though it looks wrong at first sight."""

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
def test_a_viber_row_has_its_message_unless_it_is_skipped(acme: Connection, by_viber: dict[str, str]) -> None:
    add(acme, "notifications", by_viber)

    assert rows(acme, "SELECT channel FROM notifications WHERE channel <> 'sms'")


def test_a_closed_dead_letter_allows_a_new_one_of_the_same_hash(acme: Connection) -> None:
    add(acme, "dead_letters", {"state": "'dropped'", "closed_at": "now()", "closed_by": "'x'"})
    add(acme, "dead_letters", {})

    assert rows(acme, "SELECT state FROM dead_letters ORDER BY id") == [("dropped",), ("open",)]
