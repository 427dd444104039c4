"""An account as its file says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from worker.cli.account.account_file import NONE
from worker.cli.account.setting_formats import hours_words
from worker.core.clock.durations import duration_words
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts import templates, trigger_settings
from worker.store.accounts.account_settings import AccountSettings
from worker.store.accounts.templates import Kept
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection

#: Keys of the file whose column has another name.
COLUMNS = {
    "sender": "sms_sender",
    "rate": "requests_per_s",
    "segment_rate": "segments_per_s",
    "person_hour": "person_hour_max",
    "person_day": "person_day_max",
}


def exported(connection: Connection, account: str, settings: AccountSettings) -> dict[str, Any]:
    """Everything that is set of an account, as its file holds it."""
    kept = templates.listed(connection, account)
    return {
        "account": account,
        **settings_of(settings),
        "triggers": dict(triggers_of(trigger_settings.listed(connection, account), kept)),
        "templates": dict(customs_of(kept)),
    }


def settings_of(settings: AccountSettings) -> dict[str, Any]:
    """Its settings, as the file writes them."""
    return {
        "name": settings.name,
        "sender": settings.sms_sender,
        "viber_sender": NONE if settings.viber_sender is None else settings.viber_sender,
        "viber_instead": settings.viber_instead,
        "viber_reach_days": settings.viber_reach_days,
        "zone": settings.zone,
        "locale": settings.locale,
        "hours": hours_words(settings.window_opens, settings.window_closes),
        "custom_shortcodes": list(settings.custom_shortcodes),
        "plain_punctuation": settings.plain_punctuation,
        "transliterate": settings.transliterate,
        "segment_price": NONE if settings.segment_price is None else float(settings.segment_price),
        **budget_of(settings),
        "low_balance": money(settings.low_balance),
        "low_hours": NONE if settings.low_hours is None else settings.low_hours,
        "alert_phone": settings.alert_phone or NONE,
        "person_hour": settings.person_hour_max,
        "person_day": settings.person_day_max,
        "same_text": duration_words(settings.same_text),
        "brake_from": settings.brake_from,
        "post_mode": settings.post_mode,
        "multi_max": settings.multi_max,
        "rate": plain(settings.requests_per_s),
        "segment_rate": NONE if settings.segments_per_s is None else plain(settings.segments_per_s),
        "in_flight": settings.in_flight,
        "key_life": duration_words(settings.key_life),
    }


def budget_of(held: AccountSettings | TriggerSettings) -> dict[str, Any]:
    """What may be spent in a day, and what becomes of the rest."""
    return {
        "daily_budget": money(held.daily_budget),
        "daily_segments": NONE if held.daily_segments is None else held.daily_segments,
        "over_budget": held.over_budget,
    }


def money(amount: Decimal | None) -> float | str:
    """Hryvnias."""
    return NONE if amount is None else plain(float(amount))


def plain(number: float) -> float:
    """10 and not 10.0."""
    return int(number) if number.is_integer() else number


def triggers_of(set_: Mapping[str, TriggerSettings], kept: Iterable[Kept]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every trigger of the catalogue."""
    texts = list(kept)
    for trigger in TRIGGERS:
        one = set_.get(trigger.id, TriggerSettings())
        part: dict[str, Any] = {"enabled": one.switched_on, "channel": one.channel, "in_doubt": one.in_doubt}
        if one.settings:
            part["settings"] = dict(one.settings)
        if budget_of(one) != budget_of(TriggerSettings()):
            part |= budget_of(one)
        if not trigger.is_free:
            part["texts"] = dict(texts_of(kept for kept in texts if kept.trigger == trigger.id))
        yield trigger.id, part


def customs_of(kept: Iterable[Kept]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every custom template, in all its languages."""
    by_name: dict[str, list[Kept]] = {}
    for one in kept:
        if one.name is not None:
            by_name.setdefault(one.name, []).append(one)
    for name, texts in by_name.items():
        about = {"section": texts[0].section, "description": texts[0].description or ""}
        yield name, {**about, "texts": dict(texts_of(texts))}


def texts_of(kept: Iterable[Kept]) -> Iterator[tuple[str, Any]]:
    """Texts by language, a blank one (off there) too; one without options stands alone."""
    for one in kept:
        missing = {} if one.missing == "drop" else {"missing": one.missing}
        viber = {"viber": dict(one.viber)} if one.viber else {}
        yield one.locale, {"text": one.text, **missing, **viber} if missing or viber else one.text
