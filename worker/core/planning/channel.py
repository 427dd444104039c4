"""On which channels a text goes to a person, and what becomes of it where Viber cannot take it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from worker.core.accounts.account import Account
from worker.core.accounts.settings import AccountSettings
from worker.core.lanes import LANES
from worker.core.texts.segments import segments
from worker.core.texts.viber_message import TEXT_MAX, Options, Viber

SMS = "sms"
VIBER = "viber"
#: One message for which TurboSMS tries Viber first, and sends the SMS by itself where that does not arrive in time.
HYBRID = "viber_then_sms"
BOTH = "both"
#: What a trigger may be set to; a notification is never `both`.
CHANNELS = (SMS, VIBER, HYBRID, BOTH)

#: Why a Viber message is skipped: the fix is `account set --viber-sender`, or a shorter template.
NO_SENDER = "viber_sender_not_set"
TOO_LONG = "viber_text_too_long"


@dataclass(frozen=True, slots=True)
class Route:
    channel: str
    sender: str
    viber: Viber | None = None
    objection: str | None = None
    viber_fallback: str | None = None


def routes(channel: str, account: Account, text: str, *, lane: str, options: Callable[[], Options]) -> Iterator[Route]:
    """The ways of a text for which a trigger is set to `channel`; `options` makes this person's Viber options.

    Where Viber cannot be used, `viber_then_sms` is the SMS that it would end as.
    """
    for way in ways(channel, account):
        objection = None if way == SMS else obstacle(account, text)
        if way == SMS or (way == HYBRID and objection):
            yield Route(SMS, account.sms_sender, viber_fallback=objection)
        elif objection:
            yield Route(way, account.viber_sender or "", None, objection)
        else:
            sender, asked = account.viber_sender or "", options()
            patient = replace(asked, ttl=asked.ttl or LANES[lane].viber_wait_s) if way == HYBRID else asked
            yield Route(way, account.sms_sender if way == HYBRID else sender, Viber(sender, patient))


def ways(channel: str, account: Account) -> tuple[str, ...]:
    return (SMS, VIBER) if channel == BOTH else (effective(channel, account),)


def effective(channel: str, settings: AccountSettings) -> str:
    """How a text goes: one set to be an SMS is tried by Viber first, or goes by it alone, if the account wants so."""
    if channel != SMS or not settings.viber_instead:
        return channel
    return VIBER if settings.viber_alone else HYBRID


def obstacle(account: Account, text: str) -> str | None:
    if not account.viber_sender:
        return NO_SENDER
    return TOO_LONG if len(text) > TEXT_MAX else None


def dedupe_channel(channel: str) -> str:
    """What a channel takes of a person: an SMS is one whether Viber is tried before it or not."""
    return SMS if channel == HYBRID else channel


def segments_on(channel: str, text: str) -> int:
    return 0 if channel == VIBER else segments(text).count
