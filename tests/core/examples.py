"""Values that the rules are asked about, each believable and each field changeable."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from tests.support.crm import SALT, Json, event
from worker.core.accounts.account import Account, Switch, Text
from worker.core.clock.quiet_hours import Window
from worker.core.contract.event import Event, Malformed, read
from worker.core.planning.draft import Draft, drafts
from worker.core.texts.transliteration import AS_WRITTEN, Spelling
from worker.core.triggers.catalogue import TRIGGERS

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ALWAYS = Window(0, 1440)


def account(
    *, window: Window = ALWAYS, switches: Mapping[str, Switch] | None = None, spelling: Spelling = AS_WRITTEN
) -> Account:
    """An account in Kyiv, with every trigger on and its default texts unless given others."""
    return Account(
        id="acme",
        name="ТОВ Ромашка",
        sms_sender="DemoShop",
        window=window,
        switches=everything() if switches is None else switches,
        plain_punctuation=spelling.is_plain,
        transliterate=spelling.is_latin,
    )


def everything() -> dict[str, Switch]:
    return {trigger.id: switch(**trigger.texts) for trigger in TRIGGERS}


def switch(**texts: str) -> Switch:
    """A switched-on trigger with these texts by language, all of template 7, version 3."""
    return Switch("sms", {locale: Text(7, 3, text) for locale, text in texts.items()})


def published(event_type: str = "invoice.overdue", *, at: datetime = NOW, **data: Any) -> Json:
    return {**event(event_type, **data), "time": at.isoformat()}


def look(result: Json | bytes, *, key: str = "acme.anything") -> Event | Malformed:
    body = result if isinstance(result, bytes) else orjson.dumps(result)
    return read(body, routing_key=key, now=NOW)


def happened(event_type: str = "invoice.overdue", *, at: datetime = NOW, **data: Any) -> Event:
    parsed = look(published(event_type, at=at, **data))
    assert isinstance(parsed, Event), parsed
    return parsed


def drafted(result: Event, *, by: Account | None = None, now: datetime = NOW) -> list[Draft]:
    return list(drafts(result, by or account(), salt=SALT, now=now))
