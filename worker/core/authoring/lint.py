"""An admin's text looked at before it is saved: what is wrong in it and where, and what it will cost."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from worker.core.accounts.settings import AccountSettings
from worker.core.authoring.lint_findings import Finding, Rules, error, findings, warning
from worker.core.authoring.template_scope import Subject
from worker.core.contract.data import Data, Person
from worker.core.texts.formatting import LONGEST_VALUE
from worker.core.texts.render import TIGHTER, Written, write
from worker.core.texts.segments import LONGEST, Segments, is_too_long
from worker.core.texts.shortcodes import SAMPLE_ZONE, SAMPLES, SHORTCODES, Values, data_with
from worker.core.texts.transliteration import AS_WRITTEN, Spelling
from worker.language import _

LONGEST_TEMPLATE = 5000
_CUSTOM_SAMPLE = "Значення поля"
_LONG_TEXT = "а" * 60
_LATE = "2026-12-31T23:59:59+02:00"
_MUCH = {"amount": "777777777.77", "currency": "UAH"}
_WORST: dict[str, object] = {
    "text": _LONG_TEXT,
    "long": "а" * LONGEST_VALUE,
    "status": "а" * 30,
    "link": f"https://{'w' * 92}",
    "phone": "+380671234567",
    "number": 999_999_999,
    "money": _MUCH,
    "word": _MUCH,
    **dict.fromkeys(("date", "time", "moment"), _LATE),
}
_WORST_DATA = data_with(lambda shortcode: _WORST[shortcode.value_type])
#: Every value is missing: groups go, fallbacks stay.
NOTHING = Data({})
_OPTIONS = {"plain_punctuation": "is_plain", "transliterate": "is_latin"}


@dataclass(frozen=True, slots=True)
class Saving:
    option: str
    typical: int
    worst: int
    money: Decimal | None


@dataclass(frozen=True, slots=True)
class Report:
    """What the linter says of a text: of its shortest, a usual and its longest form.

    Attributes:
        sample: the usual form, with samples for its shortcodes.
        shortest: as it reads where every value is missing.
        longest: as it reads where every value is as long as may be.
    """

    findings: tuple[Finding, ...]
    sample: str
    shortest: str
    longest: str
    best: Segments
    typical: Segments
    worst: Segments
    price: Decimal | None
    savings: tuple[Saving, ...]

    @property
    def is_refused(self) -> bool:
        return any(finding.is_error for finding in self.findings)

    @property
    def typical_cost(self) -> Decimal | None:
        return None if self.price is None else self.price * self.typical.count

    @property
    def worst_cost(self) -> Decimal | None:
        return None if self.price is None else self.price * self.worst.count


@dataclass(frozen=True, slots=True)
class _Trial:
    text: str
    custom: frozenset[str]
    locale: str

    def best(self, spelling: Spelling) -> Written:
        return self._with(NOTHING, "", spelling)

    def typical(self, spelling: Spelling) -> Written:
        return self._with(SAMPLES, _CUSTOM_SAMPLE, spelling)

    def worst(self, spelling: Spelling) -> Written:
        return self._with(_WORST_DATA, _LONG_TEXT, spelling)

    def _with(self, data: Data, custom: str, spelling: Spelling) -> Written:
        ready = dict.fromkeys(self.custom - SHORTCODES.keys(), custom)
        return write(self.text, Values(data.having(shortcodes=ready), Person(), self.locale, SAMPLE_ZONE), spelling)


def lint(  # noqa: PLR0913 (each is a setting of its own, and most may be left out)
    text: str,
    *,
    sections: Collection[str],
    is_staff: bool,
    custom: Collection[str] = (),
    price: Decimal | None = None,
    locale: str = "uk",
    spelling: Spelling = AS_WRITTEN,
) -> Report:
    """Look at a text before it is saved; `spelling` is what the account allows already."""
    trial = _Trial(text[:LONGEST_TEMPLATE], frozenset(custom), locale)
    best, typical, worst = trial.best(spelling), trial.typical(spelling), trial.worst(spelling)
    rules = Rules(tuple(sections), tuple(custom), is_staff=is_staff)
    results = [*findings(trial.text, rules, locale=locale), *_lengths(text, typical, worst)]
    return Report(
        findings=tuple(sorted(results, key=lambda finding: (finding.start, finding.end, not finding.is_error))),
        sample=typical.text,
        shortest=best.text,
        longest=worst.text,
        best=best.segments,
        typical=typical.segments,
        worst=worst.segments,
        price=price,
        savings=tuple(_savings(trial, spelling, typical, worst, price)),
    )


def examined(text: str, subject: Subject, settings: AccountSettings, *, locale: str) -> Report:
    """Look at a text as its account and its subject have it."""
    return lint(
        text,
        sections=subject.sections,
        is_staff=subject.is_staff,
        custom=settings.custom_shortcodes,
        price=settings.segment_price,
        locale=locale,
        spelling=Spelling(is_plain=settings.plain_punctuation, is_latin=settings.transliterate),
    )


def _lengths(text: str, typical: Written, worst: Written) -> Iterator[Finding]:
    if len(text) > LONGEST_TEMPLATE:
        message = _(
            "The template has {length} characters, {most} are the most.", length=len(text), most=LONGEST_TEMPLATE
        )
        yield error("too_long", (LONGEST_TEMPLATE, len(text)), message, _("Shorten it."))
    elif is_too_long(typical.segments):
        most = LONGEST[typical.segments.encoding]
        units = typical.segments.units
        message = _("The text has {length} characters, TurboSMS takes {most} at most.", length=units, most=most)
        yield error("too_long", (0, len(text)), message, _("Shorten the text."))
    elif worst.cut or is_too_long(worst.segments):
        message = _(
            "Long values do not fit: each is shortened to {most} characters, or even to {least}.",
            most=TIGHTER[0],
            least=TIGHTER[-1],
        )
        hint = _("Take long shortcodes away, or add «:short».")
        yield warning("values_cut", (0, len(text)), message, hint)


def _savings(
    trial: _Trial, spelling: Spelling, typical: Written, worst: Written, price: Decimal | None
) -> Iterator[Saving]:
    for option, field in _OPTIONS.items():
        other = replace(spelling, **{field: True})
        less = typical.segments.count - trial.typical(other).segments.count
        less_at_worst = worst.segments.count - trial.worst(other).segments.count
        if less or less_at_worst:
            yield Saving(option, less, less_at_worst, None if price is None else price * less)
