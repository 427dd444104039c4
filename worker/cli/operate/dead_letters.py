"""`perfectum-sms dead`: the desk where people look at what could not go on by itself."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, group, sheet, show, stop
from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.logs.redaction import mask_phones, visible
from worker.store.db.postgres import clock
from worker.store.ingest import dead_letter_list
from worker.store.ingest.dead_letter_list import KeptDeadLetter, Wanted

LINES_SHOWN = 40


def paper(dead_letter: KeptDeadLetter, *, raw: bool) -> None:
    month, notification = dead_letter.notification_id or (None, None)
    fields = {**facts_of(dead_letter), "notification": f"{month}/{notification}" if notification else None}
    sheet({name: value for name, value in fields.items() if value is not None})
    if dead_letter.traceback:
        typer.echo(f"\nTraceback\n{visible(dead_letter.traceback)}")
    typer.echo(f"\nBody\n{head(dead_letter, raw=raw)}")


def next_step(dead_letter: KeptDeadLetter) -> str:
    number, state = dead_letter.summary.id, dead_letter.summary.state
    if state != "open":
        return f"It was {state} by {dead_letter.summary.closed_by}: nothing to do."
    commands = f"perfectum-sms dead replay {number}, or perfectum-sms dead drop {number} --why …"
    meaning = DEAD_LETTERS.get(dead_letter.summary.reason)
    return f"Next: {meaning.remedy.en}\n{commands}" if meaning and meaning.remedy else commands


def head(dead_letter: KeptDeadLetter, *, raw: bool) -> str:
    text = dead_letter.head.decode(errors="backslashreplace")
    lines = visible(text if raw else mask_phones(text)).splitlines()[:LINES_SHOWN]
    return "\n".join(lines)


def as_json_of(dead_letter: KeptDeadLetter, *, raw: bool) -> dict[str, object]:
    month, notification = dead_letter.notification_id or (None, None)
    return {
        **facts_of(dead_letter),
        "next": next_step(dead_letter),
        "notification_month": month,
        "notification": notification,
        "traceback": dead_letter.traceback,
        "head": head(dead_letter, raw=raw),
        "is_whole": dead_letter.body is not None,
        "closed_at": dead_letter.closed_at,
    }


def facts_of(dead_letter: KeptDeadLetter) -> dict[str, object]:
    address = {"routing_key": dead_letter.routing_key, "queue": dead_letter.queue}
    content = {"bytes": dead_letter.size, "sha256": dead_letter.hash.hex()}
    meaning = DEAD_LETTERS.get(dead_letter.summary.reason)
    return {**asdict(dead_letter.summary), "detail": meaning and meaning.said.en, **address, **content}


app = group("Look at dead letters, replay or drop them.")

Reason = Annotated[str | None, typer.Option(help="Only with this reason, as unknown_account.")]
Account = Annotated[str | None, typer.Option("--account", "-a", help="Only of this account.")]
LetterKind = Annotated[str | None, typer.Option(help="Only event, job or message.")]
Ids = Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Numbers of letters, from the list.")]


@app.command("list")
def list_(
    *,
    reason: Reason = None,
    account: Account = None,
    kind: LetterKind = None,
    all_: Annotated[bool, typer.Option("--all", help="Also what was replayed or dropped.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List dead letters, the newest first: refused events, notifications that kept failing, what RabbitMQ left.

    - `perfectum-sms dead list --reason unknown_account`
    - `perfectum-sms dead list --json | jq 'group_by(.reason) | map({(.[0].reason): length})'`
    """
    with ledger() as connection:
        wanted = Wanted(reason, account, kind, closed=all_)
        dead_letters = dead_letter_list.list_dead_letters(connection, wanted, limit=limit)
    columns = ("id", "last_at", "kind", "reason", "account", "event_type", "event_id", "times", "state")
    show([*map(asdict, dead_letters)], as_json=as_json, columns=columns, empty="No dead letters.")
    if dead_letters and not as_json:
        echo(f"Look at one: perfectum-sms dead show {dead_letters[0].id}")


@app.command("show")
def show_(
    number: Annotated[int, typer.Argument(metavar="ID")],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Do not hide phones.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: why it is here, what it was, and what to do next. Phones are hidden unless `--raw`."""
    with ledger() as connection:
        dead_letter = dead_letter_list.load(connection, number)
    if dead_letter is None:
        raise stop(f"There is no dead letter {number}.", Exit.NOT_FOUND)
    if as_json:
        emit(as_json_of(dead_letter, raw=raw))
        return
    paper(dead_letter, raw=raw)
    echo(f"\n{next_step(dead_letter)}")


@app.command()
def replay(  # noqa: PLR0913 (one option for each way to choose)
    ids: Ids = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every open letter that the other options allow.")] = False,
    reason: Reason = None,
    account: Account = None,
    kind: LetterKind = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be replayed.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give letters their second chance: an event is accepted under its own id, a failed notification planned anew.

    Nothing that was sent is sent twice. What is refused again stays open. Fix the cause first.

    - `perfectum-sms dead replay 17 18`
    - `perfectum-sms dead replay --all --reason unknown_account --account acme`
    """
    from worker.cli.operate.replay import replay_all  # noqa: PLC0415 (help must be quick)

    chosen = choose(ids or (), Wanted(reason, account, kind), all_=all_)
    if dry_run:
        show([{"id": number, "outcome": "would be replayed"} for number in chosen], as_json=as_json, empty="Nothing.")
        return
    if all_:
        agree(f"Replay {len(chosen)} letters?", yes=yes)
    outcomes = replay_all(chosen, by=operator_name())
    show(outcomes, as_json=as_json, empty="Nothing to replay.")
    if any(outcome["outcome"] != "replayed" for outcome in outcomes):
        raise typer.Exit(Exit.FAILED)


@app.command()
def drop(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers of letters, from the list.")],
    *,
    why: Annotated[str, typer.Option("--why", help="For whoever asks later.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Close letters without replaying them; each keeps who did it and why.

    - `perfectum-sms dead drop 17 --why "test event of the integrator"`
    """
    chosen = choose(ids, Wanted(), all_=False)
    agree(f"Drop {len(chosen)} letters?", yes=yes)
    rows: list[dict[str, object]] = []
    with ledger() as connection:
        now = clock(connection)
        for number in chosen:
            is_done = dead_letter_list.close(connection, number, state="dropped", by=operator_name(), why=why, now=now)
            rows.append({"id": number, "outcome": "dropped" if is_done else "was closed already"})
    show(rows, as_json=as_json, empty="Nothing to drop.")


def choose(ids: Sequence[int], wanted: Wanted, *, all_: bool) -> list[int]:
    if bool(ids) == all_:
        raise stop("Name letters by their numbers, or give --all; not both.", Exit.USAGE)
    with ledger() as connection:
        if all_:
            return [dead_letter.id for dead_letter in reversed(dead_letter_list.list_dead_letters(connection, wanted))]
        missing = [number for number in ids if dead_letter_list.load(connection, number) is None]
    if missing:
        raise stop(f"There is no dead letter {', '.join(map(str, missing))}.", Exit.NOT_FOUND)
    return list(dict.fromkeys(ids))
