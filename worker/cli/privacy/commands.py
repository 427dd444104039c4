"""`perfectum-sms privacy`: what is kept of a person, forgetting them, and how long data is kept."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import NAME, answering, ledger, sealed_ledger, settings_for
from worker.cli.history.out_file import insist_on_place, whole_file
from worker.cli.operator import operator_name
from worker.cli.privacy.retention import app as retention
from worker.cli.terminal import AsJson, Yes, agree, echo, emit, group, phone_given, show
from worker.cli.words import word
from worker.core.contract.phone_mask import masked
from worker.core.sending.nudge import text_id
from worker.language import _, ngettext
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.steps.privacy.erase import Progress, Requested, erase
from worker.steps.privacy.export import export
from worker.store.accounts import secrets
from worker.store.db.postgres import open_pool
from worker.store.privacy import erasures

app = group("Personal data: show a person what is kept of them, forget them, and set how long data is kept.")
app.add_typer(retention, name="retention")

Phone = Annotated[str, typer.Argument(metavar="PHONE", help="As people write it: 067 123 45 67.")]
Account = Annotated[str | None, typer.Option("--account", "-a", help="Only in this account; else in all.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", dir_okay=False, help="A file for it; else it is printed.")
]
#: Texts that are named one by one.
NAMED = 10


@app.command("export")
def export_(
    phone: Phone,
    *,
    account: Account = None,
    out: Out = None,
    yes: Yes = False,
) -> None:
    """Print as JSON all that is kept of a person: their texts, and what events, records and lists say of them.

    Phones and texts are whole in it, and the audit notes who asked. Of an event with other people it has this part.
    A file that is there is replaced once the new one is whole.

    - `perfectum-sms privacy export "067 123 45 67" --out olena.json`
    """
    wanted = phone_given(phone, "PHONE")
    if out is not None:
        insist_on_place(out, yes=yes)
    with sealed_ledger() as (connection, seal):
        if account:
            insist_on_account(connection, account)
        exported = export(connection, wanted, account, salt=secrets.salt(connection, seal), by=operator_name())
    if out is None:
        emit(exported)
        return
    with whole_file(out) as part:
        part.write_bytes(orjson.dumps(exported, option=orjson.OPT_INDENT_2, default=str))
    echo(
        _(
            "In {out}: texts of {phone}: {texts}, events: {events}.",
            texts=len(exported["texts"]),
            events=len(exported["events"]),
            phone=masked(wanted),
            out=out,
        )
    )


@app.command("erase")
def erase_(phone: Phone, *, account: Account = None, yes: Yes = False, as_json: AsJson = False) -> None:
    """Forget a person: cancel what waits for them, and make everything else that speaks of them anonymous.

    Texts, names, bodies of events, dead letters, records and the calendar lose them. Keys of what was announced stay,
    so nothing is announced twice; so does the key on a stop-list, which still stops. A text that TurboSMS has not
    answered about keeps its bytes until it is settled: it is named here, and the scheduler finishes then. Backups,
    exported files, TurboSMS's cabinet and the CRM are not reached from here.

    - `perfectum-sms privacy erase "067 123 45 67"`
    """
    wanted = phone_given(phone, "PHONE")
    settings = settings_for((DATABASE, SECRET_KEY))
    with sealed_ledger() as (connection, seal):
        if account:
            insist_on_account(connection, account)
        salt = secrets.salt(connection, seal)
    agree(
        _(
            "Forget {phone} in {account}? This cannot be taken back.",
            phone=masked(wanted),
            account=account or _("every account"),
        ),
        yes=yes,
    )
    by = operator_name()
    with answering(), open_pool(settings.database_url, size=2, name=NAME) as pool:
        requested, progress = erase(pool, wanted, account, salt=salt, by=by)
    report(requested, progress, as_json=as_json)


def report(requested: Requested, progress: Progress | None, *, as_json: bool) -> None:
    waits_for = {text_id(item): [*keys] for item, keys in progress.waits_for.items()} if progress else {}
    is_finished = bool(progress and progress.is_finished)
    if as_json:
        erased = dict(progress.erased) if progress else {}
        emit({**asdict(requested), "is_finished": is_finished, "erased": erased, "waits_for": waits_for})
        return
    cancelled = ngettext(
        "{count} text that waited is cancelled: erased.",
        "{count} texts that waited are cancelled: erased.",
        requested.cancelled,
    )
    echo(cancelled)
    for table, count in sorted(progress.erased.items() if progress else ()):
        echo(_("{table}: made anonymous: {count}", table=word("table", table), count=count))
    if is_finished:
        echo(_("Nothing of them is left."))
        return
    for name, keys in list(waits_for.items())[:NAMED]:
        attempts = _("attempt {keys}", keys=", ".join(keys)) if keys else ""
        echo(", ".join(filter(None, (_("text {name} is not settled yet", name=name), attempts))))
    echo(
        _(
            "Erasure {id} is open: a scheduler finishes it once these are. See: perfectum-sms privacy erasures",
            id=requested.id,
        )
    )


@app.command("erasures")
def erasures_(
    *,
    finished: Annotated[bool, typer.Option("--all", help="Finished ones too.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List erasures that are not finished, and how many texts each waits for.

    - `perfectum-sms privacy erasures --all`
    """
    with ledger() as connection:
        listed = erasures.list_erasures(connection, finished=finished, limit=limit)
    rows = [{**asdict(item), "erased": item.erased if as_json else sum(item.erased.values())} for item in listed]
    columns = tuple(rows[0]) if rows else ()
    show(rows, as_json=as_json, columns=columns, empty=_("No erasure is open."))
