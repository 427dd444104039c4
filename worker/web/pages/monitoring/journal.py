"""Журнал: who changed, did or looked at what of an account, by days."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson

from worker.core.accounts.setting_kinds import Price
from worker.core.accounts.settings import BUDGET, SETTINGS
from worker.core.audit.action_labels import ACTION_LABELS
from worker.language import _
from worker.store.audit.audit import Note, Wanted, list_notes
from worker.store.db.postgres import transaction
from worker.web.pages.page import Html, Shown, Visit, page

PER_PAGE = 50
#: Signs of a value that is shown.
VALUE_MAX = 120
#: Columns that say what something costs.
PRICES = frozenset(setting.attribute for setting in (*SETTINGS, *BUDGET) if isinstance(setting.setting_kind, Price))


@dataclass(frozen=True, slots=True)
class Change:
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    note: Note
    action: str
    changes: list[Change]


@page("GET", "/a/{account}/journal", may="journal")
def journal(visit: Visit) -> Shown:
    """The newest first; it goes on below the number of the last."""
    query, errors = visit.query, dict[str, str]()
    below = query.text("below")
    if below and not (below.isascii() and below.isdecimal() and len(below) <= len("999999999999999999")):
        errors["below"] = _("This page is of another list: begin at its first page.")
    action = query.text("action") or None
    if action and action not in ACTION_LABELS:
        errors["action"] = _("Choose something from the list.")
    wanted = Wanted(visit.account, action, query.text("who").strip() or None, query.text("subject").strip() or None)
    notes: list[Note] = []
    if not errors:
        with transaction(visit.pool) as connection:
            notes = list_notes(connection, wanted, limit=PER_PAGE + 1, below=int(below) if below else None)
    values = {
        "rows": [row_of(note, sees_prices=visit.user.sees_prices) for note in notes[:PER_PAGE]],
        "older": query.address(below=notes[PER_PAGE - 1].id) if len(notes) > PER_PAGE else None,
        "actions": [("", _("all")), *((name, _(label)) for name, label in ACTION_LABELS.items())],
        "errors": errors,
    }
    return Html("monitoring/journal.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def row_of(note: Note, *, sees_prices: bool) -> Row:
    before, after = note.before or {}, note.after or {}
    names = dict.fromkeys([*before, *after])
    shown = partial(value_of, sees_prices=sees_prices)
    changes = [Change(name, shown(before, name), shown(after, name)) for name in names]
    return Row(note, _(ACTION_LABELS.get(note.action, note.action)), changes)


def value_of(values: Mapping[str, Any], name: str, *, sees_prices: bool) -> str:
    """A value as it is kept; nothing where it was not there."""
    if name not in values:
        return ""
    if name in PRICES and not sees_prices:
        return _("only for who sees prices")
    value = values[name]
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= VALUE_MAX else f"{text[:VALUE_MAX]}…"
