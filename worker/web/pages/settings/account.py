"""Налаштування: every setting of an account in rows, and each on a page of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from worker.core.access.user import User
from worker.core.accounts.setting import Setting
from worker.core.accounts.setting_kinds import NONE, Choice, Flag, Phone, Price, Several
from worker.core.accounts.settings import BY_NAME, SETTINGS, AccountSettings
from worker.core.history.filters import Filter
from worker.language import _, marked, ngettext, spoken
from worker.steps.accounts import settings
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.export_file import file_of
from worker.steps.accounts.settings import Changed
from worker.steps.history.phones_seen import note_phones
from worker.store.accounts import account_settings
from worker.store.db.postgres import Connection, transaction
from worker.web.pages.editing import edited
from worker.web.pages.page import Download, Html, Redirect, Refusal, Shown, Visit, page
from worker.web.pages.rendering import money
from worker.web.pages.service import not_found

PATH = "/a/{account}/settings"
BRIEF_MAX = 60
#: All of them, as people look for them.
GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    (marked("The account"), ("name", "zone", "hours", "locale")),
    (
        marked("Money"),
        (
            *("segment_price", "daily_budget", "daily_segments", "over_budget"),
            *("low_balance", "low_hours", "alert_phone"),
        ),
    ),
    (marked("Limits for one person"), ("person_hour", "person_day", "same_text", "runaway_threshold")),
    (marked("Spelling and shortcodes"), ("plain_punctuation", "transliterate", "custom_shortcodes")),
    ("Viber", ("viber_sender", "viber_instead", "viber_alone", "viber_reach_days")),
    (
        "TurboSMS",
        ("sender", "post_mode", "multi_max", "rate", "segment_rate", "in_flight", "key_life"),
    ),
    ("CRM", ("outcomes", "outcome_details", "erase_deleted")),
)
#: What has a page of its own already.
ELSEWHERE: Mapping[str, str] = {
    "sender": "/connection",
    "viber_sender": "/viber",
    "viber_instead": "/viber",
    "viber_alone": "/viber",
}
CHOICES: Mapping[str, str] = {
    "on": marked("on"),
    "off": marked("off"),
    "uk": "Українська",
    "en": "English",
    "send": marked("a request for each text"),
    "sendmulti": marked("many texts in one request"),
    "stop": marked("waits for the next day"),
    "alert": marked("goes, with an alert"),
}
COUNTS: Mapping[str, Callable[[int], str]] = {
    "days": lambda count: ngettext("{count} day", "{count} days", count),
    "hours": lambda count: ngettext("{count} hour", "{count} hours", count),
}
#: How a value is written in its box.
EXAMPLES: Mapping[str, str] = {
    "zone": marked("As Europe/Kyiv."),
    "hours": marked("As 9:00-20:00; 0:00-24:00 is always."),
    "duration": marked("As 90s, 10m, 24h or 7d."),
    "shortcodes": marked("As customers_kod,customers_bonus; several with commas."),
    "price": marked("As 0.95."),
    "money": marked("As 500 or 99.50."),
    "phone": marked("As 067 123 45 67."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A setting as the list shows it; `change_at` is "" for who may not change it."""

    name: str
    label: str
    value: str
    change_at: str


@page("GET", PATH, may="look")
def show_settings(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        kept = kept_of(connection, visit)
    sections = [(_(label), [row_of(visit, BY_NAME[name], kept) for name in names]) for label, names in GROUPS]
    return Html("settings/account.html", {"sections": sections})


@page("GET", f"{PATH}.yaml", may="settings")
def export_settings(visit: Visit) -> Shown:
    """Everything that is set of the account, as `perfectum-sms account export` prints it."""
    unseen = {setting.name for setting in SETTINGS if not sees(visit.user, setting)}
    if not visit.user.sees_phones:
        unseen |= {setting.name for setting in SETTINGS if isinstance(setting.setting_kind, Phone)}
    with transaction(visit.pool) as connection:
        if visit.user.sees_phones:
            note_phones(connection, visit.by, "settings", Filter(account=visit.account))
        content = file_of(connection, visit.account, kept_of(connection, visit), left_out=unseen)
    return Download(content.encode(), f"{visit.account}.yaml", "application/yaml")


def kept_of(connection: Connection, visit: Visit) -> AccountSettings:
    kept = account_settings.read(connection, visit.account)
    if kept is None:
        raise LookupError(visit.account)
    return kept


def row_of(visit: Visit, setting: Setting, kept: AccountSettings) -> Row:
    is_seen = sees(visit.user, setting)
    own = ELSEWHERE.get(setting.name, f"/settings/{setting.name}")
    there = f"{visit.home}{own}" if is_seen and visit.user.may("settings") else ""
    value = in_words(setting, getattr(kept, setting.attribute)) if is_seen else _("only for who sees prices")
    return Row(setting.name, label_of(setting), value, there)


def sees(user: User, setting: Setting) -> bool:
    return user.sees_prices or not isinstance(setting.setting_kind, Price)


def label_of(setting: Setting) -> str:
    return setting.label if spoken() == "uk" else setting.name.replace("_", " ").capitalize()


def in_words(setting: Setting, value: object) -> str:
    if value is None or value == ():
        return _("none")
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, int) and setting.unit and setting.unit in COUNTS:
        return COUNTS[setting.unit](value)
    typed = setting.format(value)
    return _(CHOICES[typed]) if typed in choices_of(setting) else typed.replace(",", ", ")


def brief(setting: Setting, value: object) -> str:
    """Short enough for a note."""
    words = in_words(setting, value)
    return words if len(words) <= BRIEF_MAX else f"{words[:BRIEF_MAX]}…"


def written(setting: Setting, value: object) -> str:
    """A value as its box has it; what is not set is an empty box, and of a phone only its ends are shown."""
    typed = setting.format(value)
    return "" if typed == NONE else typed


def choices_of(setting: Setting) -> Sequence[str]:
    """What there is to choose, where that is one of a few."""
    match setting.setting_kind:
        case Flag():
            return ("on", "off")
        case Choice(choices=choices):
            return choices
        case _:
            return ()


def hints_of(setting: Setting) -> Iterator[str]:
    yield _(setting.help)
    if setting.setting_kind.name in EXAMPLES:
        yield _(EXAMPLES[setting.setting_kind.name])
    if isinstance(setting.setting_kind, Several):
        yield _("Several with commas, or all: {names}.", names=", ".join(setting.setting_kind.choices))
    if is_empty_allowed(setting):
        yield _("Empty: none.")


def is_empty_allowed(setting: Setting) -> bool:
    return setting.is_optional or setting.default == ()


@page("GET", f"{PATH}/{{setting}}", may="settings")
def show_setting(visit: Visit) -> Shown:
    setting = BY_NAME.get(visit.path["setting"])
    if setting is None:
        return not_found()
    if refusal := refused(visit, setting):
        return refusal
    with transaction(visit.pool) as connection:
        kept = kept_of(connection, visit)
    return box(setting, getattr(kept, setting.attribute))


def refused(visit: Visit, setting: Setting) -> Shown | None:
    """Why a setting is not changed here."""
    if not sees(visit.user, setting):
        return Refusal(HTTPStatus.FORBIDDEN, _("This is for who sees prices"), _("Ask an admin for that right."))
    if setting.name in ELSEWHERE:
        return Redirect(f"{visit.home}{ELSEWHERE[setting.name]}")
    return None


def box(setting: Setting, value: object, *, problem: str = "", overtaken: bool = False) -> Html:
    values = {
        "label": label_of(setting),
        "setting": setting,
        "hint": " ".join(hints_of(setting)),
        "options": [(name, _(CHOICES[name])) for name in choices_of(setting)],
        "value": written(setting, value),
        "words": in_words(setting, value),
        "default": "" if setting.is_required else in_words(setting, setting.default),
        "errors": {"value": problem} if problem else {},
        "overtaken": overtaken,
    }
    status = HTTPStatus.CONFLICT if overtaken else HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return Html("settings/account_setting.html", values, status)


@page("POST", f"{PATH}/{{setting}}", may="settings")
def save_setting(visit: Visit) -> Shown:
    """Keep another value, unless somebody has kept one since this page was opened."""
    setting = BY_NAME.get(visit.path["setting"])
    if setting is None:
        return not_found()
    if refusal := refused(visit, setting):
        return refusal
    typed = visit.form.text("value").strip()

    def act(connection: Connection, _desk: Desk) -> Shown:
        now = getattr(kept_of(connection, visit), setting.attribute)
        if visit.form.text("before") != written(setting, now):
            return box(setting, now, overtaken=True)
        if typed == written(setting, now):
            return Redirect(f"{visit.home}/settings", _("Nothing was changed."))
        try:
            wanted = parsed(setting, typed)
        except ValueError as error:
            return box(setting, now, problem=str(error))
        changed = settings.change(connection, visit.account, {setting.attribute: wanted})
        if not isinstance(changed, Changed):
            return box(
                setting, now, problem=_("Nobody knows yet what an SMS costs: set its price in the settings first.")
            )
        note = _(
            "{label}: was {was}, is {now} now. Workers notice within seconds.",
            label=label_of(setting),
            was=brief(setting, now),
            now=brief(setting, wanted),
        )
        return Redirect(f"{visit.home}/settings", note)

    return edited(visit, act)


def parsed(setting: Setting, typed: str) -> object:
    """Raise ValueError with what is wrong."""
    return setting.parse(NONE if not typed and is_empty_allowed(setting) else typed)
