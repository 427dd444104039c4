"""Texts as the API answers them, and what the linter says of each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from worker.core.authoring.lint import Report
from worker.core.authoring.lint_findings import Finding
from worker.core.texts.segments import Segments
from worker.store.accounts.templates import Kept, Version
from worker.web.api.fields import about


@dataclass(frozen=True, slots=True)
class LintFinding:
    """Something that the linter says of a place in a text; positions count characters."""

    code: Annotated[str, about("One word for programs.", "unknown_shortcode")]
    is_error: Annotated[bool, about("Whether the text is refused for it.")]
    start: Annotated[int, about("Where the place begins; the first character is 0.")]
    end: Annotated[int, about("Where it ends.")]
    line: Annotated[int, about("Its line; the first is 1.")]
    column: Annotated[int, about("Its first character in that line; the first is 1.")]
    message: Annotated[str, about("What is wrong, in the language of `Accept-Language`: en or uk.")]
    hint: Annotated[str, about("What to do.")]


@dataclass(frozen=True, slots=True)
class TextSize:
    """How long a text is as an SMS."""

    segments: Annotated[int, about("How many are paid for.", 2)]
    encoding: Annotated[str, about("`GSM-7` or `UCS-2`.")]
    units: Annotated[int, about("Characters as they are counted.")]
    price: Annotated[str | None, about("Hryvnias; null where nobody knows what a segment costs.", "1.90")]


@dataclass(frozen=True, slots=True)
class TextReport:
    """What the linter says of a text, and what it costs."""

    is_refused: Annotated[bool, about("Whether it could not be saved.")]
    findings: Annotated[list[LintFinding], about("In the order of their places.")]
    typical: Annotated[TextSize, about("With believable values.")]
    worst: Annotated[TextSize, about("With the longest ones.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTemplate:
    """A text of a trigger, or a custom one, in one language."""

    name: Annotated[str, about("The trigger's id, or the custom template's name.", "booking_confirmed")]
    is_custom: Annotated[bool, about("Whether people gave it its name.")]
    section: Annotated[str | None, about("Of a custom one: whose shortcodes it may hold.", "clients")]
    description: Annotated[str | None, about("Of a custom one: what it is for.")]
    locale: Annotated[str, about("Its language.", "uk")]
    text: Annotated[str, about("The words, with shortcodes in braces.")]
    version: Annotated[int, about("Which version this is.", 3)]
    author: Annotated[str, about("Who wrote it: an operator, or a key as `key/7 CRM`.")]
    written_at: Annotated[datetime, about("When.")]
    missing: Annotated[str, about("Where a value is missing: `drop` or `fail`.")]
    viber: Annotated[Mapping[str, Any], about("What it asks of Viber: `ttl`, `button`, `picture`, `transactional`.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTemplate(AccountTemplate):
    """A text as it is now, and what the linter says of it."""

    report: TextReport


@dataclass(frozen=True, slots=True)
class AccountTemplates:
    """Texts: those of triggers, then custom ones."""

    items: list[AccountTemplate]
    next: Annotated[str | None, about("The `cursor` of the next page; null: there is none.")]


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """A version of a text; none is ever changed."""

    version: Annotated[int, about("Its number.")]
    text: Annotated[str, about("The words.")]
    author: Annotated[str, about("Who wrote it.")]
    written_at: Annotated[datetime, about("When.")]


@dataclass(frozen=True, slots=True)
class TemplateVersions:
    """The versions of a text, the newest first."""

    items: list[TemplateVersion]
    next: Annotated[str | None, about("The `cursor` of the next page; null: there is none.")]


def template_answer(kept: Kept) -> AccountTemplate:
    return AccountTemplate(**fields_of(kept))


def saved_answer(kept: Kept, report: Report) -> SavedTemplate:
    return SavedTemplate(**fields_of(kept), report=report_answer(kept.text, report))


def fields_of(kept: Kept) -> dict[str, Any]:
    return {
        "name": kept.called,
        "is_custom": kept.trigger is None,
        "section": kept.section,
        "description": kept.description,
        "locale": kept.locale,
        "text": kept.text,
        "version": kept.version,
        "author": kept.author,
        "written_at": kept.created_at,
        "missing": kept.missing,
        "viber": kept.viber,
    }


def version_answer(version: Version) -> TemplateVersion:
    return TemplateVersion(version.version, version.text, version.author, version.created_at)


def report_answer(text: str, report: Report) -> TextReport:
    return TextReport(
        report.is_refused,
        [finding_answer(text, finding) for finding in report.findings],
        size_answer(report.typical, report.price),
        size_answer(report.worst, report.price),
    )


def finding_answer(text: str, finding: Finding) -> LintFinding:
    line, column = finding.place_in(text)
    return LintFinding(**asdict(finding), line=line, column=column)


def size_answer(size: Segments, price: Decimal | None) -> TextSize:
    cost = None if price is None else f"{price * size.count:.2f}"
    return TextSize(size.count, size.encoding, size.units, cost)
