"""An account as it is shown: option by option, as a sheet, and the rights of its CRM in RabbitMQ."""

from __future__ import annotations

import os
import shlex
from dataclasses import asdict
from urllib.parse import unquote, urlsplit

from worker.cli.account.setting_formats import NO_LIMIT, NO_VIBER, hours_words
from worker.cli.money import NOTHING, or_nothing, price_words
from worker.cli.operate.pause_labels import as_json_of as pause_as_json
from worker.cli.operate.pause_labels import paused_words
from worker.cli.terminal import phone_cell
from worker.core.clock.durations import duration_words
from worker.settings.environment import AMQP
from worker.store.accounts.account_settings import AccountSettings
from worker.store.accounts.accounts import Listed

#: What a CRM's RabbitMQ user may hold at once: enough for one connection a PHP process.
CONNECTIONS_MAX, CHANNELS_MAX = 100, 200
#: Bytes of events that may wait in a queue: a million of them.
WAITING_MAX = 1 << 30


def options_of(settings: AccountSettings) -> dict[str, str]:
    """Settings as `account set` takes them, option by option."""
    return {
        "--name": settings.name,
        "--sender": settings.sms_sender,
        "--zone": settings.zone,
        "--locale": settings.locale,
        "--hours": hours_words(settings.window_opens, settings.window_closes),
        "--post-mode": settings.post_mode,
        "--multi-max": str(settings.multi_max),
        "--rate": f"{settings.requests_per_s:g}",
        "--segment-rate": NO_LIMIT if settings.segments_per_s is None else f"{settings.segments_per_s:g}",
        "--in-flight": str(settings.in_flight),
        "--key-life": duration_words(settings.key_life),
        "--person-hour": str(settings.person_hour_max),
        "--person-day": str(settings.person_day_max),
        "--same-text": duration_words(settings.same_text),
        "--brake-from": str(settings.brake_from),
        "--viber-sender": settings.viber_sender or NO_VIBER,
        "--viber-instead": "on" if settings.viber_instead else "off",
        "--viber-reach-days": str(settings.viber_reach_days),
        "--custom-shortcodes": ",".join(settings.custom_shortcodes) or NOTHING,
        "--plain-punctuation": "on" if settings.plain_punctuation else "off",
        "--transliterate": "on" if settings.transliterate else "off",
        "--segment-price": or_nothing(settings.segment_price),
        "--daily-budget": or_nothing(settings.daily_budget),
        "--daily-segments": or_nothing(settings.daily_segments),
        "--over-budget": settings.over_budget,
        "--low-balance": or_nothing(settings.low_balance),
        "--low-hours": or_nothing(settings.low_hours),
        "--alert-phone": phone_cell(settings.alert_phone) or NOTHING,
    }


def sheet_of(account: Listed) -> dict[str, object]:
    """An account as it is shown."""
    row = asdict(account.settings)
    opens, closes = row.pop("window_opens"), row.pop("window_closes")
    durations = {name: duration_words(row[name]) for name in ("key_life", "same_text")}
    return {
        "id": account.id,
        **row,
        **durations,
        **{name: price_words(row[name]) for name in ("segment_price", "daily_budget", "low_balance") if row[name]},
        "alert_phone": phone_cell(account.settings.alert_phone),
        "hours": hours_words(opens, closes),
        "created_at": account.created_at,
        "triggers_on": account.triggers_on,
        "paused": paused_words(account.stopped),
    }


def as_json_of(account: Listed) -> dict[str, object]:
    """The same for a program, with everything that stands still."""
    return {**sheet_of(account), "stands_still": [pause_as_json(one) for one in account.stopped]}


def fence(account: str) -> list[str]:
    """The commands that let a RabbitMQ user publish this account's events and nothing else, and fill nothing.

    Topic permissions: https://www.rabbitmq.com/docs/access-control#topic-authorisation. The user may not declare the
    exchange: a CRM that does must stop doing so, or declare it passively. RabbitMQ bounds the connections and channels
    of a user, but bytes of a queue alone: beyond them it refuses events, instead of refusing everything to everybody
    once its disk is full.
    """
    vhost = shlex.quote(unquote(urlsplit(os.environ.get(AMQP, "")).path[1:]) or "/")
    user = f"crm-{account}"
    limits = f'{{"max-connections": {CONNECTIONS_MAX}, "max-channels": {CHANNELS_MAX}}}'
    bound = f'{{"max-length-bytes": {WAITING_MAX}}}'
    return [
        f"rabbitmqctl add_user {user}",
        f"rabbitmqctl set_permissions -p {vhost} {user} '^$' '^crm\\.events$' '^$'",
        f"rabbitmqctl set_topic_permissions -p {vhost} {user} crm.events '^{account}\\..*' '^$'",
        f"rabbitmqctl set_user_limits {user} '{limits}'",
        f"rabbitmqctl set_policy -p {vhost} sms-events '^crm\\.events' '{bound}' --apply-to queues",
    ]
