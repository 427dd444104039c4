"""Turns a CRM's values into words fit for an SMS: clean text, dates, hours and statuses."""

import re
import unicodedata
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from worker.core.clock.quiet_hours import known_zone
from worker.core.texts.html_markup import ENTITY, INLINE, entity

LONGEST_VALUE = 1000
_READ_AT_MOST = 4 * LONGEST_VALUE
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)(?:\s[^<>]*|/)?>")
#: Marks that one letter may bear, as Unicode's stream-safe text format has it: NFC sorts a pile in time that grows with
#: its square.
_PILE = 30
#: What may be such a pile, found at a glance: no Latin or Ukrainian letter, no emoji.
_MAYBE_PILED = re.compile(f"[\u0300-\u036f\u0483-\U0001efff]{{{_PILE + 1}}}")
#: Markup that hides markup, level by level: what is deeper than anybody escapes by mistake is no markup any more.
_DEEPEST = 8
_BRACKETS = re.compile("[<>&]")
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
#: To look at a shorter value costs no more than to remember it.
_BRIEF = 80
_INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
    f"|(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
)
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ODD_SPACE = re.compile(r"[^\S\n ]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.ASCII)
_HOURS = re.compile(r"\d{2}:\d{2}(?::\d{2})?", re.ASCII)
_LONGEST_STAMP = 40
_DATE_PATTERNS = {("en", False): "d MMM y", ("en", True): "d MMM"}
_USUAL_PATTERNS = {False: "dd.MM.yyyy", True: "dd.MM"}
_STATUSES_UK = {
    "draft": "Чернетка",
    "unpaid": "Не оплачено",
    "partially_paid": "Частково оплачено",
    "paid": "Оплачено",
    "overdue": "Прострочено",
    "new": "Нове",
    "approved": "Узгоджено",
    "sent": "Надіслано",
    "cancelled": "Скасовано",
}


def clean(value: str) -> str:
    """A CRM value as one plain line of at most 1001 characters: the last one shows that it is too long.

    Repairs HTML entities however often they were escaped (`Дем&amp;#039;янюк`), strips tags, controls, bidi
    and zero-width characters (the joiner inside an emoji stays), and makes all white space single spaces.
    Cleaning it again changes nothing.
    """
    return value if len(value) <= _BRIEF and _is_clean(value) else _known(value[:_READ_AT_MOST])


def shortened(text: str, longest: int) -> str:
    """The whole words at the beginning of a clean text and an ellipsis, no longer than this."""
    if len(text) <= longest:
        return text
    # One character in a Cyrillic text, and not the one that would turn a Latin text into 70-character segments.
    ellipsis = "..." if text.isascii() else "…"
    room = longest - len(ellipsis)
    words = text[: room + 1].rpartition(" ")[0].rstrip(" ,.;:-–—")
    return f"{_cleaned(words or text[:room])}{ellipsis}"


def visible(text: str) -> str:
    r"""The text in NFC with line breaks as `\n`, odd spaces as ordinary ones and no invisible characters."""
    known = composed(text)
    if known is text and _shows_all(text):
        return text
    lines = _LINE_BREAK.sub("\n", known)
    return composed(_ODD_SPACE.sub(" ", _INVISIBLE.sub("", lines)))


def composed(text: str) -> str:
    """The text in NFC, in time that grows with its length alone; itself where it is so already."""
    if text.isascii():
        return text
    bearable = _piled().sub(r"\1", text) if _MAYBE_PILED.search(text) else text
    return bearable if unicodedata.is_normalized("NFC", bearable) else unicodedata.normalize("NFC", bearable)


def date_text(value: object, *, locale: str, zone: str, is_short: bool = False) -> str:
    """`23.11.2026` (English: `23 Nov 2026`) for an ISO date, or for an ISO moment as it falls in the zone.

    Anything else, a zero date too, gives `""`. With an unknown zone the moment stays as it was written.
    """
    moment = _moment(value, zone)
    return _date(moment.year, moment.month, moment.day, language_of(locale), is_short=is_short) if moment else ""


def time_text(value: object, *, zone: str) -> str:
    """`10:15` for an ISO moment, as clocks show it in the zone, or for a bare `10:15:00`; else `""`."""
    if isinstance(value, str) and _HOURS.fullmatch(value):
        return value[:5]
    moment = _moment(value, zone)
    return f"{moment.hour:02}:{moment.minute:02}" if isinstance(moment, datetime) else ""


def moment_text(value: object, *, locale: str, zone: str, is_short: bool = False) -> str:
    day = date_text(value, locale=locale, zone=zone, is_short=is_short)
    return f"{day} {time_text(value, zone=zone)}".strip()


@lru_cache(maxsize=512)
def language_of(locale: str) -> str:
    """The language of `uk` or `en-GB`; an unknown one reads as Ukrainian."""
    try:
        return Locale.parse(re.split("[-_]", locale, maxsplit=1)[0].lower()).language
    except (ValueError, TypeError, UnknownLocaleError):
        return "uk"


def status_text(value: object, *, locale: str) -> str:
    known = _STATUSES_UK.get(value) if isinstance(value, str) else None
    if known is None or language_of(locale) == "uk":
        return known or ""
    return str(value).replace("_", " ").capitalize()


def _is_clean(value: str) -> bool:
    return (
        _shows_all(value)
        and len(value) <= LONGEST_VALUE
        and "&" not in value
        and "<" not in value
        and "  " not in value
        and value == value.strip(" ")
        and composed(value) is value
    )


@cache
def _piled() -> re.Pattern[str]:
    marks = "".join(mark for mark in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(mark))
    return re.compile(f"([{marks}]{{{_PILE}}})[{marks}]+")


def _shows_all(text: str) -> bool:
    """Whether nothing in a text is invisible; Python takes variation selectors of the supplement for printable."""
    return text.isprintable() and (text.isascii() or max(text) < "\U000e0000")


# One value may be in the texts of many people, or often in one.
@lru_cache(maxsize=512)
def _known(value: str) -> str:
    return value if _is_clean(value) else _cleaned(value)


@lru_cache(maxsize=1024)
def _cleaned(text: str) -> str:
    for depth in count():
        again = _cleaned_once(text if depth < _DEEPEST else _BRACKETS.sub("", text))
        if again == text:
            break
        text = again
    return text


def _cleaned_once(text: str) -> str:
    text = _without_comments(ENTITY.sub(entity, composed(text)))
    text = _INVISIBLE.sub("", _TAG.sub(_tag, text))
    return composed(" ".join(text.split()))[: LONGEST_VALUE + 1].rstrip()


def _without_comments(text: str) -> str:
    """Comments of HTML as spaces; one that never ends is none, and is looked for once."""
    kept: list[str] = []
    end = 0
    while (start := text.find("<!--", end)) >= 0 and (closing := text.find("-->", start + 4)) >= 0:
        kept.append(text[end:start])
        end = closing + 3
    return " ".join([*kept, text[end:]])


def _tag(match: re.Match[str]) -> str:
    return "" if match[1].lower() in INLINE else " "


def _moment(value: object, zone: str) -> datetime | date | None:
    if not isinstance(value, str) or len(value) > _LONGEST_STAMP:
        return None
    return _read_moment(value, zone)


@lru_cache(maxsize=4096)
def _read_moment(stamp: str, zone: str) -> datetime | date | None:
    if not _DAY.fullmatch(stamp):
        return None
    try:
        if len(stamp) == len("2026-11-23"):
            return date.fromisoformat(stamp)
        moment = datetime.fromisoformat(stamp)
        shown_in = _zone(zone)
        return moment.astimezone(shown_in) if moment.tzinfo and shown_in else moment
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    known = known_zone(name)
    return ZoneInfo(known) if known else None


@lru_cache(maxsize=4096)
def _date(year: int, month: int, day: int, language: str, *, is_short: bool) -> str:
    pattern = _DATE_PATTERNS.get((language, is_short), _USUAL_PATTERNS[is_short])
    return format_date(date(year, month, day), pattern, locale=language)
