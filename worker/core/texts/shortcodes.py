"""The shortcodes an admin may write, and the words each one stands for in a given event."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from worker.core.contract.attributes import Field, Section
from worker.core.contract.data import Data, Lead, Person, Record
from worker.core.contract.facts import as_text
from worker.core.texts.formatting import (
    LONGEST_VALUE,
    clean,
    date_text,
    moment_text,
    shortened,
    status_text,
    time_text,
)
from worker.core.texts.money_format import money_in_figures, money_in_words
from worker.core.texts.shortcode_catalogue import APART, OURS, PAGE, STAFF_ONLY
from worker.core.texts.template import Blank

ValueType = Literal["text", "long", "number", "money", "word", "date", "time", "moment", "phone", "link", "status"]
#: What `{code:filter}` may ask for, and of which kinds of values.
FILTERS: Mapping[str, frozenset[ValueType]] = {
    "short": frozenset({"text", "long", "money", "date", "moment"}),
    "word": frozenset({"money"}),
}
#: The longest text that `:short` leaves.
SHORT = 30
#: Half a link leads nowhere: a longer one is left out.
LONGEST_LINK = 300
SAMPLE_ZONE = "Europe/Kyiv"
# These sections are persons: `{contact_firstname}` in a contact's text is never another contact's name.
_PERSONS = frozenset(["contact", "staff"])
_TOO_MUCH = 10**18
#: Any section may name the zone of its moments.
_ZONE = Record.timezone
_IN_A_ZONE = frozenset(["date", "time", "moment"])


@dataclass(frozen=True, slots=True)
class Heading:
    id: str
    label: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Source:
    section: Field[Any]
    way: tuple[Field[Any], ...]
    attribute: Field[Any]

    @property
    def names(self) -> tuple[str, ...]:
        return self.section.name, *(part.name for part in self.way), self.attribute.name

    def written(self, home: Section) -> object:
        for part in self.way:
            home = part.of(home)
        return self.attribute.written(home)


def source_at(path: str) -> Source:
    """The attributes along a path of the catalogue; AttributeError if a section has no such one."""
    fields = list[Field[Any]]()
    for name in path.split("."):
        fields.append(getattr((fields[-1].section if fields else Data), name))
    return Source(fields[0], tuple(fields[1:-1]), fields[-1])


@dataclass(frozen=True, slots=True)
class Shortcode:
    """One `{code}` of the catalogue; the first source with a value counts. `value` is a believable one, as JSON."""

    code: str
    section: str
    label: str
    sources: tuple[Source, ...]
    value_type: ValueType
    ours: bool
    value: object

    @property
    def sample(self) -> str:
        return Values(Data(), Person(), "uk", SAMPLE_ZONE).formatted(self.value, self.value_type)

    @property
    def is_staff_only(self) -> bool:
        return self.code in STAFF_ONLY


def _read(table: str, *, ours: bool) -> Iterator[tuple[Heading, Shortcode]]:
    heading = Heading("", "", ours)
    for line in filter(None, table.splitlines()):
        if line.startswith("# "):
            name, label = line.removeprefix("# ").split(" ", 1)
            heading = Heading(name, label, ours)
            continue
        row, sample = line.split(" = ")
        code, paths, value_type, label = row.split(" ", 3)
        if value_type not in get_args(ValueType):
            raise ValueError(f"shortcode table, {code}: kind {value_type} is none of {', '.join(get_args(ValueType))}")
        sources = tuple(map(source_at, paths.split("|")))
        known = cast("ValueType", value_type)
        yield heading, Shortcode(code, heading.id, label, sources, known, ours, _typed(sample, known))


def _typed(sample: str, value_type: ValueType) -> object:
    match value_type:
        case "money" | "word":
            amount, currency = sample.split(" ")
            return {"amount": amount, "currency": currency}
        case _:
            return int(sample) if value_type == "number" else sample


_PAGE = tuple(_read(PAGE, ours=False))
_OURS = tuple(_read(OURS, ours=True))
SHORTCODES: Mapping[str, Shortcode] = {shortcode.code: shortcode for _, shortcode in (*_PAGE, *_OURS)}
# A list that the page has and we add to is the page's: its heading comes last and stays.
SECTIONS: Mapping[str, Heading] = {heading.id: heading for heading, _ in (*_PAGE, *_OURS, *_PAGE)}


def codes_of(sections: Collection[str]) -> tuple[str, ...]:
    return tuple(code for code, shortcode in SHORTCODES.items() if shortcode.section in sections)


def data_with(value_of: Callable[[Shortcode], object]) -> Data:
    """An event's `data` in which every shortcode finds this value, but for those that others exclude."""
    facts: dict[str, Any] = {}
    for shortcode in SHORTCODES.values():
        if shortcode.code in APART:
            continue
        # Words are what the CRM gives; the money they are made of is what an event holds anyway.
        *names, last = shortcode.sources[-1 if shortcode.value_type == "word" else 0].names
        home = facts
        for name in names:
            home = home.setdefault(name, {})
        home[last] = value_of(shortcode)
    return Data(facts)


#: An event's `data` with the samples.
SAMPLES = data_with(lambda shortcode: shortcode.value)


@dataclass(slots=True)
class Values:
    """What shortcodes stand for in one text; counts what it had to clean or cut.

    A ready-made `data.shortcodes` of this code (a custom field, or a value the CRM words itself) wins over the typed
    fact. What only staff may open has no value for anybody else. Without a kind of recipient the values are samples. A
    record's own `timezone` wins over `zone`.
    """

    data: Data
    recipient: Person
    locale: str
    zone: str
    longest: int = LONGEST_VALUE
    cleaned: int = 0
    cut: int = 0

    def of(self, blank: Blank) -> str:
        """The clean words for a blank, or `""`: never raises, whatever JSON it meets."""
        shortcode = SHORTCODES.get(blank.code)
        if shortcode and shortcode.is_staff_only and self.recipient.json and self.recipient.kind != "staff":
            return ""
        value_type = shortcode.value_type if shortcode else "text"
        ready = self.data.shortcodes.json.get(blank.code)
        if ready is not None and (text := self._plain(ready, value_type, blank.filter_name)):
            return text
        if shortcode is None:
            return ""
        for source in shortcode.sources:
            for home in _homes(source.section, self.data, self.recipient):
                zone = _ZONE.of(home) if value_type in _IN_A_ZONE else ""
                value = source.written(home) if source.way else home.json.get(source.attribute.name)
                if text := self.formatted(value, value_type, blank.filter_name, zone=zone):
                    return text
        return ""

    def formatted(self, value: object, value_type: ValueType, filter_name: str = "", *, zone: str = "") -> str:
        zone = zone or self.zone
        is_short = filter_name == "short"
        match value_type:
            case "date":
                return date_text(value, locale=self.locale, zone=zone, is_short=is_short)
            case "time":
                return time_text(value, zone=zone)
            case "moment":
                return moment_text(value, locale=self.locale, zone=zone, is_short=is_short)
            case "money" if filter_name != "word":
                made = money_in_figures(value, locale=self.locale, is_short=is_short)
            case "money" | "word":
                made = money_in_words(value, locale=self.locale)
            case "status":
                made = status_text(value, locale=self.locale)
            case _:
                made = ""
        return made or self._plain(value, value_type, filter_name)

    def _plain(self, value: object, value_type: ValueType, filter_name: str) -> str:
        """A string or a number as a clean line; a truth value, a list or an object has none."""
        raw = written(value)
        whole = clean(raw)
        text = _whole_link(whole) if value_type == "link" else shortened(whole, self.longest)
        if text != whole:
            self.cut += 1
        elif whole != raw:
            self.cleaned += 1
        return shortened(text, SHORT) if filter_name == "short" and value_type in FILTERS["short"] else text


def _whole_link(text: str) -> str:
    return text if len(text) <= LONGEST_LINK else ""


def written(value: object) -> str:
    return "" if isinstance(value, int | float) and not abs(value) < _TOO_MUCH else as_text(value)


def _homes(part: Field[Any], data: Data, recipient: Person) -> tuple[Section, ...]:
    its: Section = getattr(data, part.name)
    if recipient.kind != part.name:
        return (its,)
    if part.name in _PERSONS:
        return (recipient,)
    # Of two leads the event's is one: theirs, and richer than the recipient, only where the ids match.
    is_another = part.name == "lead" and recipient.id != Lead.id.of(its)
    return (recipient, its) if is_another else (its, recipient)
