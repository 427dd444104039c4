"""Claimed rows of people whose phone changed while they waited: they go to the new one, to nobody twice."""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from worker.core.clock.timeouts import PHONE_WAIT
from worker.core.contract.phone import normalise
from worker.core.planning.channel import dedupe_channel
from worker.core.planning.draft import key_of
from worker.core.sending.eligibility import PHONE_TAKEN, SENT_ELSEWHERE, Claimed, Decision, Dropped, Postponed
from worker.core.sending.nudge import NotificationId
from worker.core.triggers.recipient_key import key_of as recipient_key_of
from worker.store.accounts.secrets import Seal, salt
from worker.store.db.postgres import Connection
from worker.store.hands import resends
from worker.store.sending import claims, phone_changes
from worker.store.sending.phone_changes import Holder, Readdressed

ELSEWHERE = Dropped("cancelled", SENT_ELSEWHERE)


def readdress(
    connection: Connection, rows: Sequence[Claimed], account: str, seal: Seal, *, now: datetime
) -> tuple[Sequence[Claimed], list[tuple[Claimed, Decision]]]:
    """Give rows their recipients' newest phones and claim them anew; end those whose text that phone gets anyway."""
    changed = {row.notification_id: phone for row in rows if row.expires_at > now and (phone := new_phone(row))}
    if not changed:
        return rows, []
    by_notification_id, ours = {row.notification_id: row for row in rows}, salt(connection, seal)
    wanted = [
        readdressed(by_notification_id[notification_id], account, dedupe, changed[notification_id], salt=ours)
        for notification_id, dedupe in phone_changes.dedupe_keys(connection, changed)
    ]
    moved = phone_changes.readdress(connection, wanted)
    beaten = [lost for lost in wanted if lost.notification_id not in moved]
    later = set[NotificationId]()
    if beaten:
        deleted = {row.notification_id for row in rows if row.is_recipient_deleted}
        free, later = parted(unsent(connection, beaten), beaten, deleted)
        phone_changes.take_over(connection, free)
        moved |= phone_changes.readdress(connection, free)
    decided: list[tuple[Claimed, Decision]] = [
        (
            by_notification_id[notification_id],
            Postponed(now + PHONE_WAIT, PHONE_TAKEN) if notification_id in later else ELSEWHERE,
        )
        for notification_id in changed.keys() - moved
    ]
    out = {row.notification_id for row, _ in decided}
    left = [notification_id for notification_id in by_notification_id if notification_id not in out]
    return claims.claim(connection, account, left, limit=len(rows), now=now), decided


def unsent(connection: Connection, beaten: Sequence[Readdressed]) -> list[Holder]:
    """Find holders of these keys that sent nothing, nor another text in their place by hand."""
    holders = phone_changes.holders(connection, beaten)
    resent = resends.resent_as(connection, {holder.notification_id for holder in holders}) if holders else {}
    return [holder for holder in holders if holder.notification_id not in resent]


def parted(
    holders: Iterable[Holder], beaten: Sequence[Readdressed], deleted: Container[NotificationId]
) -> tuple[list[Readdressed], set[NotificationId]]:
    """Split rows whose key another row holds: it will never be sent, or they must wait for its end.

    `deleted` are rows that end in this claim.
    """
    is_waiting = {holder.key: holder.waits and holder.notification_id not in deleted for holder in holders}
    free = [readdressed for readdressed in beaten if is_waiting.get(readdressed.key) is False]
    return free, {readdressed.notification_id for readdressed in beaten if is_waiting.get(readdressed.key)}


def new_phone(row: Claimed) -> str | None:
    """The usable phone in the recipient's newer record, if it is another one."""
    phone = normalise(row.phone_now or "")
    return phone if isinstance(phone, str) and phone != row.phone else None


def readdressed(row: Claimed, account: str, dedupe: str, phone: str, *, salt: bytes) -> Readdressed:
    person = recipient_key_of(phone, salt=salt)
    key = key_of(account, row.trigger, dedupe, person, dedupe_channel(row.channel))
    return Readdressed(row.notification_id, phone, person, key)
