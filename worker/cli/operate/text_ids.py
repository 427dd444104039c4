"""Texts named by their numbers: 2026-11/123, or the number alone."""

import re
from collections.abc import Collection, Sequence
from datetime import date

import typer

from worker.cli.terminal import Exit, stop
from worker.core.sending.nudge import NotificationId, text_id
from worker.language import _
from worker.store.db.postgres import Connection
from worker.store.sending import unconfirmed
from worker.store.sending.unconfirmed import Named

ID = re.compile(r"(?:([0-9]{4})-(0[1-9]|1[0-2])/)?([0-9]{1,18})")


def named(text: str) -> Named:
    match = ID.fullmatch(text)
    if match is None or match[1] == "0000":
        raise typer.BadParameter(_("{text} is none: write it as 2026-11/123, or the number alone", text=text))
    return Named(date(int(match[1]), int(match[2]), 1) if match[1] else None, int(match[3]))


def ids_of(connection: Connection, ids: Sequence[Named]) -> list[NotificationId]:
    """Texts by their numbers, each once; the end of the command where there is none, or more than one."""
    known = unconfirmed.seek(connection, dict.fromkeys(ids))
    chosen: dict[NotificationId, None] = {}
    for item in ids:
        fitting = {key for key in known if key[1] == item.id and item.month in {None, key[0]}}
        if not fitting:
            raise stop(_("There is no notification {id}.", id=typed(item)), Exit.NOT_FOUND)
        insist_on_one(fitting)
        chosen[fitting.pop()] = None
    return list(chosen)


def typed(item: Named) -> str:
    return text_id((item.month, item.id)) if item.month else str(item.id)


def insist_on_one(fitting: Collection[NotificationId]) -> None:
    """End the command where texts of several months have the number that was given."""
    if len(fitting) > 1:
        ids = sorted(fitting)
        named_ids = ", ".join(map(text_id, ids))
        raise stop(_("{number} is more than one: give one of {ids}.", number=ids[0][1], ids=named_ids), Exit.USAGE)
