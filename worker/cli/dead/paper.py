"""One dead letter on the screen: why it is here, what it was, what a person made of it, and what to do next."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import tzinfo

import typer

from worker.cli.terminal import sheet
from worker.cli.words import word
from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.language import _, of_pair
from worker.logs.redaction import mask_phones, visible
from worker.store.ingest.dead_letter_list import KeptDeadLetter

LINES_SHOWN = 40


def print_paper(dead_letter: KeptDeadLetter, zone: tzinfo, *, raw: bool) -> None:
    month, notification = dead_letter.notification_id or (None, None)
    fields = {**facts_of(dead_letter), "notification": f"{month}/{notification}" if notification else None}
    if meaning := DEAD_LETTERS.get(dead_letter.summary.reason):
        fields["meaning"] = of_pair(meaning.sentence)
    sheet({name: value for name, value in fields.items() if value is not None}, zones=zone)
    if dead_letter.traceback:
        typer.echo("\n" + _("Traceback") + f"\n{visible(dead_letter.traceback)}")
    typer.echo("\n" + _("Body") + f"\n{shown(dead_letter.head, raw=raw)}")
    if dead_letter.edited_body is not None:
        typer.echo("\n" + _("Edited by {name}", name=dead_letter.summary.edited_by))
        typer.echo(shown(dead_letter.edited_body, raw=raw))


def reason_words(reason: str) -> str:
    meaning = DEAD_LETTERS.get(reason)
    return of_pair(meaning.sentence) if meaning else reason


def next_step(dead_letter: KeptDeadLetter) -> str:
    number, state = dead_letter.summary.id, dead_letter.summary.state
    if state != "open":
        return _(
            "It was closed ({state}) by {name}: nothing to do.",
            state=word("state", state),
            name=dead_letter.summary.closed_by,
        )
    edit = f"perfectum-sms dead edit {number}, " if dead_letter.summary.kind == "event" else ""
    commands = f"{edit}perfectum-sms dead replay {number}, perfectum-sms dead drop {number} --why …"
    meaning = DEAD_LETTERS.get(dead_letter.summary.reason)
    if not (meaning and meaning.remedy):
        return commands
    return _("Next: {step}", step=of_pair(meaning.remedy)) + f"\n{commands}"


def shown(body: bytes, *, raw: bool) -> str:
    text = body.decode(errors="backslashreplace")
    lines = visible(text if raw else mask_phones(text)).splitlines()[:LINES_SHOWN]
    return "\n".join(lines)


def as_json_of(dead_letter: KeptDeadLetter, *, raw: bool) -> dict[str, object]:
    month, notification = dead_letter.notification_id or (None, None)
    event_month, event = dead_letter.event or (None, None)
    edited = dead_letter.edited_body
    return {
        **facts_of(dead_letter),
        "next": next_step(dead_letter),
        "notification_month": month,
        "notification": notification,
        "traceback": dead_letter.traceback,
        "head": shown(dead_letter.head, raw=raw),
        "is_whole": dead_letter.body is not None,
        **({"body": dead_letter.body.decode(errors="replace")} if raw and dead_letter.body is not None else {}),
        "edited_body": None if edited is None else shown(edited, raw=raw),
        "closed_at": dead_letter.closed_at,
        "event_month": event_month,
        "event": event,
    }


def facts_of(dead_letter: KeptDeadLetter) -> Mapping[str, object]:
    address = {"routing_key": dead_letter.routing_key, "queue": dead_letter.queue}
    content = {"bytes": dead_letter.size, "sha256": dead_letter.hash.hex()}
    meaning = DEAD_LETTERS.get(dead_letter.summary.reason)
    detail = {"meaning": meaning.sentence.en} if meaning else {}
    return {**asdict(dead_letter.summary), **detail, **address, **content}
