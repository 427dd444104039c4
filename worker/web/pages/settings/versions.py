"""Versions of a text: the newest, and what each changed of the one before it."""

from collections.abc import Sequence

from worker.store.accounts import templates
from worker.store.accounts.templates import Kept, Version
from worker.store.db.postgres import Connection
from worker.web.pages.settings.word_diff import Piece, word_diff

VERSIONS_SHOWN = 20


def newest(connection: Connection, kept: Kept | None) -> Sequence[Version]:
    return templates.newest_versions(connection, kept.id, before=None, limit=VERSIONS_SHOWN) if kept else ()


def diffs_of(newest_first: Sequence[str]) -> list[list[Piece]]:
    """What each version changed of the one before it; the oldest that is shown as it is."""
    before = [*newest_first[1:], *newest_first[-1:]]
    return [word_diff(old, new) for new, old in zip(newest_first, before, strict=True)]
