"""What an operator sets of an account: read under a lock, written as a whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal

from psycopg.rows import class_row

from worker.store.db.postgres import Connection

READ = """
SELECT
    name, sms_sender, zone, locale, window_opens, window_closes, post_mode, multi_max, requests_per_s, segments_per_s,
    in_flight, key_life, person_hour_max, person_day_max, same_text, brake_from, viber_sender, viber_instead,
    viber_reach_days, custom_shortcodes, plain_punctuation, transliterate, segment_price, daily_budget, daily_segments,
    over_budget, low_balance, low_hours, alert_phone
FROM accounts
WHERE id = %(account)s
"""

LOCK = READ + "FOR UPDATE"

SAVE = """
UPDATE accounts
SET
    name = %(name)s, sms_sender = %(sms_sender)s, zone = %(zone)s, locale = %(locale)s,
    window_opens = %(window_opens)s, window_closes = %(window_closes)s, post_mode = %(post_mode)s,
    multi_max = %(multi_max)s, requests_per_s = %(requests_per_s)s, segments_per_s = %(segments_per_s)s,
    in_flight = %(in_flight)s, key_life = %(key_life)s, person_hour_max = %(person_hour_max)s,
    person_day_max = %(person_day_max)s, same_text = %(same_text)s, brake_from = %(brake_from)s,
    viber_sender = %(viber_sender)s, viber_instead = %(viber_instead)s,
    viber_reach_days = %(viber_reach_days)s,
    custom_shortcodes = %(custom_shortcodes)s, plain_punctuation = %(plain_punctuation)s,
    transliterate = %(transliterate)s, segment_price = %(segment_price)s, daily_budget = %(daily_budget)s,
    daily_segments = %(daily_segments)s, over_budget = %(over_budget)s, low_balance = %(low_balance)s,
    low_hours = %(low_hours)s, alert_phone = %(alert_phone)s
WHERE id = %(account)s
"""


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Everything about an account that is set with a word or a number; core.account says what each means.

    Attributes:
        window_opens: minutes after local midnight, as `window_closes`.
        segments_per_s: None is no limit.
        same_text: zero is no limit.
        viber_sender: None is no Viber.
        viber_reach_days: 0 is always tried.
        segment_price: in hryvnias; None is not known.
        daily_budget: in hryvnias; None is no limit, as of `daily_segments`.
        over_budget: `stop` or `alert`.
        low_balance: in hryvnias; None is never low, as of `low_hours`.
        alert_phone: in E.164; None is nobody.
    """

    name: str
    sms_sender: str
    zone: str
    locale: str
    window_opens: int
    window_closes: int
    post_mode: str
    multi_max: int
    requests_per_s: float
    segments_per_s: float | None
    in_flight: int
    key_life: timedelta
    person_hour_max: int
    person_day_max: int
    same_text: timedelta
    brake_from: int
    viber_sender: str | None
    viber_instead: bool
    viber_reach_days: int
    custom_shortcodes: list[str]
    plain_punctuation: bool
    transliterate: bool
    segment_price: Decimal | None
    daily_budget: Decimal | None
    daily_segments: int | None
    over_budget: str
    low_balance: Decimal | None
    low_hours: int | None
    alert_phone: str | None


def read(connection: Connection, account: str) -> AccountSettings | None:
    """An account's settings; None if there is none."""
    with connection.cursor(row_factory=class_row(AccountSettings)) as cursor:
        return cursor.execute(READ, {"account": account}).fetchone()


def lock(connection: Connection, account: str) -> AccountSettings | None:
    """An account's settings, which nobody else changes until the end of the transaction; None if there is none."""
    with connection.cursor(row_factory=class_row(AccountSettings)) as cursor:
        return cursor.execute(LOCK, {"account": account}).fetchone()


def save(connection: Connection, account: str, settings: AccountSettings) -> None:
    """Write them down; workers read them at their next look.

    Raises:
        psycopg.errors.CheckViolation: one of them is out of its range.
    """
    connection.execute(SAVE, {"account": account, **asdict(settings)})
