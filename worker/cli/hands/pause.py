"""`perfectum-sms pause`, `resume` and `pauses`: stop texts before they go, and let them go on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import NAME, answering, ledger, settings_for
from worker.cli.hands.chosen_view import describe, summary
from worker.cli.hands.moment_option import moment_ahead
from worker.cli.moments import shown
from worker.cli.operator import operator_name
from worker.cli.period import zone_of
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, one_of, show, stop
from worker.cli.trigger.set_options import known_trigger
from worker.core.hands.pause_scope import BY_HAND, HAND
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.settings.environment import DATABASE
from worker.steps.hands.pause import Paused, let_go, scope, standing
from worker.steps.hands.pause import pause as pause_texts
from worker.steps.hands.pause import resume as resume_texts
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import Connection, clock, open_pool
from worker.store.hands import chosen, pauses
from worker.store.hands.chosen import Backlog

Whose = Annotated[
    str | None, typer.Argument(metavar="[ACCOUNT]", help="Only this account's; without it, every account's.")
]
Everything = Annotated[bool, typer.Option("--everything", help="All texts of all accounts.")]
TriggerName = Annotated[
    str | None,
    typer.Option("--trigger", autocompletion=one_of(BY_ID), help="Only texts of this trigger, as contact_birthday."),
]
LaneName = Annotated[
    Literal["urgent", "normal", "bulk"] | None, typer.Option("--lane", help="Only texts of this lane.")
]
ChannelName = Annotated[
    Literal["sms", "viber"] | None, typer.Option("--channel", help="Only texts that may go this way, first or last.")
]


def pause(  # noqa: PLR0913 (one option for each thing that can be paused)
    account: Whose = None,
    *,
    everything: Everything = False,
    trigger: TriggerName = None,
    lane: LaneName = None,
    channel: ChannelName = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="It ends by itself then: 09:00, tomorrow 09:00, 2h.")
    ] = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help="For whoever wonders later.")] = None,
    as_json: AsJson = False,
) -> None:
    """Stop texts before they go: of an account, a trigger, a lane, a channel, or all. Nothing is lost, all of it waits.

    No request to TurboSMS begins later than two seconds after this command; what was claimed already goes back to wait.
    Events are accepted as ever. The pause lasts until `perfectum-sms resume`, or until the moment that you name; a
    second one changes that moment. Texts whose time is over meanwhile expire.

    - `perfectum-sms pause acme --trigger order_created --why "wrong price in the text"`
    - `perfectum-sms pause --trigger contact_birthday --until "tomorrow 09:00"`
    - `perfectum-sms pause --everything`
    """
    what = asked(account, trigger, lane, channel, everything=everything)
    with ledger() as connection:
        if account:
            insist_on_account(connection, account)
        moment = moment_ahead(connection, until, account, option="--until")
        done = pause_texts(connection, what, by=operator_name(), until=moment, note=why)
    with ledger() as connection:
        waiting = chosen.backlog(connection, what)
        facts = summary(connection, waiting)
        if as_json:
            emit({**asdict(done.pause), "under_way": done.under_way, "waiting": facts})
            return
        report(done, what, zone_of(connection, account))
        echo(_("Waiting: {texts}.", texts=describe(connection, waiting, facts)))
    from worker.cli.operate.pause_labels import resume_command  # noqa: PLC0415 (help must be quick)

    command = resume_command(what.account, scope(what))
    echo(_("Let them go on: {command}. Drop them: perfectum-sms cancel --help", command=command))


def report(done: Paused, what: Backlog, zone: ZoneInfo) -> None:
    until = done.pause.until
    end = _("until {moment}", moment=shown(until, zone)) if until else _("until a person resumes it")
    if done.before:
        echo(_("{what} was paused already; it is now paused {end}.", what=named(what), end=end))
    else:
        echo(_("{what} is paused {end}.", what=named(what), end=end))
    echo(_("No request to TurboSMS begins later than two seconds from now."))
    if done.under_way:
        echo(_("Requests that may be on their way, which nobody can stop: {count}.", count=done.under_way))


def resume(  # noqa: PLR0913 (one option for each thing that can be paused)
    account: Whose = None,
    *,
    everything: Everything = False,
    trigger: TriggerName = None,
    lane: LaneName = None,
    channel: ChannelName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would go on.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End a pause that a person made; name it as it was paused. What waited goes within its hours, pace and limits.

    What was paused by itself (no money, a refused sender, a trigger that ran away) goes on by `account resume`.

    - `perfectum-sms resume acme --trigger order_created`
    - `perfectum-sms resume --everything --dry-run`
    """
    what = asked(account, trigger, lane, channel, everything=everything)
    with ledger() as connection:
        if account:
            insist_on_account(connection, account)
        insist_on_pause(connection, what)
        waiting = chosen.backlog(connection, what)
        facts = summary(connection, waiting)
        text = describe(connection, waiting, facts)
    if dry_run:
        show_text(_("Would go on: {texts}. Nothing was changed.", texts=text), {"waiting": facts}, as_json=as_json)
        return
    if waiting.groups:
        agree(_("{texts} may go then. Resume {what}?", texts=text, what=named(what)), yes=yes)
    with ledger() as connection:
        ended = resume_texts(connection, what, by=operator_name())
    settings = settings_for((DATABASE,))
    with answering(), open_pool(settings.database_url, size=1, name=NAME) as pool:
        woken = let_go(pool, what.account)
    goes_on = _("{what} goes on.", what=named(what))
    text = goes_on if ended else _("{what} was resumed by somebody else meanwhile.", what=named(what))
    show_text(text, {"resumed": ended and asdict(ended), "due": woken, "waiting": facts}, as_json=as_json)


def show_text(text: str, facts: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        emit(facts)
    else:
        echo(text)


def list_pauses(*, as_json: AsJson = False) -> None:
    """List what is paused: by people, and by itself for want of money, a token, a sender, or because it ran away.

    - `perfectum-sms pauses`
    - `perfectum-sms pauses --json | jq '.[] | select(.by == "anna")'`
    """
    from worker.cli.operate.pause_labels import as_json_of, row_of, scope_words, why  # noqa: PLC0415 (help must be quick)

    fields = as_json_of if as_json else row_of
    with ledger() as connection:
        zones = account_zones(connection)
        paused = standing(connection)
    of_hands = {"reason": BY_HAND, "code": None, "detail": why(HAND, BY_HAND), "next_probe": None}
    rows = [{**asdict(item), **of_hands} for item in paused.by_hand]
    rows += [{"account": whose, **fields(item), "until": None, "note": None} for whose, item in paused.by_itself]
    columns = ("account", "scope", "since", "until", "by", "detail", "note")
    if not as_json:
        every = _("every account")
        rows = [{**row, "account": row["account"] or every, "scope": scope_words(str(row["scope"]))} for row in rows]
    show(rows, as_json=as_json, columns=columns, empty=_("Nothing is paused."), zones=zones)


def asked(
    account: str | None, trigger: str | None, lane: str | None, channel: str | None, *, everything: bool
) -> Backlog:
    given = [name for name in (trigger, lane, channel) if name]
    if len(given) > 1:
        raise stop(_("Give one of --trigger, --lane and --channel: pause one, then the other."), Exit.USAGE)
    if everything and (account or given):
        raise stop(_("--everything is all texts of all accounts: give it alone."), Exit.USAGE)
    if not (everything or account or given):
        raise stop(_("Say what: an account, --trigger, --lane, --channel, or --everything."), Exit.USAGE)
    if trigger:
        known_trigger(trigger)
    return Backlog(account, trigger, lane, channel)


def insist_on_pause(connection: Connection, what: Backlog) -> None:
    known = pauses.list_pauses(connection, now=clock(connection))
    if not any((pause.account, pause.scope) == (what.account, scope(what)) for pause in known):
        text = _("{what} is not paused by hand.", what=named(what))
        others = _("Look: perfectum-sms pauses") if known else _("No person has paused anything.")
        raise stop(f"{text} {others}", Exit.NOT_FOUND)


def named(what: Backlog) -> str:
    """`order_created of acme`, `everything`."""
    name = what.trigger or what.lane or what.channel
    if name is None:
        return what.account or _("Everything")
    from worker.cli.operate.pause_labels import scope_words  # noqa: PLC0415 (help must be quick)

    return _("{name} of {account}", name=scope_words(scope(what)), account=what.account or _("every account"))
