"""One CRM installation as the rules see it: its hours, senders, switches and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Text:
    """The newest version of a template."""

    template: int
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Switch:
    """How an account uses one trigger; no text, or a blank one, means off."""

    channel: str
    texts: Mapping[str, Text]

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
class Account:
    """What decides about one account's notifications; `switches` holds only what is switched on."""

    id: str
    name: str
    sms_sender: str
    zone: str
    locale: str
    window: Window
    key_life: timedelta
    in_flight: int
    switches: Mapping[str, Switch]
