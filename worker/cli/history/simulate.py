"""`perfectum-sms simulate`: which reminders would go, to whom, when and for how much, without sending them."""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import typer
from rich.progress import track

from worker.cli.account_argument import no_account
from worker.cli.connections import sealed_ledger
from worker.cli.terminal import AsJson, Exit, console, echo, emit, format_price, phone_cell, shortened, show, stop
from worker.cli.words import reason_in_words
from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import moment, zone_of
from worker.core.reminders.simulation import Foreseen, Span
from worker.language import _, ngettext
from worker.steps.operate.simulate import simulate as simulated
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection
from worker.store.reminders import simulation

Say = Callable[[str], str]
#: Days that are looked at unless given, and at most.
DAYS, DAYS_MAX = 30, 366
#: Fewer entries are gone through before anybody wonders.
MANY = 2_000
COLUMNS = ["when", "trigger", "record", "who", "phone", "channel", "state", "reason", "segments", "cost", "text"]


def simulate(
    *,
    account: Annotated[str, typer.Option("--account", "-a", help="Whose calendar.")],
    begins: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; else today.")
    ] = None,
    ends: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; else in 30 days.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Rows of the table; JSON has all.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The reminders that an account's people would get in these days, as things are now: nothing is sent or written.

    Meetings, bookings, birthdays, last days of documents, overdue invoices and staff reminders that are in the
    calendar, with the account's triggers, texts, hours and prices of now. What was sent already is left out; what would
    not be sent has its reason. Days are those of the account's zone. What the CRM will still publish, and what pace,
    people's limits and budgets will hold back, nobody can foresee.

    - `perfectum-sms simulate --account acme --from 2026-12-01 --to 2026-12-31`
    - `perfectum-sms simulate -a acme --json | jq '.totals'`
    """
    with sealed_ledger() as (connection, seal):
        configuration, now = ConfigurationCache().look(connection)
        configured = configuration.accounts.get(account)
        if configured is None:
            raise no_account(connection, account)
        first, last = days(configured, begins, ends, now=now)
        span = Span(max(now, midnight(first, configured)), midnight(last + timedelta(days=1), configured))
        rows = foreseen(connection, configured, span, salt=secrets.salt(connection, seal))
    if as_json:
        results = [row_of(row, configured) for row in rows]
        emit({"account": account, "from": first, "to": last, "foreseen": results, "totals": totals(rows, configured)})
        return
    shown = [summary(row, configured) for row in rows[:limit]]
    show(shown, as_json=False, columns=COLUMNS, empty=_("Nothing would be sent in these days."))
    if len(rows) > limit:
        echo(
            ngettext(
                "… and {count} more: --limit 0 shows none, --json all.",
                "… and {count} more: --limit 0 shows none, --json all.",
                len(rows) - limit,
            )
        )
    if rows:
        columns = ("trigger", "texts", "people", "segments", "cost", "not_sent", "why_not")
        show(totals(rows, configured, say=reason_in_words), as_json=False, columns=columns, empty="")


def days(account: Account, begins: datetime | None, ends: datetime | None, *, now: datetime) -> tuple[date, date]:
    today = now.astimezone(zone_of(account.zone)).date()
    first = begins.date() if begins else today
    last = ends.date() if ends else max(first, today) + timedelta(days=DAYS)
    if last < first:
        raise stop(_("--to {last} lies before --from {first}.", last=last, first=first), Exit.USAGE)
    if last < today:
        raise stop(_("--to {last} is over: what was sent is in perfectum-sms history.", last=last), Exit.USAGE)
    if (last - first).days > DAYS_MAX:
        raise stop(
            ngettext(
                "--from and --to are more than {count} day apart.",
                "--from and --to are more than {count} days apart.",
                DAYS_MAX,
            ),
            Exit.USAGE,
        )
    return first, last


def midnight(day: date, account: Account) -> datetime:
    return moment(datetime.combine(day, datetime.min.time()), zone=account.zone)


def foreseen(connection: Connection, account: Account, span: Span, *, salt: bytes) -> list[Foreseen]:
    """Everything, in the order of its moments; whoever waits for long sees how far it is."""
    entries = simulation.count(connection, account.id)
    pages = simulated(connection, account, span, salt=salt)
    watched = track(
        pages,
        "simulating",
        total=-(-entries // simulation.PAGE),
        console=console(stderr=True),
        transient=True,
        disable=entries < MANY or not sys.stderr.isatty(),
    )
    texts = [item for page in watched for item in page.foreseen]
    return sorted(texts, key=lambda text: (text.at, text.draft.trigger, text.entry.record_id, text.draft.recipient_id))


def row_of(result: Foreseen, account: Account) -> dict[str, object]:
    draft = result.draft
    return {
        "at": result.at,
        "local_at": result.at.astimezone(zone_of(draft.zone)),
        "trigger": draft.trigger,
        "record_kind": result.entry.record_kind,
        "record_id": result.entry.record_id,
        "recipient_kind": draft.recipient_kind,
        "recipient_id": draft.recipient_id,
        "phone": phone_cell(draft.phone),
        "channel": draft.channel,
        "is_sent": result.is_sent,
        "state": draft.state,
        "reason": draft.reason,
        "segments": draft.segments if result.is_sent else 0,
        "cost": result.cost(account.prices),
        "text": draft.text,
    }


def summary(result: Foreseen, account: Account) -> dict[str, object]:
    """The same as a line of the table; times are those of the recipient's clock."""
    fields = row_of(result, account)
    who = f"{fields['recipient_kind']} {fields['recipient_id']}"
    state = "goes" if result.is_sent else result.draft.state
    text = shortened(result.draft.text)
    return {
        **fields,
        "when": fields["local_at"],
        "record": fields["record_id"],
        "who": who,
        "state": state,
        "text": text,
        "cost": None if fields["cost"] is None else format_price(Decimal(str(fields["cost"]))),
    }


def totals(rows: Sequence[Foreseen], account: Account, *, say: Say = str) -> list[dict[str, object]]:
    triggers: dict[str, list[Foreseen]] = defaultdict(list)
    for row in rows:
        triggers[row.draft.trigger].append(row)
    named = [*sorted(triggers.items()), ("all", list(rows))]
    return [total(trigger, texts, account, say) for trigger, texts in named]


def total(trigger: str, texts: Sequence[Foreseen], account: Account, say: Say) -> dict[str, object]:
    sent = [text for text in texts if text.is_sent]
    reasons = Counter(text.draft.reason or text.draft.state for text in texts if not text.is_sent)
    is_priced = account.prices.sms.amount is not None
    return {
        "trigger": trigger,
        "texts": len(sent),
        "people": len({text.draft.recipient_key for text in sent}),
        "segments": sum(text.draft.segments for text in sent),
        "cost": sum((text.cost(account.prices) or Decimal() for text in sent), Decimal()) if is_priced else None,
        "not_sent": len(texts) - len(sent),
        "why_not": ", ".join(f"{say(reason)} {count}" for reason, count in sorted(reasons.items())) or None,
    }
