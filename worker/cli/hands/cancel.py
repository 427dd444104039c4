"""`perfectum-sms cancel`: texts that wait do not go."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.hands.acting import acted
from worker.cli.hands.chosen_view import describe, sample, summary
from worker.cli.hands.filter_options import Filters, Ids, account_of, filter_of, insist_on_ids_or_filters, warn_of
from worker.cli.hands.filtered import with_filters
from worker.cli.operate.text_ids import ids_of
from worker.cli.operator import operator_name
from worker.cli.period import zone_of
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, stop
from worker.cli.words import word
from worker.core.hands.chosen import Chosen
from worker.core.sending.notification_states import WAITING
from worker.language import _, ngettext
from worker.steps.hands.cancel import CANCELLED
from worker.steps.hands.cancel import cancel as cancel_part
from worker.steps.hands.in_parts import Done
from worker.store.db.postgres import Connection
from worker.store.hands import chosen
from worker.store.sending.unconfirmed import Named

DryRun = Annotated[bool, typer.Option("--dry-run", help="Do it all, take it back, and say what came of it.")]


@with_filters(states=None)
def cancel(
    ids: Ids = None,
    *,
    filters: Filters,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Cancel texts that wait: some by their numbers, or all that the filters find, as the backlog of a trigger.

    What is shown is what is cancelled: a text that comes while you are asked is not touched. What is on its way to
    TurboSMS nobody can stop; pause first, and it comes back within two seconds. Ctrl-C ends it between two parts: what
    was cancelled stays so, the rest waits as before. The same fact may still come again, corrected, from the CRM.

    - `perfectum-sms pause acme --trigger order_created`, then
      `perfectum-sms cancel --account acme --trigger order_created --since 1h`
    - `perfectum-sms cancel 2026-11/123`
    """
    insist_on_ids_or_filters(ids, filters)
    with ledger() as connection:
        waiting, under_way = choose(connection, ids, filters)
        if waiting.unsearched:
            warn_of(waiting.unsearched, zone_of(connection, account_of(connection, filters)))
        facts = summary(connection, waiting)
        text, first = describe(connection, waiting, facts), sample(connection, waiting)
    if not waiting.groups:
        raise nothing(under_way, ids, as_json=as_json)
    if not as_json:
        announce(text, first, under_way)
    if not dry_run:
        agree(_("Cancel: {texts}?", texts=text), yes=yes)
    done = acted(waiting, partial(cancel_part, by=operator_name()), dry_run=dry_run)
    report(done, facts, under_way, dry_run=dry_run, as_json=as_json)


def choose(connection: Connection, ids: Sequence[Named] | None, filters: Filters) -> tuple[Chosen, Chosen]:
    """What waits, and what is under way."""
    if not ids:
        return chosen.waiting(connection, filter_of(connection, filters))
    named = chosen.named(connection, ids_of(connection, ids))
    return named.only(*WAITING), named.only("sending")


def nothing(under_way: Chosen, ids: Sequence[Named] | None, *, as_json: bool) -> typer.Exit:
    if as_json:
        emit({"cancelled": 0, "under_way": len(under_way)})
    echo(_("Nothing of that waits."))
    warn_of_posts_under_way(under_way)
    return typer.Exit(Exit.FAILED if ids else 0)


def announce(text: str, first: Sequence[str], under_way: Chosen) -> None:
    echo(f"{text}.")
    for line in first:
        echo(f"  {line}")
    warn_of_posts_under_way(under_way)


def warn_of_posts_under_way(under_way: Chosen) -> None:
    if under_way.groups:
        echo(
            ngettext(
                "{count} text is on its way to TurboSMS, which nobody can stop.",
                "{count} texts are on their way to TurboSMS, which nobody can stop.",
                len(under_way),
            )
        )


def report(done: Done, facts: dict[str, object], under_way: Chosen, *, dry_run: bool, as_json: bool) -> None:
    cancelled = done.counts[CANCELLED]
    others = {state: count for state, count in done.counts.items() if state != CANCELLED}
    if as_json:
        result = {"found": facts, "cancelled": cancelled, "others": others, "left": done.left}
        emit({**result, "under_way": len(under_way), "dry_run": dry_run})
    else:
        trial = _("Would cancel {count}; nothing was changed.", count=cancelled)
        echo(trial if dry_run else _("Cancelled: {count}.", count=cancelled))
        for state, count in sorted(others.items()):
            echo(_("Went on meanwhile, left alone: {count} ({state}).", count=count, state=word("state", state)))
    if done.left:
        raise stop(_("Stopped. Not come to, they wait as before: {count}.", count=done.left))
