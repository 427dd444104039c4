"""Claimed rows whose record got newer: their texts are made anew in the transaction that claims them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.planning.channel import segments_on
from worker.core.sending.eligibility import Claimed, Dropped
from worker.core.sending.rerender import Renewed, renewed
from worker.store.db.postgres import Connection
from worker.store.sending import rerender


def renew(
    connection: Connection, rows: Sequence[Claimed], account: Account, *, now: datetime
) -> Iterator[Claimed | tuple[Claimed, Dropped]]:
    outdated = {row.notification_id: row for row in rows if row.is_outdated}
    origins = rerender.origins(connection, outdated)
    outcomes = {
        origin.notification_id: renewed(origin, outdated[origin.notification_id], account, now=now)
        for origin in origins
    }
    fresh = ((outdated[notification_id], new) for notification_id, new in outcomes.items() if isinstance(new, Renewed))
    rerender.write(connection, (columns(row, new) for row, new in fresh))
    for row in rows:
        match outcomes.get(row.notification_id):
            case Renewed(text=text, expires_at=expires_at):
                yield replace(row, text=text, segments=segments_on(row.channel, text), expires_at=expires_at)
            case Dropped() as end:
                yield row, end
            case None:
                yield row


def columns(row: Claimed, new: Renewed) -> dict[str, object]:
    month, number = row.notification_id
    count = segments_on(row.channel, new.text)
    return {"month": month, "id": number, "text": new.text, "segments": count, "expires_at": new.expires_at}
