"""Where a page of an account's texts, or of a text's versions, ended: a number, for that list alone."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from worker.language import _
from worker.store.accounts.templates import Kept
from worker.web.api.problems import Problem, wrong_field

NUMBER = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list, which is known by what it is of; without a cursor it is the beginning."""

    cursor: str | None
    of: tuple[object, ...]

    def position(self) -> int | None:
        """The number that the page ended with; None: it is the beginning, or the cursor is none of this list."""
        try:
            packed = base64.b64decode((self.cursor or "").encode(), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        return int.from_bytes(packed[:NUMBER], signed=True) if packed[NUMBER:] == self.digest() else None

    def cursor_at(self, number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(NUMBER, signed=True) + self.digest()).decode()

    def digest(self) -> bytes:
        return hashlib.sha256(orjson.dumps(self.of)).digest()[:10]


@dataclass(frozen=True, slots=True)
class TextsOfPage:
    items: Sequence[Kept]
    next: str | None


def page_of(texts: Iterable[Kept], place: Place, *, limit: int) -> TextsOfPage | None:
    """The page from there on; None: the list has no such place, or its text is gone."""
    items, first = list(texts), 0
    if place.cursor is not None:
        after, ids = place.position(), [item.id for item in items]
        if after not in ids:
            return None
        first = ids.index(after) + 1
    page = items[first : first + limit]
    return TextsOfPage(page, place.cursor_at(page[-1].id) if len(items) > first + limit else None)


def no_place() -> Problem:
    return wrong_field("cursor", _("is none of this list: begin without one"))
