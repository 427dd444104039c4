"""The newest status of each channel of a message; it only grows better."""

from collections.abc import Iterable

from worker.core.receipts.channel_status import ChannelStatus
from worker.store.db.postgres import NONE, Connection, as_rows, columns_of

#: Whoever writes has locked the notification, read what is stored here, and merged both.
WRITE = """
INSERT INTO channel_statuses (
    account, message_id, channel, status, rejected, sent_at, updated_at, price, segments, price_status
)
SELECT
    %(account)s, r.message_id, r.channel, r.status, r.rejected, r.sent_at, r.updated_at, r.price, r.segments,
    r.price_status
FROM json_to_recordset(%(channel_statuses)s::json) AS r(
    message_id text, channel text, status text, rejected text, sent_at timestamptz, updated_at timestamptz,
    price numeric, segments smallint, price_status text
)
ON CONFLICT (account, message_id, channel) DO UPDATE SET
    status = excluded.status, rejected = excluded.rejected, sent_at = excluded.sent_at,
    updated_at = excluded.updated_at, price = excluded.price, segments = excluded.segments,
    price_status = excluded.price_status
"""


def write(connection: Connection, account: str, channels: Iterable[tuple[str, ChannelStatus]]) -> None:
    rows = as_rows(row(message_id, channel) for message_id, channel in channels)
    if rows != NONE:
        connection.execute(WRITE, {"account": account, "channel_statuses": rows})


COLUMNS = columns_of("channel", "status", "rejected", "sent_at", "updated_at", "segments", "price_status")


def row(message_id: str, channel: ChannelStatus) -> dict[str, object]:
    price = None if channel.price is None else str(channel.price)
    return {"message_id": message_id, **COLUMNS(channel), "price": price}
