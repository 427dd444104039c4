"""Whether a notification may be sent now, asked again at every claim: the first objection wins."""

from dataclasses import dataclass
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import opening
from worker.core.contract.data import Record
from worker.core.planning.channel import TOO_LONG, VIBER
from worker.core.planning.consent import NO_CONSENT
from worker.core.planning.suppression import SUPPRESSED
from worker.core.planning.viber_reach import NO_VIBER, is_hopeless
from worker.core.sending.nudge import NotificationId
from worker.core.texts.viber_message import TEXT_MAX, Viber
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.matching import objection

#: Why nobody gets it: the person was deleted; a row under their new phone is sent instead.
RECIPIENT_DELETED = "recipient_deleted"
SENT_ELSEWHERE = "sent_elsewhere"
#: Why somebody waits whose new phone was a deleted person's: the text for that one comes to nothing first.
PHONE_TAKEN = "phone_taken"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A locked row and the newest facts about it.

    `record` is None where nothing is known of it; `is_outdated`: it is newer than the state that the text is about.
    `unreached_at`: TurboSMS reported then that Viber does not reach the phone. `is_unagreed`: advertising after a
    withdrawn consent. `phone_now` is the person's phone by their own record, where that is newer than the event.
    """

    notification_id: NotificationId
    trigger: str
    phone: str
    recipient_key: bytes
    text: str
    segments: int
    sender: str
    lane: str
    zone: str
    state: str
    reason: str | None
    expires_at: datetime
    created_at: datetime
    channel: str
    viber: Viber | None
    is_suppressed: bool
    record: Record | None
    is_deleted: bool
    is_outdated: bool
    unreached_at: datetime | None
    is_unagreed: bool
    phone_now: str | None
    is_recipient_deleted: bool

    @property
    def sms_sender(self) -> str | None:
        return None if self.channel == VIBER else self.sender


@dataclass(frozen=True, slots=True)
class Allowed:
    pass


@dataclass(frozen=True, slots=True)
class Postponed:
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Dropped:
    state: str
    reason: str


Decision = Allowed | Postponed | Dropped


def decide(row: Claimed, account: Account, *, now: datetime) -> Decision:
    """Ask expiry, stop-list, consent, the record's truth, the channel and the window, in this order."""
    if row.expires_at <= now:
        return Dropped("expired", "too_late")
    if reason := why_not_them(row):
        return Dropped("cancelled", reason)
    trigger = BY_ID.get(row.trigger)
    reason = objection(trigger, row.record or Record(), deleted=row.is_deleted) if trigger else None
    if reason := reason or (obstacle(row, account, now=now) if row.channel == VIBER else None):
        return Dropped("cancelled", reason)
    if trigger is None:
        return Allowed()
    opens = opening(account.window, zone=row.zone, now=now) if trigger.window == "day" else now
    return Postponed(opens, "quiet_hours") if opens > now else Allowed()


def why_not_them(row: Claimed) -> str | None:
    if row.is_suppressed:
        return SUPPRESSED
    if row.is_recipient_deleted:
        return RECIPIENT_DELETED
    return NO_CONSENT if row.is_unagreed else None


def obstacle(row: Claimed, account: Account, *, now: datetime) -> str | None:
    if len(row.text) > TEXT_MAX:
        return TOO_LONG
    return NO_VIBER if is_hopeless(row.unreached_at, account.viber_reach_days, now=now) else None
