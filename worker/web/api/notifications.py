"""`/notifications`: texts and what became of each, with the filters and cursors of the desk."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from worker.core.history.filters import CHANNELS, STATES, Filter, cursor, faults
from worker.core.sending.nudge import NotificationId, text_id
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.recipient_key import key_of
from worker.language import _
from worker.steps.history.phones_seen import note_phones
from worker.steps.history.why import Reading, of_notification
from worker.store.accounts import secrets
from worker.store.db.postgres import Connection, each_alone, transaction
from worker.store.history.entries import load, page
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Cursor, Fields, KindAndId, Limit, Moment, Phone, Phones, Words, about, begun, one_of
from worker.web.api.notification_answer import Notification, NotificationPage, Span, notification
from worker.web.api.problems import NOT_FOUND, Problem, invalid, not_found
from worker.web.api.story_answer import Sentence, StoryMoment, sentences, timeline

TAG = "notifications"
Trigger = Annotated[str, one_of(BY_ID)]
State = Annotated[str, one_of(STATES)]
Channel = Annotated[str, one_of(CHANNELS)]


class Wanted(Fields):
    """Filters; whatever is given must be true of each text."""

    search: Annotated[
        Words | None,
        about(
            "Words that its text, its person's name or (to keys that see phones) its phone has: 3 letters or more.",
            "ромашка",
        ),
    ] = None
    client: Annotated[Words | None, about("Of all people of a client of the CRM.", "5")] = None
    person: Annotated[KindAndId | None, about("Of a person: its kind and id.", "contact:17")] = None
    phone: Annotated[
        Phone | None, about("Of a phone, in any form; the audit notes who asks but sees no phones.", "+380671234567")
    ] = None
    record: Annotated[KindAndId | None, about("About a record: its kind and id.", "invoice:901")] = None
    event: Annotated[Words | None, about("That the event of this id led to.")] = None
    trigger: Annotated[tuple[Trigger, ...], about("Of any of these triggers.", max_length=50)] = ()
    state: Annotated[tuple[State, ...], about("In any of these states.", max_length=50)] = ()
    reason: Annotated[Words | None, about("In that state for this reason.", "no_consent")] = None
    channel: Annotated[Channel | None, about("That go by this.")] = None
    since: Annotated[Moment | None, about("Planned since then.", "2026-11-24T00:00:00+02:00")] = None
    until: Annotated[Moment | None, about("Planned before then.")] = None
    limit: Limit = 50
    cursor: Cursor = None
    phones: Phones = False


class ById(Fields):
    """One text, as lists name it: `2026-11/123`."""

    month: Annotated[str, about("The first part of its id.", "2026-11", pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$")]
    number: Annotated[str, about("The second part of its id.", "123", pattern=r"^[1-9][0-9]{0,17}$")]
    phones: Phones = False

    @property
    def notification_id(self) -> NotificationId:
        year, month = map(int, self.month.split("-"))
        return date(year, month, 1), int(self.number)


@dataclass(frozen=True, slots=True)
class NotificationStory:
    """A text with its story."""

    notification: Notification
    timeline: Annotated[list[StoryMoment], about("What happened, in order.")]
    remedies: Annotated[list[Sentence], about("What somebody can do about it now.")]


@endpoint("GET", "/notifications", scope="read", tag=TAG, answer=NotificationPage)
def list_notifications(call: Call[Wanted, None]) -> Answer | Problem:
    """List texts, the newest first.

    Of a client, a person, a phone, a record or an event, or of the whole account. The page goes on at `next`, however
    many texts are planned meanwhile.
    """
    asked = call.parameters
    with each_alone(call.pool) as connection:
        wanted = filter_of(connection, call)
        after = begun(asked.cursor, wanted)
        if wrong := [*faults(wanted), *after.faults]:
            return invalid(wrong)
        listed = page(connection, wanted, limit=asked.limit, after=after.position)
        if asked.phones or (asked.phone and not call.key.sees_phones):
            note_phones(connection, call.key.as_operator, "history", wanted)
    items = [notification(entry, phones=asked.phones) for entry in listed.entries]
    left_out = Span(listed.unsearched.since, listed.unsearched.until) if listed.unsearched else None
    return Answer(NotificationPage(items, cursor(listed.after, wanted) if listed.after else None, left_out))


@endpoint(
    "GET", "/notifications/{month}/{number}", scope="read", tag=TAG, answer=NotificationStory, problems=(NOT_FOUND,)
)
def show_notification(call: Call[ById, None]) -> Answer | Problem:
    """Show one text with its story.

    Moment by moment: from the event to what TurboSMS reported, why it went so, and what can be done.
    """
    asked = call.parameters
    with transaction(call.pool) as connection:
        found = [entry for entry in load(connection, [asked.notification_id]) if entry.account == call.account]
        explanation = (
            of_notification(Reading(connection, call.now, nobodys=False), asked.notification_id) if found else None
        )
        if explanation is None:
            return not_found(_("text {name}", name=f"{asked.month}/{asked.number}"))
        if asked.phones:
            subject_ = f"history {text_id(asked.notification_id)}"
            note_phones(connection, call.key.as_operator, subject_, Filter(account=call.account))
    text = notification(found[0], phones=asked.phones)
    return Answer(NotificationStory(text, timeline(explanation), sentences(explanation.remedies)))


def filter_of(connection: Connection, call: Call[Wanted, None]) -> Filter:
    """The filter, of the key's account alone."""
    asked = call.parameters
    salt = secrets.salt(connection, call.seal) if asked.phone else b""
    return Filter(
        account=call.account,
        recipient=asked.person,
        client=asked.client,
        phone_key=key_of(asked.phone, salt=salt) if asked.phone else None,
        record=asked.record,
        event=asked.event,
        triggers=asked.trigger,
        states=asked.state,
        reason=asked.reason,
        channel=asked.channel,
        since=asked.since,
        until=asked.until,
        text=asked.search,
        searches_phones=call.key.sees_phones,
    )
