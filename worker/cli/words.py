"""What tables call things: headings for the names of columns, words for codes. JSON keeps names and codes."""

from collections.abc import Mapping

from worker.core.receipts.reason_labels import REASONS
from worker.language import _, marked, of_pair

HEADINGS: Mapping[str, str] = {
    "account": marked("account"),
    "at": marked("at"),
    "author": marked("author"),
    "balance": marked("balance"),
    "by": marked("by"),
    "channel": marked("channel"),
    "consumers": marked("consumers"),
    "created": marked("created"),
    "created_at": marked("created"),
    "day": marked("day"),
    "delivered": marked("delivered"),
    "detail": marked("detail"),
    "ends": marked("ends"),
    "event": marked("event"),
    "event_id": marked("event"),
    "event_type": marked("type"),
    "failed": marked("failed"),
    "goes": marked("goes"),
    "hours": marked("hours"),
    "id": marked("id"),
    "kind": marked("kind"),
    "label": marked("label"),
    "lane": marked("lane"),
    "last_at": marked("last"),
    "lasts": marked("lasts"),
    "messages": marked("messages"),
    "month": marked("month"),
    "name": marked("name"),
    "not_sent": marked("not sent"),
    "oldest": marked("oldest"),
    "phone": marked("phone"),
    "planned": marked("planned"),
    "postponed": marked("waits"),
    "price": marked("price"),
    "queue": marked("queue"),
    "reason": marked("reason"),
    "recipient": marked("recipient"),
    "record": marked("record"),
    "scope": marked("scope"),
    "section": marked("section"),
    "segments": marked("segments"),
    "sending": marked("being sent"),
    "since": marked("since"),
    "source": marked("source"),
    "spent_today": marked("spent today"),
    "state": marked("state"),
    "text": marked("text"),
    "texts": marked("texts"),
    "times": marked("times"),
    "trigger": marked("trigger"),
    "type": marked("type"),
    "unconfirmed": marked("unconfirmed"),
    "undelivered": marked("not delivered"),
    "under_way": marked("under way"),
    "version": marked("version"),
    "waiting": marked("waits"),
    "waits_for": marked("waits for"),
    "week": marked("week"),
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
