"""`perfectum-sms dead`: the desk where people look at what could not go on by itself."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.dead.choice import (
    Account,
    EventType,
    Filters,
    Ids,
    LetterKind,
    Reason,
    Text,
    chosen,
    wanted_by,
)
from worker.cli.dead.edit import edit_, letter, read_body
from worker.cli.dead.paper import as_json_of, next_step, print_paper, reason_words
from worker.cli.moments import shown
from worker.cli.operator import operator_name
from worker.cli.period import Since, Until, zone_of
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, group, show, stop
from worker.language import _, ngettext
from worker.steps.operate import dead_letters
from worker.steps.operate.dead_letters import see_phones
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import clock
from worker.store.ingest import dead_letter_list

COLUMNS = ("id", "last_at", "kind", "reason", "account", "event_type", "event_id", "times", "state")

app = group("Look at dead letters, mend, replay or drop them.")
app.command("edit")(edit_)

All = Annotated[bool, typer.Option("--all", help="Every open letter that the other options allow.")]
Body = Annotated[Path | None, typer.Option("--body", help="The event to replay instead; - is stdin.", allow_dash=True)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide everything, keep nothing: what would become of each.")]


@app.command("list")
def list_(  # noqa: PLR0913 (one option for each filter)
    *,
    reason: Reason = None,
    account: Account = None,
    kind: LetterKind = None,
    event_type: EventType = None,
    since: Since = None,
    until: Until = None,
    text: Text = None,
    all_: Annotated[bool, typer.Option("--all", help="Also what was replayed or dropped.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List dead letters, the newest first: refused events, notifications that kept failing, what RabbitMQ left.

    A letter of an event that could not be read is of the account that its routing key names.

    - `perfectum-sms dead list --reason unknown_account`
    - `perfectum-sms dead list -a acme --since 2026-11-24 --until 2026-11-24 --text олена`
    - `perfectum-sms dead list --json | jq 'group_by(.reason) | map({(.[0].reason): length})'`
    """
    with ledger() as connection:
        filters = Filters(reason, account, kind, event_type, since, until, text)
        letters = dead_letter_list.choose(connection, wanted_by(connection, filters, closed=all_))
        listed = dead_letter_list.summaries(connection, letters.ids[-limit:])
        zones, zone = account_zones(connection), zone_of(connection, account)
    rows = [
        {**asdict(letter), "reason": letter.reason if as_json else reason_words(letter.reason)} for letter in listed
    ]
    show(rows, as_json=as_json, columns=COLUMNS, empty=_("No dead letters."), zones=zones)
    if as_json or not listed:
        return
    if len(listed) < len(letters.ids) and letters.oldest:
        echo(
            _(
                "These are the newest {listed} of {all}; the oldest is of {oldest}.",
                listed=len(listed),
                all=len(letters.ids),
                oldest=shown(letters.oldest, zone),
            )
        )
    echo(_("Look at one: perfectum-sms dead show {id}", id=listed[0].id))


@app.command("show")
def show_(
    number: Annotated[int, typer.Argument(metavar="ID", help="The number of a letter, from the list.")],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Do not hide phones; it is noted in the audit.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: why it is here, what it was, and what to do next. Phones are hidden unless `--raw`.

    - `perfectum-sms dead show 17`
    - `perfectum-sms dead show 17 --raw --json | jq -r .body > event.json` has the whole event, to be mended
    """
    with ledger() as connection:
        dead_letter = letter(connection, number)
        if raw:
            see_phones(connection, dead_letter, by=operator_name())
        zone = zone_of(connection, dead_letter.summary.account)
    if as_json:
        emit(as_json_of(dead_letter, raw=raw))
        return
    print_paper(dead_letter, zone, raw=raw)
    echo(f"\n{next_step(dead_letter)}")


@app.command()
def replay(  # noqa: PLR0913 (one option for each way to choose)
    ids: Ids = None,
    *,
    all_: All = False,
    reason: Reason = None,
    account: Account = None,
    kind: LetterKind = None,
    event_type: EventType = None,
    since: Since = None,
    until: Until = None,
    text: Text = None,
    body: Body = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give letters their second chance: an event is accepted under its own id, a failed notification planned anew.

    Nothing that was sent is sent twice. What is refused again stays open. Fix the cause first, or mend the event:
    `--body` replaces it, and is kept beside what arrived.

    - `perfectum-sms dead replay 17 18`
    - `perfectum-sms dead replay 17 --body mended.json`
    - `perfectum-sms dead replay -a acme --since 2026-11-24 --until 2026-11-24 --dry-run`
    - `perfectum-sms dead replay --all --reason unknown_account --account acme`
    """
    from worker.cli.dead.replaying import DONE, replay_all, report  # noqa: PLC0415 (help must be quick)
    from worker.steps.operate.replay import Replay  # noqa: PLC0415 (likewise)

    filters = Filters(reason, account, kind, event_type, since, until, text)
    if body and len(ids or ()) != 1:
        raise stop(_("--body is the event of one letter: name it by its number."), Exit.USAGE)
    choice = chosen("replay", ids or (), filters, all_=all_, yes=yes or dry_run)
    how = Replay(operator_name(), dry_run, choice.as_of, read_body(body) if body else None)
    rows = replay_all(choice.ids, how)
    report(rows, as_json=as_json)
    if len(rows) < len(choice.ids) or any(row["outcome"] not in DONE for row in rows):
        raise typer.Exit(Exit.FAILED)


@app.command()
def drop(  # noqa: PLR0913 (one option for each way to choose)
    ids: Ids = None,
    *,
    why: Annotated[str, typer.Option("--why", help="For whoever asks later.")],
    all_: All = False,
    reason: Reason = None,
    account: Account = None,
    kind: LetterKind = None,
    event_type: EventType = None,
    since: Since = None,
    until: Until = None,
    text: Text = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Close letters without replaying them; each keeps who did it and why.

    - `perfectum-sms dead drop 17 --why "test event of the integrator"`
    - `perfectum-sms dead drop -a demo --reason not_json --why "their test"`
    """
    filters = Filters(reason, account, kind, event_type, since, until, text)
    choice = chosen("drop", ids or (), filters, all_=all_, yes=yes)
    if ids:
        agree(ngettext("Drop {count} letter?", "Drop {count} letters?", len(choice.ids)), yes=yes)
    report_dropped(choice.ids, why, as_json=as_json)


def report_dropped(numbers: Sequence[int], why: str, *, as_json: bool) -> None:
    with ledger() as connection:
        dropped = dead_letters.drop(connection, numbers, why=why, by=operator_name(), now=clock(connection))
    rows = [{"id": item.id, "outcome": "dropped" if item.is_done else "was closed already"} for item in dropped]
    show(rows, as_json=as_json, columns=("id", "outcome"), empty=_("Nothing to drop."))
