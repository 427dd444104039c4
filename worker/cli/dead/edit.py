"""`perfectum-sms dead edit`: mend the event of a letter, in an editor or from a file."""

import sys
from pathlib import Path
from typing import Annotated

import click
import orjson
import typer

from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.terminal import Exit, echo, has_terminal, is_wanted, stop
from worker.core.contract.inbound_message import BODY_MAX
from worker.language import _
from worker.steps.operate.dead_letters import Edited, NotEdited, edit, see_phones, uneditable
from worker.store.db.postgres import Connection, clock
from worker.store.ingest import dead_letter_list
from worker.store.ingest.dead_letter_list import KeptDeadLetter

STDIN = Path("-")
Number = Annotated[int, typer.Argument(metavar="ID", help="The number of a letter, from the list.")]
BodyFile = Annotated[Path | None, typer.Option("--file", "-f", help="The whole event; - is stdin.", allow_dash=True)]


def edit_(number: Number, *, file: BodyFile = None) -> None:
    """Mend the event of a letter, in `$EDITOR` unless a file is given; what arrived is kept beside it.

    It is checked as it is saved, and what would be refused again is not kept. Nothing is sent until it is replayed.

    - `perfectum-sms dead edit 17`
    - `perfectum-sms dead edit 17 --file mended.json && perfectum-sms dead replay 17 --dry-run`
    """
    with ledger() as connection:
        dead_letter = letter(connection, number)
        if why_not := uneditable(dead_letter):
            raise stop(_("Letter {number} cannot be edited: {why_not}.", number=number, why_not=why_not))
        if file is None:
            see_phones(connection, dead_letter, by=operator_name())
    kept = saved(dead_letter, read_body(file)) if file else from_editor(dead_letter)
    if isinstance(kept, NotEdited):
        raise stop(_("Letter {number} stays as it is: {why}", number=number, why=refusal(kept)))
    echo(
        _("Letter {number} is edited. See what it becomes: perfectum-sms dead replay {number} --dry-run", number=number)
    )


def letter(connection: Connection, number: int) -> KeptDeadLetter:
    dead_letter = dead_letter_list.load(connection, number)
    if dead_letter is None:
        raise stop(_("There is no dead letter {number}.", number=number), Exit.NOT_FOUND)
    return dead_letter


def read_body(file: Path) -> bytes:
    try:
        body = sys.stdin.buffer.read(BODY_MAX + 1) if file == STDIN else file.read_bytes()
    except OSError as error:
        raise stop(f"{file}: {error.strerror}.", Exit.USAGE) from None
    if len(body) > BODY_MAX:
        raise stop(_("{file} has more than {most} bytes, the limit of an event.", file=file, most=BODY_MAX), Exit.USAGE)
    return body


def from_editor(dead_letter: KeptDeadLetter) -> Edited | NotEdited:
    """An event as a person leaves it in their editor, again and again while it would be refused and they want to."""
    if not has_terminal():
        raise stop(_("Give --file (- is stdin): there is no terminal for an editor."), Exit.USAGE)
    text = readable(dead_letter.newest_body or dead_letter.head)
    while True:
        try:
            typed = click.edit(text, extension=".json")
        except click.ClickException as error:
            raise stop(_("{message}. Set EDITOR, or give --file.", message=error.message)) from None
        if typed is None or typed == text:
            return NotEdited(_("nothing was changed"))
        kept = saved(dead_letter, typed.encode())
        if isinstance(kept, Edited) or kept.reason is None:
            return kept
        echo(refusal(kept))
        if not is_wanted(_("It would be refused. Edit it again?"), otherwise=True):
            raise typer.Abort
        text = typed


def readable(body: bytes) -> str:
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")


def saved(dead_letter: KeptDeadLetter, body: bytes) -> Edited | NotEdited:
    with ledger() as connection:
        return edit(connection, dead_letter, body, by=operator_name(), now=clock(connection))


def refusal(kept: NotEdited) -> str:
    return f"{kept.reason}: {kept.why}" if kept.reason else f"{kept.why}."
