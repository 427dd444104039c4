"""One text to one number, because a person wants to see it arrive: by the same pace, limits, keys and ledger as any."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from worker.core.accounts.account import Account
from worker.core.authoring.preview import Trial
from worker.core.clock.timeouts import NUDGE_WAIT
from worker.core.planning.channel import SMS
from worker.core.planning.draft import Draft
from worker.core.sending.frequency_cap import TEST_SEND
from worker.core.sending.notification_states import WAITING
from worker.core.sending.nudge import NotificationId, text_id
from worker.core.texts.render import Written
from worker.core.triggers.match import RecordRef
from worker.core.triggers.recipient_key import key_of
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store import transitions
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock, committed
from worker.store.ingest import trial_send
from worker.store.ingest.trial_send import TrialStatus
from worker.store.transitions import Move

#: A person waits for it: later it would only puzzle.
LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes to whom, and who asked; the phone is E.164."""

    account: str
    tried: Trial
    phone: str
    by: str


def send_trial(sender: Sender, wanted: Wanted, *, salt: bytes) -> TrialStatus:
    """Send it now, or take it back: what may not go at once does not go later.

    Raises:
        KeyError: there is no such account.
        Exception: PostgreSQL cannot take it.
    """
    notification_id = committed(sender.pool, partial(plan, sender, wanted, salt))
    send(sender, [notification_id])
    return committed(sender.pool, partial(settle, notification_id))


def plan(sender: Sender, wanted: Wanted, salt: bytes, connection: Connection) -> NotificationId:
    configuration, now = sender.cache.look(connection)
    draft = draft_of(configuration.accounts[wanted.account], wanted, salt=salt, now=now)
    notification_id = trial_send.plan(connection, draft, now=now)
    after = {"trigger": TEST_SEND, "channel": draft.channel}
    note(connection, wanted.by, "send", text_id(notification_id), account=wanted.account, after=after, now=now)
    return notification_id


def draft_of(account: Account, wanted: Wanted, *, salt: bytes, now: datetime) -> Draft:
    key, tried = uuid.uuid4(), wanted.tried
    return Draft(
        key=key.bytes,
        account=account.id,
        trigger=TEST_SEND,
        dedupe_key=key.hex,
        channel=tried.channel or SMS,
        recipient_key=key_of(wanted.phone, salt=salt),
        recipient_kind="operator",
        recipient_id=wanted.by,
        client_id=None,
        phone=wanted.phone,
        message_class="staff",
        lane="urgent",
        locale=tried.locale,
        zone=account.zone,
        sender=tried.sender or account.sms_sender,
        viber=tried.viber,
        template=0,
        template_version=0,
        written=Written(tried.text, tried.size, (), 0, 0),
        record=RecordRef("", "", None, now),
        state="planned",
        reason=None,
        due_at=now + NUDGE_WAIT,
        expires_at=now + LIFE,
    )


def settle(notification_id: NotificationId, connection: Connection) -> TrialStatus:
    status = trial_send.look(connection, notification_id)
    if status.state not in WAITING:
        return status
    reason = status.reason or "not_now"
    cancelled = Move(notification_id, status.state, "cancelled", reason)
    transitions.apply(connection, [cancelled], actor="operator", now=clock(connection))
    return trial_send.look(connection, notification_id)
