"""What a line of ours says in words: its `message`, made of its own values and nothing else."""

from collections import defaultdict
from collections.abc import Mapping

#: By action; of a value that a line lacks a dash is left.
SENTENCES: Mapping[str, str] = {
    "event.planned": "Event {event_id} of {account} ({type}) led to {count} texts.",
    "event.already_planned": "Event {event_id} of {account} ({type}) tells what its people were told before.",
    "event.no_recipient": "Event {event_id} of {account} ({type}) names nobody whom its triggers write to.",
    "event.switched_off": "Event {event_id} of {account} ({type}) has no trigger that is on.",
    "event.recorded": "Event {event_id} of {account} ({type}) was recorded; it writes to nobody at once.",
    "event.repeated": "Event {event_id} of {account} ({type}) came again; nothing happens twice.",
    "text.accepted": "TurboSMS took text {notification} of {account} ({trigger}).",
    "text.sent": "Text {notification} of {account} ({trigger}) was sent.",
    "text.delivered": "Text {notification} of {account} ({trigger}) was delivered.",
    "text.read": "Text {notification} of {account} ({trigger}) was read.",
    "text.undelivered": "Text {notification} of {account} ({trigger}) did not arrive: {reason}.",
    "text.refused": "TurboSMS refused text {notification} of {account} ({trigger}): {reason}.",
    "text.unconfirmed": "Nobody knows whether text {notification} of {account} ({trigger}) was sent: {reason}.",
    "text.failed": "Text {notification} of {account} ({trigger}) failed: {reason}.",
    "text.expired": "Text {notification} of {account} ({trigger}) came too late to be sent: {reason}.",
    "text.cancelled": "Text {notification} of {account} ({trigger}) was cancelled: {reason}.",
    "text.skipped": "Text {notification} of {account} ({trigger}) was not sent: {reason}.",
    "text.unreported": "TurboSMS does not report what became of text {notification} of {account}: {reason}.",
    "straight.rests": "For a while texts are planned before they go, for claiming them at once failed: {reason}.",
    "post.left": "A request of {attempts} attempts is left until its lease ends: this process stops, another makes it.",
    "outcomes.refused": "RabbitMQ does not take what the CRM of {account} is to hear; others hear meanwhile.",
    "outcomes.accepted": "The CRM of {account} hears again.",
    "outcomes.shut": "RabbitMQ does not let us declare the exchange sms.outcomes: CRMs hear nothing. {reason}.",
    "outcomes.open": "The exchange sms.outcomes is ours again: CRMs hear.",
    "outcomes.dropped": "Dropped {outcomes} outcomes that no CRM took for three days.",
    "outcome.broken": "The program fails on outcome {outcome} of {account}; whoever maintains it needs the traceback.",
    "erasure.failed": "Erasure {erasure} failed and is tried again. See perfectum-sms privacy erasures.",
    "dead_letter.event": "Event {event_id} of {account} was refused: {reason}. See perfectum-sms dead list.",
    "dead_letter.job": "Text {notification} of {account} needs a person: {reason}. See perfectum-sms dead list.",
    "dead_letter.message": "RabbitMQ left a message that is none of ours: {reason}. See perfectum-sms dead list.",
}
#: How people write the first word of an action.
NAMES: Mapping[str, str] = {
    "http": "HTTP",
    "postgresql": "PostgreSQL",
    "provider": "TurboSMS",
    "rabbitmq": "RabbitMQ",
    "tzdata": "Time zones",
}


def sentence_of(action: str, values: Mapping[str, object]) -> str:
    """The sentence of a line; of an action without one its words, and the reason."""
    known = SENTENCES.get(action)
    if known:
        given = {name: value for name, value in values.items() if value is not None}
        return known.format_map(defaultdict(lambda: "-", given))
    subject, _, what = action.partition(".")
    words = f"{NAMES.get(subject, subject.capitalize())} {what}".replace("_", " ").strip()
    reason = values.get("reason")
    return f"{words}: {reason}." if isinstance(reason, str) and words else f"{words}."
