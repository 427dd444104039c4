"""What is known of an event, its notifications, a person: the facts that a timeline is told from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from worker.core.receipts.receipt_labels import Label
from worker.core.sending.nudge import NotificationId


@dataclass(frozen=True, slots=True)
class Switched:
    """The last time somebody switched a trigger before an event, as the audit has it."""

    at: datetime
    by: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """A trigger that an event's type may set off.

    Attributes:
        was_on: when the event came, as far as is known.
        is_met: whether its condition holds, as that a comment is the client's.
    """

    trigger: str
    recipient_kinds: frozenset[str]
    was_on: bool
    is_on: bool
    is_met: bool = True
    switched: Switched | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A notification of the same fact, which an event finds already planned."""

    notification_id: NotificationId
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """A reminder of the clock: of which record, when it was due, and what became of it; none is published twice."""

    trigger: str
    record_kind: str
    record_id: str
    due_at: datetime
    state: str
    reason: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventFacts:
    account: str
    event_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    outcome: str
    repeats: int = 0
    recipient_kinds: tuple[str, ...] = ()
    triggers: tuple[TriggerFacts, ...] = ()
    reminder: ReminderFacts | None = None
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class TransitionFacts:
    """A change of state; the first has no state before. `attempt` is the newest attempt's key by then."""

    at: datetime
    before: str | None
    after: str
    reason: str | None
    actor: str
    attempt: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """A request to TurboSMS; `posts` is how often it was made under its key, the cost is a row's estimate."""

    key: str
    created_at: datetime
    posts: int
    settled_at: datetime | None
    segments: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What TurboSMS reported of one channel of a message."""

    message_id: str
    channel: str
    status: str
    reason: str
    at: datetime | None
    price: Decimal | None
    segments: int | None


@dataclass(frozen=True, slots=True)
class PauseFacts:
    """What is paused, by whom if that may be told, until when if that is known, and what they wrote."""

    scope: str
    reason: str
    since: datetime
    by: str | None
    until: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetterFacts:
    id: int
    reason: str
    detail: str
    created_at: datetime
    times: int = 1
    state: str = "open"
    closed_at: datetime | None = None
    closed_by: str | None = None
    close_reason: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    version: int
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFacts:
    """A notification with all that happened to it; `phone` is as it may be shown.

    `event` is the number of its event; `resend_of` is the one that a person had sent again by it.
    """

    notification_id: NotificationId
    event: NotificationId
    account: str
    trigger: str
    channel: str
    recipient_kind: str
    recipient_id: str
    recipient_key: str
    phone: str | None
    lane: str
    locale: str
    zone: str
    segments: int
    state: str
    reason: str | None
    due_at: datetime | None
    expires_at: datetime
    created_at: datetime
    viber_fallback: str | None = None
    resend_of: NotificationId | None = None
    template: TemplateFacts | None = None
    transitions: Sequence[TransitionFacts] = ()
    attempts: Sequence[AttemptFacts] = ()
    receipts: Sequence[ReceiptFacts] = ()
    dead_letters: Sequence[DeadLetterFacts] = ()


@dataclass(frozen=True, slots=True)
class Suppressed:
    since: datetime
    scope: str
    reason: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What was looked through for a phone, and what is known of it otherwise.

    Attributes:
        phone: as it may be shown.
        events: so many of the account's events were looked through, back to `looked_back_to`.
        last_event_at: when the account's newest event came; None: it has sent none.
        dead_letters: open ones of the account.
    """

    account: str
    phone: str
    since: datetime
    looked_back_to: datetime
    events: int
    last_event_at: datetime | None
    dead_letters: int = 0
    suppressed: Suppressed | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One event with its notifications, a notification whose event is forgotten, or a reminder that led to no event.

    `codes` are the provider's words for reasons that are its own; moments are said in `zone`. Where nobody knows the
    account, commands name it as their help does.
    """

    zone: str
    event: EventFacts | None = None
    notifications: Sequence[NotificationFacts] = ()
    dead_letters: Sequence[DeadLetterFacts] = ()
    reminders: Sequence[ReminderFacts] = ()
    pauses: Sequence[PauseFacts] = ()
    codes: Mapping[str, Label] = field(default_factory=dict[str, Label])
    account: str = "ACCOUNT"
