"""The linter at the command's door: nothing is saved that it refuses, and its findings are shown where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.cli.template.labels import finding_lines, print_lines
from worker.cli.terminal import stop
from worker.core.accounts.settings import AccountSettings
from worker.core.authoring.lint import Report, lint
from worker.core.authoring.template_scope import Subject
from worker.core.texts.transliteration import Spelling


def examined(text: str, subject: Subject, settings: AccountSettings, *, locale: str) -> Report:
    return lint(
        text,
        sections=subject.sections,
        is_staff=subject.is_staff,
        custom=settings.custom_shortcodes,
        price=settings.segment_price,
        locale=locale,
        spelling=Spelling(is_plain=settings.plain_punctuation, is_latin=settings.transliterate),
    )


def insist(text: str, subject: Subject, settings: AccountSettings, *, locale: str) -> Report:
    """The same, with every finding shown; the end of the command where the text is refused."""
    report = examined(text, subject, settings, locale=locale)
    print_lines(finding_lines(text, report), stderr=True)
    if report.is_refused:
        raise stop("The text is refused, nothing was saved.")
    return report


def addresses(viber: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What a text asks of Viber that may hold shortcodes: its path in the options, and the address."""
    asked = {("button", "link"): viber.get("button", {}).get("link"), ("picture",): viber.get("picture")}
    yield from ((path, address) for path, address in asked.items() if address)
