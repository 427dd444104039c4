"""What tables call things: headings for the names of columns, words for codes. JSON keeps names and codes."""

from collections.abc import Mapping

from worker.core.receipts.reason_labels import REASONS
from worker.language import _, marked, of_pair

HEADINGS: Mapping[str, str] = {
    "account": marked("account"),
    "at": marked("at"),
    "author": marked("author"),
    "by": marked("by"),
    "channel": marked("channel"),
    "created": marked("created"),
    "created_at": marked("created"),
    "detail": marked("detail"),
    "event": marked("event"),
    "event_id": marked("event"),
    "event_type": marked("type"),
    "hours": marked("hours"),
    "id": marked("id"),
    "kind": marked("kind"),
    "label": marked("label"),
    "last_at": marked("last"),
    "name": marked("name"),
    "phone": marked("phone"),
    "price": marked("price"),
    "reason": marked("reason"),
    "record": marked("record"),
    "recipient": marked("recipient"),
    "scope": marked("scope"),
    "section": marked("section"),
    "segments": marked("segments"),
    "since": marked("since"),
    "source": marked("source"),
    "state": marked("state"),
    "text": marked("text"),
    "times": marked("times"),
    "trigger": marked("trigger"),
    "type": marked("type"),
    "version": marked("version"),
    "when": marked("when"),
}

STATES: Mapping[str, str] = {
    "planned": marked("planned"),
    "postponed": marked("waits"),
    "sending": marked("being sent"),
    "accepted": marked("accepted by TurboSMS"),
    "sent": marked("sent"),
    "delivered": marked("delivered"),
    "read": marked("read"),
    "undelivered": marked("not delivered"),
    "refused": marked("refused by TurboSMS"),
    "failed": marked("failed"),
    "expired": marked("expired"),
    "cancelled": marked("cancelled"),
    "skipped": marked("not sent"),
    "unconfirmed": marked("unconfirmed"),
}
CHANNELS: Mapping[str, str] = {
    "sms": marked("SMS"),
    "viber": marked("Viber"),
    "viber_then_sms": marked("Viber, then SMS"),
    "both": marked("Viber and SMS"),
}
#: The words of a column's codes.
WORDS: Mapping[str, Mapping[str, str]] = {
    "state": STATES,
    "channel": CHANNELS,
    "channel_set": CHANNELS,
    "switched_on": {"True": marked("on"), "False": marked("off")},
}
YES_NO: Mapping[str, str] = {"True": marked("yes"), "False": marked("no")}


def heading(name: str) -> str:
    return _(HEADINGS.get(name) or name.replace("_", " "))


def word(column: str, value: object) -> str:
    """A code of a column as people say it; what is no code is shown as it is."""
    if isinstance(value, bool):
        return _(WORDS.get(column, YES_NO)[str(value)])
    text = str(value)
    if column == "reason" and text in REASONS:
        return of_pair(REASONS[text])
    known = WORDS.get(column, {}).get(text)
    return _(known) if known else text
