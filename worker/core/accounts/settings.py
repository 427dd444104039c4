"""The settings of an account, each declared once.

From this table come the options of `account add` and `account set`, the sheet of `account show`, the keys of an
account's file, the columns that the store reads and writes, and the description for forms and the API. To add a
setting: a field here, its column in `sql/`, and the rule that uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, get_type_hints

from worker.core.accounts.setting import Setting
from worker.core.accounts.setting_kinds import (
    LARGE_MAX,
    SMALL_MAX,
    Choice,
    Codes,
    Count,
    Duration,
    Flag,
    Hours,
    Locale,
    Money,
    Phone,
    Price,
    Rate,
    Text,
    Whole,
    Zone,
)
from worker.core.clock.quiet_hours import Window

DAYTIME = Window(9 * 60, 20 * 60)
#: Languages of the default texts.
LOCALES = ("en", "uk")
#: A longer time is for ever.
REACH_DAYS_MAX = 3_650
#: What is forecast further ahead is no alert.
LOW_HOURS_MAX = 1_000
#: TurboSMS refuses the same message for 90 s: a key that is forgotten sooner is none.
KEY_LIFE_MIN = timedelta(minutes=2)
#: What went to whom is remembered for so long.
SAME_TEXT_MAX = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """The settings of an account; each field is the column of its name."""

    name: Annotated[str, Setting("name", Text(), "Назва", "What people call it.", is_for_new=True)]
    sms_sender: Annotated[
        str,
        Setting(
            "sender",
            Text(),
            "Відправник SMS",
            "The SMS sender name, as registered with TurboSMS; for texts planned from now on.",
            is_for_new=True,
        ),
    ]
    zone: Annotated[str, Setting("zone", Zone(), "Часовий пояс", "Its time zone.", is_for_new=True)] = "Europe/Kyiv"
    locale: Annotated[
        str, Setting("locale", Locale(LOCALES), "Мова текстів", "Language of its texts: uk or en.", is_for_new=True)
    ] = "uk"
    window: Annotated[
        Window,
        Setting(
            "hours",
            Hours(),
            "Коли можна турбувати",
            "When people may be disturbed, local time, as 9:00-20:00; 0:00-24:00 is always.",
            is_for_new=True,
        ),
    ] = DAYTIME
    post_mode: Annotated[
        str,
        Setting(
            "post_mode",
            Choice(("send", "sendmulti")),
            "Спосіб надсилання",
            "send: a request for each text. sendmulti: many texts in one, of which TurboSMS documents less.",
        ),
    ] = "send"
    multi_max: Annotated[
        int, Setting("multi_max", Whole(1, 100), "Текстів у одному sendmulti", "Texts in one sendmulti.", "texts")
    ] = 20
    requests_per_s: Annotated[
        float, Setting("rate", Rate(), "Запитів за секунду", "Requests a second, over all workers.", "requests/s")
    ] = 10.0
    segments_per_s: Annotated[
        float | None,
        Setting(
            "segment_rate",
            Rate(),
            "Сегментів за секунду",
            "Segments of SMS a second, or none: no limit.",
            "segments/s",
            is_optional=True,
        ),
    ] = None
    in_flight: Annotated[
        int,
        Setting(
            "in_flight",
            Whole(1, SMALL_MAX),
            "Одночасних запитів",
            "Requests under way at once, over all workers.",
            "requests",
        ),
    ] = 5
    key_life: Annotated[
        timedelta,
        Setting(
            "key_life",
            Duration(
                ": TurboSMS refuses the same message for 90 s, so give 2m or more, such as 24h", least=KEY_LIFE_MIN
            ),
            "Строк життя ключа",
            "How long TurboSMS is trusted to remember a key: how long it is asked about a text it did not answer.",
        ),
    ] = timedelta(hours=24)
    person_hour_max: Annotated[
        int,
        Setting(
            "person_hour", Whole(1, SMALL_MAX), "Текстів людині за годину", "Texts to one person an hour.", "texts"
        ),
    ] = 15
    person_day_max: Annotated[
        int,
        Setting("person_day", Whole(1, SMALL_MAX), "Текстів людині за добу", "Texts to one person a day.", "texts"),
    ] = 40
    same_text: Annotated[
        timedelta,
        Setting(
            "same_text",
            Duration(": texts are remembered for 14d; 0 is no limit", most=SAME_TEXT_MAX),
            "Не повторювати текст протягом",
            "How long the same text does not go to the same person again; 0 is no limit.",
        ),
    ] = timedelta(minutes=10)
    runaway_threshold: Annotated[
        int,
        Setting(
            "runaway_threshold",
            Whole(1, LARGE_MAX),
            "Не вважати збоєм, доки за годину менше",
            "A trigger that sends fewer in an hour is never stopped as a runaway.",
            "texts",
        ),
    ] = 2000
    viber_sender: Annotated[
        str | None,
        Setting(
            "viber_sender",
            Text(),
            "Відправник Viber",
            "The Viber sender, as TurboSMS approved it, or none.",
            is_optional=True,
        ),
    ] = None
    viber_instead: Annotated[
        bool,
        Setting(
            "viber_instead",
            Flag(),
            "Спершу Viber",
            "on: what would go as an SMS is tried by Viber first, then sent as the SMS.",
        ),
    ] = False
    viber_reach_days: Annotated[
        int,
        Setting(
            "viber_reach_days",
            Whole(0, REACH_DAYS_MAX),
            "Не пробувати Viber, де його немає",
            "Days for which Viber is not tried where TurboSMS answered that the phone has none; 0: always try.",
            "days",
        ),
    ] = 30
    custom_shortcodes: Annotated[
        tuple[str, ...],
        Setting(
            "custom_shortcodes",
            Codes(),
            "Власні шорткоди",
            "Shortcodes of its own, which its CRM sends ready-made.",
        ),
    ] = ()
    plain_punctuation: Annotated[
        bool,
        Setting(
            "plain_punctuation",
            Flag(),
            "Проста пунктуація",
            "on: plain quotes and dashes where a text costs less with them.",
        ),
    ] = False
    transliterate: Annotated[
        bool,
        Setting(
            "transliterate", Flag(), "Транслітерація", "on: Ukrainian in Latin letters where a text costs less so."
        ),
    ] = False
    segment_price: Annotated[
        Decimal | None,
        Setting(
            "segment_price",
            Price(),
            "Ціна сегмента",
            "What a segment costs, as 0.95; none: what TurboSMS lately charged.",
            "UAH",
            is_optional=True,
        ),
    ] = None
    daily_budget: Annotated[
        Decimal | None,
        Setting(
            "daily_budget",
            Money(),
            "Бюджет на добу",
            "What may be spent in a day, in every lane.",
            "UAH",
            is_optional=True,
        ),
    ] = None
    daily_segments: Annotated[
        int | None,
        Setting(
            "daily_segments",
            Count(1, LARGE_MAX),
            "Сегментів на добу",
            "Segments of SMS and messages of Viber in a day, for where no price is known.",
            "segments",
            is_optional=True,
        ),
    ] = None
    over_budget: Annotated[
        str,
        Setting(
            "over_budget",
            Choice(("stop", "alert")),
            "Понад бюджет",
            "stop: what is beyond the budget waits for the next day. alert: it is sent, and an alert is raised.",
        ),
    ] = "stop"
    low_balance: Annotated[
        Decimal | None,
        Setting(
            "low_balance",
            Money(),
            "Сповістити, коли на рахунку менше",
            "Less money than this raises an alert.",
            "UAH",
            is_optional=True,
        ),
    ] = None
    low_hours: Annotated[
        int | None,
        Setting(
            "low_hours",
            Count(1, LOW_HOURS_MAX),
            "Сповістити, коли грошей менше ніж на",
            "Money that lasts for fewer hours, at the pace of late, raises an alert.",
            "hours",
            is_optional=True,
        ),
    ] = None
    alert_phone: Annotated[
        str | None,
        Setting(
            "alert_phone",
            Phone(),
            "Телефон для сповіщень",
            "Who gets an SMS of alerts about budgets, money and pauses.",
            is_optional=True,
        ),
    ] = None


def declared(table: type[AccountSettings]) -> Iterator[Setting]:
    """Give the settings that a table declares, in its order."""
    hints = get_type_hints(table, include_extras=True)
    for field in fields(table):
        default = ... if field.default is MISSING else field.default
        yield replace(hints[field.name].__metadata__[0], attribute=field.name, default=default)


SETTINGS = tuple(declared(AccountSettings))
BY_NAME = {setting.name: setting for setting in SETTINGS}
#: What each trigger has too.
BUDGET = tuple(BY_NAME[name] for name in ("daily_budget", "daily_segments", "over_budget"))
