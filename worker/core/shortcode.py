"""The shortcodes an admin may write, and the words each one stands for in a given event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from worker.core.facts import Facts, section
from worker.core.shortcode_table import OURS, PAGE
from worker.core.wording import clean, date_words, moment_words, money_words, status_words, time_words

Kind = Literal["text", "number", "money", "date", "time", "moment", "phone", "link", "status"]


@dataclass(frozen=True, slots=True)
class Shortcode:
    """One `{code}` of the catalogue.

    Attributes:
        section: the list it stands in on the settings page, in Ukrainian.
        label: what the page calls it, in Ukrainian.
        sources: paths into an event's `data`, the first that holds a value counts.
        kind: how the value is put into words.
        ours: true where the settings page does not list it.
    """

    code: str
    section: str
    label: str
    sources: tuple[tuple[str, ...], ...]
    kind: Kind
    ours: bool


def _read(table: str, *, ours: bool) -> Iterator[Shortcode]:
    heading = ""
    for line in filter(None, table.splitlines()):
        if line.startswith("# "):
            heading = line.removeprefix("# ")
            continue
        code, paths, kind, label = line.split(" ", 3)
        if kind not in get_args(Kind):
            raise ValueError(f"shortcode table, {code}: kind {kind} is none of {', '.join(get_args(Kind))}")
        sources = tuple(tuple(path.split(".")) for path in paths.split("|"))
        yield Shortcode(code, heading, label, sources, cast("Kind", kind), ours)


SHORTCODES: Mapping[str, Shortcode] = {
    shortcode.code: shortcode for shortcode in (*_read(PAGE, ours=False), *_read(OURS, ours=True))
}
# These sections are persons: `{contact_firstname}` in a contact's text is never another contact's name.
_PERSONS = frozenset(["contact", "staff"])
_TOO_MUCH = 10**18


def value_of(code: str, *, facts: Facts, recipient: Facts, locale: str, zone: str) -> str:
    """The clean words a shortcode stands for, or `""`: never raises, whatever JSON it meets.

    A ready-made `facts["shortcodes"][code]` (a custom field, or a value the CRM words itself) wins over the
    typed fact.

    Args:
        code: without braces.
        facts: an event's `data`.
        recipient: the person written to, an item of `data.recipients`.
        locale: for dates, money and statuses.
        zone: an IANA zone for moments; a record's own `timezone` goes before it.
    """
    ready = section(facts, "shortcodes").get(code)
    if isinstance(ready, str | int | float) and not isinstance(ready, bool):
        return _plain(ready)
    shortcode = SHORTCODES.get(code)
    if shortcode is None:
        return ""
    for home, path in _places(shortcode, facts, recipient):
        words = _words(_found(home, path), shortcode.kind, locale=locale, zone=_zone(home, zone))
        if words:
            return words
    return ""


def _places(shortcode: Shortcode, facts: Facts, recipient: Facts) -> Iterator[tuple[Facts, Sequence[str]]]:
    for name, *path in shortcode.sources:
        is_recipient = recipient.get("kind") == name
        if not (is_recipient and name in _PERSONS):
            yield section(facts, name), path
        if is_recipient:
            yield recipient, path


def _found(home: Facts, path: Sequence[str]) -> object:
    for name in path[:-1]:
        home = section(home, name)
    return home.get(path[-1])


def _zone(home: Facts, zone: str) -> str:
    own = home.get("timezone")
    return own if isinstance(own, str) and own else zone


def _words(value: object, kind: Kind, *, locale: str, zone: str) -> str:
    match kind:
        case "date":
            return date_words(value, locale=locale, zone=zone)
        case "time":
            return time_words(value, zone=zone)
        case "moment":
            return moment_words(value, locale=locale, zone=zone)
        case "money":
            return money_words(value, locale=locale) or _plain(value)
        case "status" if isinstance(value, str):
            return status_words(value, locale=locale)
        case _:
            return _plain(value)


def _plain(value: object) -> str:
    """A string or a number as words; a truth value, a list or an object has none."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _TOO_MUCH:
        return str(value)
    return ""
