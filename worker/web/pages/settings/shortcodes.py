"""Доступні шорткоди: the lists of the settings page, ours, and the account's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.core.texts.shortcodes import SECTIONS, SHORTCODES, Shortcode
from worker.language import _
from worker.store.db.postgres import transaction
from worker.web.pages.editing import desk_of
from worker.web.pages.page import Html, Shown, Visit, page


@dataclass(frozen=True, slots=True)
class Row:
    """A shortcode as it is listed."""

    code: str
    label: str
    sample: str
    is_ours: bool
    is_staff_only: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A section in the order of the settings page, and under its name."""

    id: str
    label: str
    rows: Sequence[Row]


@page("GET", "/a/{account}/shortcodes", may="look")
def shortcodes(visit: Visit) -> Shown:
    """Every shortcode, or those in which the words that are looked for stand."""
    with transaction(visit.pool) as connection:
        own = desk_of(connection, visit).settings.custom_shortcodes
    words = visit.query.text("q").casefold().split()
    found = [Section(each.id, each.label, [row for row in each.rows if has(row, words)]) for each in sections(own)]
    return Html(
        "settings/shortcodes.html", {"sections": [each for each in found if each.rows], "sought": " ".join(words)}
    )


def sections(own: Sequence[str]) -> Iterator[Section]:
    for id_, heading in SECTIONS.items():
        yield Section(id_, heading.label, [row_of(each) for each in SHORTCODES.values() if each.section == id_])
    yield Section(
        "own", _("Of this account"), [Row(f"{{{code}}}", code, "", is_ours=False, is_staff_only=False) for code in own]
    )


def row_of(shortcode: Shortcode) -> Row:
    return Row(f"{{{shortcode.code}}}", shortcode.label, shortcode.sample, shortcode.ours, shortcode.is_staff_only)


def row_of_account(code: str) -> Row:
    return Row(f"{{{code}}}", code, "", is_ours=False, is_staff_only=False)


def has(row: Row, words: Sequence[str]) -> bool:
    text = f"{row.code} {row.label} {row.sample}".casefold()
    return all(word in text for word in words)
