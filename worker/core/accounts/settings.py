"""The settings of an account, each declared once.

From this table come the options of `account add` and `account set`, the sheet of `account show`, the keys of an
account's file, the columns that the store reads and writes, and the description for forms and the API. To add a
setting: a field here, its column in `sql/`, and the rule that uses it.
"""

# ruff: noqa: RUF009 (each call declares a field)
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import timedelta
from decimal import Decimal
from types import EllipsisType
from typing import Any, TypeVar, cast

from worker.core.accounts import setting_kinds as kinds
from worker.core.accounts.outcome_names import OUTCOME_TYPES
from worker.core.accounts.setting import Setting
from worker.core.clock.quiet_hours import Window
from worker.language import marked

T = TypeVar("T")


def setting(  # noqa: PLR0913 (each is another property of a setting)
    setting_kind: kinds.SettingKind[T],
    label: str,
    help_text: str,
    *,
    default: T | EllipsisType = ...,
    name: str = "",
    unit: str | None = None,
    is_optional: bool = False,
    is_for_new: bool = False,
) -> T:
    """Declare a setting as a field of the dataclass; an account cannot be added without one that has no default."""
    declared = Setting(name, setting_kind, label, help_text, unit, is_optional, is_for_new, default=default)
    given: Any = MISSING if default is ... else default
    return field(default=given, metadata={"setting": declared})


def optional(
    setting_kind: kinds.SettingKind[T], label: str, help_text: str, *, name: str = "", unit: str | None = None
) -> T | None:
    kind = cast("kinds.SettingKind[T | None]", setting_kind)
    return setting(kind, label, help_text, default=None, name=name, unit=unit, is_optional=True)


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
    name: str = setting(kinds.Text(), "Назва", marked("What people call it."), is_for_new=True)
    sms_sender: str = setting(
        kinds.Text(),
        "Відправник SMS",
        marked("The SMS sender name, as registered with TurboSMS; for texts planned from now on."),
        name="sender",
        is_for_new=True,
    )
    zone: str = setting(kinds.Zone(), "Часовий пояс", marked("Its time zone."), default="Europe/Kyiv", is_for_new=True)
    locale: str = setting(
        kinds.Locale(LOCALES), "Мова текстів", marked("Language of its texts: uk or en."), default="uk", is_for_new=True
    )
    window: Window = setting(
        kinds.Hours(),
        "Коли можна турбувати",
        marked("When people may be disturbed, local time, as 9:00-20:00; 0:00-24:00 is always."),
        default=DAYTIME,
        name="hours",
        is_for_new=True,
    )
    post_mode: str = setting(
        kinds.Choice(("send", "sendmulti")),
        "Спосіб надсилання",
        marked("send: a request for each text. sendmulti: many texts in one, of which TurboSMS documents less."),
        default="send",
    )
    multi_max: int = setting(
        kinds.Whole(1, 100), "Текстів у одному sendmulti", marked("Texts in one sendmulti."), default=20, unit="texts"
    )
    requests_per_s: float = setting(
        kinds.Rate(),
        "Запитів за секунду",
        marked("Requests a second, over all workers."),
        default=10.0,
        name="rate",
        unit="requests/s",
    )
    segments_per_s: float | None = optional(
        kinds.Rate(),
        "Сегментів за секунду",
        marked("Segments of SMS a second, or none: no limit."),
        name="segment_rate",
        unit="segments/s",
    )
    in_flight: int = setting(
        kinds.Whole(1, kinds.SMALL_MAX),
        "Одночасних запитів",
        marked("Requests under way at once, over all workers."),
        default=5,
        unit="requests",
    )
    key_life: timedelta = setting(
        kinds.Duration(
            marked(": TurboSMS refuses the same message for 90 s, so give 2m or more, such as 24h"), least=KEY_LIFE_MIN
        ),
        "Строк життя ключа",
        marked("How long TurboSMS is trusted to remember a key: how long it is asked about a text it did not answer."),
        default=timedelta(hours=24),
    )
    person_hour_max: int = setting(
        kinds.Whole(1, kinds.SMALL_MAX),
        "Текстів людині за годину",
        marked("Texts to one person an hour."),
        default=15,
        name="person_hour",
        unit="texts",
    )
    person_day_max: int = setting(
        kinds.Whole(1, kinds.SMALL_MAX),
        "Текстів людині за добу",
        marked("Texts to one person a day."),
        default=40,
        name="person_day",
        unit="texts",
    )
    same_text: timedelta = setting(
        kinds.Duration(marked(": texts are remembered for 14d; 0 is no limit"), most=SAME_TEXT_MAX),
        "Не повторювати текст протягом",
        marked("How long the same text does not go to the same person again; 0 is no limit."),
        default=timedelta(minutes=10),
    )
    runaway_threshold: int = setting(
        kinds.Whole(1, kinds.LARGE_MAX),
        "Не вважати збоєм, доки за годину менше",
        marked("A trigger that sends fewer in an hour is never stopped as a runaway."),
        default=2000,
        unit="texts",
    )
    viber_sender: str | None = optional(
        kinds.Text(), "Відправник Viber", marked("The Viber sender, as TurboSMS approved it, or none.")
    )
    viber_instead: bool = setting(
        kinds.Flag(),
        "Спершу Viber",
        marked("on: what would go as an SMS is tried by Viber first, then sent as the SMS."),
        default=False,
    )
    viber_alone: bool = setting(
        kinds.Flag(),
        "Лише Viber",
        marked("on: with viber-instead nobody gets an SMS, whomever Viber does not reach; off: they get the SMS."),
        default=False,
    )
    viber_reach_days: int = setting(
        kinds.Whole(0, REACH_DAYS_MAX),
        "Не пробувати Viber, де його немає",
        marked("Days for which Viber is not tried where TurboSMS answered that the phone has none; 0: always try."),
        default=30,
        unit="days",
    )
    custom_shortcodes: tuple[str, ...] = setting(
        kinds.Codes(), "Власні шорткоди", marked("Shortcodes of its own, which its CRM sends ready-made."), default=()
    )
    plain_punctuation: bool = setting(
        kinds.Flag(),
        "Проста пунктуація",
        marked("on: plain quotes and dashes where a text costs less with them."),
        default=False,
    )
    transliterate: bool = setting(
        kinds.Flag(),
        "Транслітерація",
        marked("on: Ukrainian in Latin letters where a text costs less so."),
        default=False,
    )
    segment_price: Decimal | None = optional(
        kinds.Price(),
        "Ціна сегмента",
        marked("What a segment costs, as 0.95; none: what TurboSMS lately charged."),
        unit="UAH",
    )
    daily_budget: Decimal | None = optional(
        kinds.Money(), "Бюджет на добу", marked("What may be spent in a day, in every lane."), unit="UAH"
    )
    daily_segments: int | None = optional(
        kinds.Count(1, kinds.LARGE_MAX),
        "Сегментів на добу",
        marked("Segments of SMS and messages of Viber in a day, for where no price is known."),
        unit="segments",
    )
    over_budget: str = setting(
        kinds.Choice(("stop", "alert")),
        "Понад бюджет",
        marked("stop: what is beyond the budget waits for the next day. alert: it is sent, and an alert is raised."),
        default="stop",
    )
    low_balance: Decimal | None = optional(
        kinds.Money(), "Сповістити, коли на рахунку менше", marked("Less money than this raises an alert."), unit="UAH"
    )
    low_hours: int | None = optional(
        kinds.Count(1, LOW_HOURS_MAX),
        "Сповістити, коли грошей менше ніж на",
        marked("Money that lasts for fewer hours, at the pace of late, raises an alert."),
        unit="hours",
    )
    alert_phone: str | None = optional(
        kinds.Phone(), "Телефон для сповіщень", marked("Who gets an SMS of alerts about budgets, money and pauses.")
    )
    erase_deleted: bool = setting(
        kinds.Flag(),
        "Стирати видалені контакти",
        marked("on: a contact that its CRM deletes is forgotten here too, as privacy erase does."),
        default=False,
    )
    outcomes: tuple[str, ...] = setting(
        kinds.Several(OUTCOME_TYPES),
        "Повідомляти CRM",
        marked("What its CRM hears of through sms.outcomes, such as notification.delivered,account.paused."),
        default=(),
    )
    outcome_details: bool = setting(
        kinds.Flag(),
        "Телефон і текст для CRM",
        marked("on: what its CRM hears of a text has its phone and words in it."),
        default=False,
    )


SETTINGS: tuple[Setting, ...] = tuple(
    replace(declared, attribute=field.name, name=declared.name or field.name)
    for field in fields(AccountSettings)
    for declared in (field.metadata["setting"],)
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
#: What each trigger has too.
BUDGET = tuple(BY_NAME[name] for name in ("daily_budget", "daily_segments", "over_budget"))
