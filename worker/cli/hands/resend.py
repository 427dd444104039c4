"""`perfectum-sms resend`: texts go again, each as a text of its own."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.hands.acting import acted, acted_in
from worker.cli.hands.cancel import DryRun
from worker.cli.hands.chosen_view import describe, sample, summary
from worker.cli.hands.filter_options import Filters, Ids, account_of, filter_of, insist_on_ids_or_filters, warn_of
from worker.cli.hands.filtered import with_filters
from worker.cli.operate.text_ids import ids_of
from worker.cli.operator import operator_name
from worker.cli.period import zone_of
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, has_terminal, one_of, stop
from worker.cli.words import word
from worker.core.hands.chosen import Chosen
from worker.core.hands.resend import DID_NOT_ARRIVE, MAY_HAVE_ARRIVED, Terms
from worker.core.history.filters import STATES
from worker.core.history.outcome_words import outcome_lines
from worker.language import _, marked
from worker.steps.hands.in_parts import Done
from worker.steps.hands.resend import BEFORE, RESENT, UNFIT
from worker.steps.hands.resend import resend as resend_part
from worker.store.db.postgres import Connection
from worker.store.hands import chosen
from worker.store.sending.unconfirmed import Named

#: What a filter finds without --state: nothing that somebody withdrew or that was not to go.
USUAL = ("undelivered", "refused", "failed", "expired")
WHY_NOT = {
    BEFORE: marked("Sent again before: {count}. Send that one again, if need be."),
    UNFIT: marked("Without a phone by now, or lacking a value: {count}. Look: perfectum-sms dead list"),
}

States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        autocompletion=one_of(STATES),
        help=f"Only in this state; repeat it for more. Else {', '.join(USUAL)}.",
    ),
]
Twice = Annotated[bool, typer.Option("--twice", help="Also those that may have arrived: somebody may get them twice.")]


@with_filters(states=States)
def resend(
    ids: Ids = None,
    *,
    filters: Filters,
    twice: Twice = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send texts again: some by their numbers, or all that the filters find. Each is a new text that names the first.

    Hours, limits, the stop-list, consent, budgets and the record's newest facts are asked again. A text is sent again
    once, however often you ask; the second one can be sent again too. What may have arrived (accepted, sent, delivered,
    without an answer) is asked about apart. More than ten let the account's other texts go first. A text whose time is
    over gets 24 hours more.

    - `perfectum-sms resend 2026-11/123`
    - `perfectum-sms resend --account acme --trigger order_created --state undelivered --since yesterday --dry-run`
    """
    insist_on_ids_or_filters(ids, filters)
    with ledger() as connection:
        matches = choose(connection, ids, filters)
        wanted, states = sure(matches, twice=twice, asks=not (yes or dry_run or as_json))
        if matches.unsearched:
            warn_of(matches.unsearched, zone_of(connection, account_of(connection, filters)))
        facts = summary(connection, wanted)
        text, first = describe(connection, wanted, facts), sample(connection, wanted)
    if not wanted.groups:
        raise nothing(matches, ids, as_json=as_json)
    if not as_json:
        for line in (f"{text}.", *(f"  {line}" for line in first)):
            echo(line)
    terms = Terms(operator_name(), states, len(wanted))
    if dry_run:
        done = rehearsed(wanted, terms)
    else:
        agree(_("Send again: {texts}?", texts=text), yes=yes)
        done = acted(wanted, partial(resend_part, terms=terms))
    report(done, facts, dry_run=dry_run, as_json=as_json)


def choose(connection: Connection, ids: Sequence[Named] | None, filters: Filters) -> Chosen:
    if ids:
        return chosen.named(connection, ids_of(connection, ids))
    wanted = filter_of(connection, filters)
    matches = chosen.by_filter(connection, wanted)
    return matches if filters.states else matches.only(*USUAL)


def sure(matches: Chosen, *, twice: bool, asks: bool) -> tuple[Chosen, frozenset[str]]:
    """What is sent again, and the states it must be in by then: of what may have arrived only what is agreed to."""
    doubtful = matches.only(*MAY_HAVE_ARRIVED)
    if doubtful.groups and not twice:
        echo(_("These may have arrived ({states}): whoever got one gets it twice.", states=states_in(doubtful)))
        if asks and has_terminal():
            twice = typer.confirm(_("Send those again too?"), default=False, err=True)
        else:
            echo(_("They are left alone; --twice sends them too."))
    states = DID_NOT_ARRIVE | MAY_HAVE_ARRIVED if twice else DID_NOT_ARRIVE
    return matches.only(*states), states


def states_in(some: Chosen) -> str:
    """`3 sent, 4 unconfirmed`."""
    return ", ".join(f"{count} {word('state', state)}" for state, count in some.count_by("state").items())


def nothing(matches: Chosen, ids: Sequence[Named] | None, *, as_json: bool) -> typer.Exit:
    if as_json:
        emit({"resent": 0, "states": matches.count_by("state")})
    states = f" ({states_in(matches)})" if matches.groups else ""
    echo(_("Nothing of that is to be sent again{states}.", states=states))
    return typer.Exit(Exit.FAILED if ids else 0)


def rehearsed(wanted: Chosen, terms: Terms) -> Done:
    from worker.cli.hands.rehearsal import rehearsing_sender  # noqa: PLC0415 (help must be quick)
    from worker.steps.hands.resend_rehearsal import rehearse_resend  # noqa: PLC0415

    with rehearsing_sender() as sender:
        return acted_in(sender.pool, wanted, partial(rehearse_resend, sender=sender, terms=terms), dry_run=True)


def report(done: Done, facts: dict[str, object], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        emit({"found": facts, "outcomes": dict(done.counts), "left": done.left, "dry_run": dry_run})
    elif dry_run:
        for line in outcome_lines({name: count for name, count in done.counts.items() if "/" in name}):
            echo(line)
    else:
        count = done.counts[RESENT]
        echo(_("They go again within a minute, or as soon as hours and limits let them: {count}.", count=count))
    if not as_json:
        explain(done, dry_run=dry_run)
    if done.left:
        raise stop(_("Stopped. Not come to: {count}.", count=done.left))


def explain(done: Done, *, dry_run: bool) -> None:
    for name, text in WHY_NOT.items():
        if done.counts[name]:
            echo(_(text, count=done.counts[name]))
    others = {name: count for name, count in done.counts.items() if "/" not in name and name not in {*WHY_NOT, RESENT}}
    for state, count in others.items():
        echo(_("By now {state}, left alone: {count}.", state=word("state", state), count=count))
    if dry_run:
        echo(_("Nothing was changed."))
