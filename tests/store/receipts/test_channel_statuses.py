import pytest
from psycopg.errors import ForeignKeyViolation

from tests.store.right_rows import add, rows
from worker.store.db.postgres import Connection


def test_a_channel_status_belongs_to_a_message_and_goes_with_it(acme: Connection) -> None:
    with pytest.raises(ForeignKeyViolation), acme.transaction():
        add(acme, "channel_statuses", {"message_id": "'nobodys'"})
    add(acme, "channel_statuses", {})

    rows(acme, "DELETE FROM provider_messages")

    assert rows(acme, "SELECT count(*) FROM channel_statuses") == [(0,)]
