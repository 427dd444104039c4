"""Why: the story of an event, a notification or a person, read from the ledger and told as a timeline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from worker.core.accounts.account import SENT, Account
from worker.core.contract.event import Event, read
from worker.core.contract.phone import national_digits
from worker.core.history.phone_in_body import names_phone
from worker.core.history.story import (
    DeadLetterFacts,
    Earlier,
    EventFacts,
    NotificationFacts,
    PauseFacts,
    PersonFacts,
    ReminderFacts,
    Story,
    TriggerFacts,
)
from worker.core.history.timeline import Entry, person_entries, remedies, timeline
from worker.core.planning.draft import drafts
from worker.core.receipts.receipt_labels import Label
from worker.core.sending.nudge import NotificationId, text_id
from worker.core.triggers.catalogue import BY_EVENT
from worker.core.triggers.matching import meets
from worker.core.triggers.recipients import key_of
from worker.core.triggers.trigger import Trigger
from worker.store.accounts import configuration
from worker.store.db.postgres import Connection
from worker.store.history import event_facts, notification_facts
from worker.store.history.event_facts import KeptEvent, Naming
from worker.turbosms.codes import label_of_code

#: Outcomes of events that some trigger was on for.
MATCHED = frozenset({"planned", "already_planned", "no_recipient"})
#: What moments are said in where nobody knows the account.
NO_ZONE = "Europe/Kyiv"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A timeline, and what somebody can do; `subject` is the event, notification, letter or person that it is about."""

    account: str | None
    subject: str
    zone: str
    entries: Sequence[Entry]

    @property
    def remedies(self) -> list[Label]:
        return remedies(self.entries)


@dataclass(frozen=True, slots=True)
class Known:
    """What every story of an account is told by."""

    account: Account | None
    pauses: Sequence[PauseFacts]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a story is read from, and at what moment.

    Attributes:
        salt: of recipient keys; with it the stop-list, texts whose phone was erased and earlier texts of a fact are
            known.
        zone: what moments are said in, if not the account's.
        nobodys: whether what is no account's is told: letters that have the event's id, which another's CRM may have
            sent, and who paused every account and why.
    """

    connection: Connection
    now: datetime
    salt: bytes | None = None
    zone: str | None = None
    nobodys: bool = True
    accounts: dict[str, Known] = field(default_factory=dict[str, Known], init=False, repr=False)

    def known(self, account: str) -> Known:
        """Read of an account what its stories share, once for all of them."""
        if account not in self.accounts:
            held = next((held for held, _ in configuration.load(self.connection, [account])), None)
            pauses = notification_facts.pauses_of(self.connection, account, nobodys=self.nobodys)
            self.accounts[account] = Known(held, pauses)
        return self.accounts[account]

    def zone_of(self, account: str | None) -> str:
        held = self.known(account).account if account else None
        return self.zone or (held.zone if held else NO_ZONE)


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """Whose phone (E.164), in which account and time."""

    account: str
    phone: str
    shown: str
    since: datetime
    until: datetime


def of_event(reading: Reading, event_id: str, accounts: Sequence[str]) -> list[Explanation]:
    """Tell the event of this id, of each account that has one, or the letters of one that was refused."""
    found = event_facts.events_of_id(reading.connection, event_id, accounts)
    if found:
        return [of_kept_event(reading, event) for event in found]
    only = accounts[0] if len(accounts) == 1 else None
    letters = event_facts.letters_of_id(reading.connection, only, event_id, nobodys=reading.nobodys)
    return [explanation_of_letters(reading, letters, only, event_id)] if letters else []


def of_notification(reading: Reading, notification_id: NotificationId) -> Explanation | None:
    """Tell one notification, from its event on; None where there is none."""
    found = notification_facts.by_ids(reading.connection, [notification_id])
    if not found:
        return None
    event = event_facts.event_of_number(reading.connection, found[0].event)
    return replace(explain(reading, found[0].account, event, found), subject=text_id(notification_id))


def of_person(reading: Reading, wanted: WantedPerson) -> list[Explanation]:
    """Tell every event that named a phone, its texts and letters, and what holds for the person beside them."""
    connection = reading.connection
    key = key_of(wanted.phone, salt=reading.salt) if reading.salt else None
    naming = Naming(wanted.account, national_digits(wanted.phone), wanted.since, wanted.until)
    named = event_facts.events_naming(connection, naming)
    events = {event.number: event for event in named if names_phone(event.body, wanted.phone)}
    span = {"since": wanted.since, "until": wanted.until}
    texts = notification_facts.numbers_of_phone(connection, wanted.account, wanted.phone, key, **span)
    explanation = [explanation_of_person(reading, events, number, ids) for number, ids in by_event(events, texts)]
    letters = [
        explanation_of_letters(reading, [letter], wanted.account, f"dead letter {letter.id}")
        for letter in event_facts.letters_naming(connection, naming)
    ]
    reminders = [
        explanation_of_reminder(reading, each, wanted) for each in event_facts.reminders_naming(connection, naming)
    ]
    stories = sorted((*filter(None, explanation), *letters, *reminders), key=lambda each: each.entries[0].at)
    return [*stories, *about_person(reading, wanted, naming, key, is_reached=bool(stories))]


def by_event(
    events: Iterable[NotificationId], texts: Iterable[tuple[NotificationId, NotificationId]]
) -> list[tuple[NotificationId, list[NotificationId]]]:
    """The notifications of a person by their event; events without any too."""
    groups: dict[NotificationId, list[NotificationId]] = {number: [] for number in events}
    for notification_id, number in texts:
        groups.setdefault(number, []).append(notification_id)
    return list(groups.items())


def explanation_of_person(
    reading: Reading,
    events: Mapping[NotificationId, KeptEvent],
    number: NotificationId,
    ids: Sequence[NotificationId],
) -> Explanation | None:
    event = events.get(number) or event_facts.event_of_number(reading.connection, number)
    texts = notification_facts.by_ids(reading.connection, ids)
    if event is None and not texts:
        return None
    return explain(reading, event.account if event else texts[0].account, event, texts)


def explanation_of_letters(
    reading: Reading, letters: Sequence[DeadLetterFacts], account: str | None, subject: str
) -> Explanation:
    zone = reading.zone_of(account)
    story = Story(zone, dead_letters=letters, account=account or "ACCOUNT")
    return Explanation(account, subject, zone, timeline(story, now=reading.now))


def explanation_of_reminder(reading: Reading, reminder: ReminderFacts, wanted: WantedPerson) -> Explanation:
    zone = reading.zone_of(wanted.account)
    story = Story(zone, reminders=[reminder], account=wanted.account)
    subject = f"{reminder.trigger}, {reminder.record_kind} {reminder.record_id}"
    return Explanation(wanted.account, subject, zone, timeline(story, now=reading.now))


def about_person(
    reading: Reading, wanted: WantedPerson, naming: Naming, key: bytes | None, *, is_reached: bool
) -> list[Explanation]:
    connection = reading.connection
    looked_at = event_facts.looked_at(connection, naming)
    facts = PersonFacts(
        wanted.account,
        wanted.shown,
        wanted.since,
        (looked_at.back_to or wanted.since) if looked_at.is_cut else wanted.since,
        looked_at.events,
        looked_at.last_event_at,
        event_facts.open_letters(connection, wanted.account),
        notification_facts.suppressed(connection, wanted.account, key) if key else None,
    )
    zone = reading.zone_of(wanted.account)
    entries = person_entries(facts, zone, is_reached=is_reached, now=reading.now)
    return [Explanation(wanted.account, wanted.shown, zone, entries)] if entries else []


def of_kept_event(reading: Reading, event: KeptEvent) -> Explanation:
    texts = notification_facts.of_event(reading.connection, event.account, event.number)
    return explain(reading, event.account, event, texts)


def explain(
    reading: Reading, account_id: str, kept: KeptEvent | None, texts: Sequence[NotificationFacts]
) -> Explanation:
    known, zone = reading.known(account_id), reading.zone_of(account_id)
    story = Story(
        zone,
        event_of(reading, kept, known.account) if kept else None,
        texts,
        event_facts.letters_of_event(reading.connection, kept, nobodys=reading.nobodys) if kept else (),
        pauses=known.pauses,
        codes=codes_of(texts),
        account=account_id,
    )
    subject = kept.event_id if kept else text_id(texts[0].notification_id)
    return Explanation(account_id, subject, zone, timeline(story, now=reading.now))


def event_of(reading: Reading, kept: KeptEvent, account: Account | None) -> EventFacts:
    parsed = read(kept.body, routing_key=kept.routing_key, now=kept.received_at)
    event = parsed if isinstance(parsed, Event) else None
    facts = EventFacts(
        kept.account,
        kept.event_id,
        kept.type,
        kept.occurred_at,
        kept.received_at,
        kept.outcome,
        kept.repeats,
        tuple(person.kind for person in event.data.recipients) if event else (),
        tuple(triggers_of(reading.connection, kept, event, account)),
        event_facts.reminder_of(reading.connection, kept),
    )
    if event is None or account is None or reading.salt is None or kept.outcome != "already_planned":
        return facts
    keys = [draft.key for draft in drafts(event, account, salt=reading.salt, now=kept.received_at)]
    earlier = event_facts.planned_under(reading.connection, keys)
    return replace(facts, earlier=tuple(Earlier((month, number), at) for month, number, at in earlier))


def triggers_of(
    connection: Connection, kept: KeptEvent, event: Event | None, account: Account | None
) -> Iterable[TriggerFacts]:
    triggers = BY_EVENT.get(kept.type, ())
    switched, before = event_facts.switchings(
        connection, kept.account, [trigger.id for trigger in triggers], kept.received_at
    )
    for trigger in triggers:
        is_on = account is not None and trigger.id in account.switches
        is_met = event is None or is_condition_met(trigger, event, account)
        last = switched.get(trigger.id)
        known = before.get(trigger.id, last.is_on if last else None)
        was_on = was_probably_on(kept.outcome, is_on=is_on, is_met=is_met) if known is None else known
        yield TriggerFacts(trigger.id, trigger.recipient_kinds, was_on, is_on, is_met, last)


def is_condition_met(trigger: Trigger, event: Event, account: Account | None) -> bool:
    switch = account.switches.get(trigger.id) if account else None
    return meets(trigger, event.data, sent=switch.sent if switch else SENT)


def was_probably_on(outcome: str, *, is_on: bool, is_met: bool) -> bool:
    """Whether a trigger was on that nobody is known to have switched: by what became of the event, else as it is."""
    if outcome in MATCHED and is_met:
        return True
    return is_on and not (outcome == "switched_off" and is_met)


def codes_of(texts: Iterable[NotificationFacts]) -> dict[str, Label]:
    """The provider's words for those reasons that are its codes."""
    moves = {move.reason for text in texts for move in text.transitions}
    return codes_of_reasons(moves | {reason for text in texts for reason in (text.reason, text.viber_fallback)})


def codes_of_reasons(reasons: Iterable[str | None]) -> dict[str, Label]:
    return {reason: label for reason in reasons if reason and (label := label_of_code(reason))}
