import pytest
from psycopg.errors import ForeignKeyViolation

from tests.store.right_rows import add, rows
from worker.store.db.postgres import Connection


@pytest.mark.parametrize("table", ["channel_statuses", "follow_ups"])
def test_a_channel_status_belongs_to_a_message_and_goes_with_it(acme: Connection, table: str) -> None:
    with pytest.raises(ForeignKeyViolation), acme.transaction():
        add(acme, table, {"message_id": "'nobodys'"})
    add(acme, table, {})

    rows(acme, "DELETE FROM provider_messages")

    assert rows(acme, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 (our own names)
