"""The text box of triggers and custom templates: what a text costs, what is wrong, how it reads, what it may hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from worker.core.authoring.lint import Report
from worker.core.authoring.preview import Trial
from worker.core.authoring.template_scope import Subject
from worker.core.texts.segments import Segments, costly_signs, to_cut
from worker.core.texts.shortcodes import SECTIONS, SHORTCODES
from worker.language import _
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.trials import Wanted, absent_shortcodes, try_text
from worker.store.accounts.templates import Kept
from worker.store.db.postgres import Connection
from worker.web.pages.page import Visit

#: Findings that are shown; a slip makes a few, and a text of nothing but braces a megabyte of them.
PLACES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Something wrong, or worth a thought, at a place of a text."""

    line: int
    column: int
    message: str
    hint: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Size:
    """A form of a text: how long it is and what it costs; None: nobody knows, or who looks may not."""

    name: str
    text: str
    segments: Segments
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Look:
    """A text as it was looked at.

    Attributes:
        cut: signs that must go from the usual form for one SMS fewer.
        costly: signs by which a Latin text takes 70 and not 160 signs.
        savings: what a setting of the account would save, in words.
        absent: shortcodes that the text gains and no event of a week carried.
    """

    text: str
    places: Sequence[Place]
    sizes: Sequence[Size]
    cut: int
    costly: Sequence[str]
    savings: Sequence[str]
    trials: Sequence[Trial]
    report: Report
    absent: Sequence[str] = ()

    @property
    def varies(self) -> bool:
        """Whether it reads otherwise with other values."""
        return len({size.text for size in self.sizes}) > 1

    @property
    def not_shown(self) -> int:
        return len(self.report.findings) - len(self.places)


@dataclass(frozen=True, slots=True)
class Insertable:
    """A shortcode that a click puts into the text."""

    code: str
    label: str
    sample: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Shortcodes of one section, as the settings page calls it."""

    label: str
    shortcodes: Sequence[Insertable]


def look_at(connection: Connection, visit: Visit, desk: Desk, wanted: Wanted, before: str | None = None) -> Look:
    """Try a text with the last real event, where who looks may see that, else with samples.

    `before` is what is kept of it, if what it gains is to be judged.
    """
    tried = try_text(connection, visit.cache, desk, wanted)
    report, text = tried.report, wanted.words
    price = report.price if visit.user.sees_prices else None
    sizes = [
        Size(name, form, segments, None if price is None else price * segments.count)
        for name, form, segments in (
            (_("the shortest values"), report.shortest, report.best),
            (_("usual values"), report.sample, report.typical),
            (_("the longest values"), report.longest, report.worst),
        )
    ]
    return Look(
        text,
        list(islice(places_of(report, text), PLACES_SHOWN)),
        sizes,
        to_cut(report.typical),
        costly_signs(report.sample),
        list(savings_of(report)),
        tried.trials,
        report,
        () if before is None else absent_shortcodes(connection, visit.cache, desk, wanted, before),
    )


def version_seen(visit: Visit, kept: Kept | None, *, overtaken: bool) -> str:
    """The version that who types has seen: a page shown again keeps it, unless it shows them the newest."""
    newest = str(kept.version) if kept else ""
    return visit.form.text("version") if visit.form.has("text") and not overtaken else newest


def places_of(report: Report, text: str) -> Iterator[Place]:
    for finding in report.findings:
        line, column = finding.place_in(text)
        yield Place(line, column, finding.message, finding.hint, finding.is_error)


def savings_of(report: Report) -> Iterator[str]:
    words = {
        "plain_punctuation": _("plain quotation marks and dashes instead of typographic ones"),
        "transliterate": _("Latin letters instead of Ukrainian ones"),
    }
    for saving in report.savings:
        yield words[saving.option]


def palette_of(subject: Subject, custom: Sequence[str]) -> list[Shelf]:
    """The shortcodes that a text may hold, section by section in the order of the settings page."""
    shelves = [
        Shelf(heading.label, list(insertable(section, is_staff=subject.is_staff)))
        for section, heading in SECTIONS.items()
        if section in subject.sections
    ]
    own = [Insertable(f"{{{code}}}", code, "") for code in custom]
    return [*shelves, *([Shelf(_("Of this account"), own)] if own else [])]


def insertable(section: str, *, is_staff: bool) -> Iterator[Insertable]:
    for shortcode in SHORTCODES.values():
        if shortcode.section == section and (is_staff or not shortcode.is_staff_only):
            yield Insertable(f"{{{shortcode.code}}}", shortcode.label, shortcode.sample)
