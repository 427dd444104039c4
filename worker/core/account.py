"""One CRM installation as the rules see it: its hours, senders, switches and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from worker.core.pace import Rate
from worker.core.viber import Options


@dataclass(frozen=True, slots=True)
class Text:
    """The newest version of a template, and what it asks of Viber."""

    template: int
    version: int
    text: str
    viber: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Switch:
    """How an account uses one trigger; no text, or a blank one, means off.

    Attributes:
        channel: one of `core.channel.CHANNELS`.
        is_repeated_in_doubt: a text that nobody can tell of goes once more, rather twice than never.
    """

    channel: str
    texts: Mapping[str, Text]
    is_repeated_in_doubt: bool = False

    def text_in(self, *locales: str) -> Text | None:
        """The text in the first of these languages that has one, else in any."""
        for locale in (*locales, *self.texts):
            found = self.texts.get(locale)
            if found and found.text.strip():
                return found
        return None


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes after local midnight between which people may be disturbed; 0 to 1440 is always."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person may get: texts in any hour and any day, and the same text not within this time."""

    hour_max: int = 15
    day_max: int = 40
    same_text: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Account:
    """What decides about one account's notifications; `switches` holds only what is switched on.

    Attributes:
        key_life: how long the provider is trusted to remember a key.
        in_flight: POSTs that may be under way at once, over all replicas.
        multi_max: texts in one sendmulti, where `post_mode` is that.
        brake_from: a trigger that stays below this in an hour is never a runaway.
        viber_sender: the Viber sender that TurboSMS approved, if any.
        viber_instead: whatever would go as an SMS is tried by Viber first.
    """

    id: str
    name: str
    sms_sender: str
    zone: str
    locale: str
    window: Window
    key_life: timedelta
    in_flight: int
    switches: Mapping[str, Switch]
    post_mode: str = "send"
    multi_max: int = 20
    rate: Rate = field(default_factory=Rate)
    limits: Limits = field(default_factory=Limits)
    brake_from: int = 2000
    viber_sender: str | None = None
    viber_instead: bool = False

    def is_repeated_in_doubt(self, trigger: str) -> bool:
        """Whether a row of this trigger that nobody can tell of goes once more."""
        switch = self.switches.get(trigger)
        return switch is not None and switch.is_repeated_in_doubt
