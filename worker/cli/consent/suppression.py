"""`perfectum-sms suppression`: the stop-list, phones that an account does not write to."""

import csv
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import typer

from worker.cli.account_argument import AccountId, insist_on_account
from worker.cli.connections import ledger, recipient_salt, sealed_ledger
from worker.cli.operator import operator_name
from worker.cli.terminal import AsJson, Exit, echo, emit, group, phone_cell, phone_given, show, stop
from worker.cli.text_file import read_text
from worker.core.contract.phone import BadPhone, normalise, numbers_in
from worker.core.file_text import UTF_8, UnreadableError
from worker.core.hands.phone_list import WHY, Line, StrangeColumnsError, TornLineError, read_list
from worker.core.planning.suppression import ALL, SCOPES
from worker.core.triggers.recipient_key import key_of
from worker.language import _, ngettext
from worker.steps.operate import suppress as steps
from worker.steps.operate.suppress import Suppressed, suppress
from worker.store.accounts.account_zones import account_zones
from worker.store.consent import suppressions
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import Connection

if TYPE_CHECKING:
    from worker.store.accounts.secrets import Seal

#: What does not go.
Scope = Literal["all", "marketing"]
COLUMNS: Sequence[str] = ("phone", "scope", "reason", "source", "since", "added_by")
#: How often progress is shown, in lines, and so many unreadable lines are named.
PROGRESS_EVERY, NAMED = 10_000, 20


def import_(
    account: AccountId,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="As Excel or any other program saves it; - is stdin.", allow_dash=True),
    ],
    *,
    scope: Annotated[Scope, typer.Option(help="For lines without: all stops everything, marketing ads.")] = ALL,
    reason: Annotated[str, typer.Option(help="For lines that have none.")] = "imported",
    as_json: AsJson = False,
) -> None:
    """Put every phone of a file on the stop-list, and take back what waits for them.

    One phone on a line, or CSV (`,` `;` or tab) whose first line names the columns: phone (or Телефон), and if you like
    scope, reason (or Причина), since. Phones may be spelt in any way; of several on a line all are taken. Lines and
    columns that cannot be read are named and left out.

    - `perfectum-sms suppression import acme stop.csv --scope marketing`
    """
    lines = read(file, is_shown=not as_json)
    with sealed_ledger() as (connection, seal):
        insist_on_account(connection, account)
        salt, by = recipient_salt(connection, seal), operator_name()
        entries = [
            Entry(key_of(phone, salt=salt), phone, line.scope or scope, line.reason or reason, "import", by, line.since)
            for line in lines
            for phone in line.phones
        ]
        done = suppress(connection, account, entries, by=by)
    repeated = len(entries) - done.new - done.widened - done.known
    report(done, as_json=as_json, more=figures(lines, repeated))
    if not as_json:
        print_notes(lines, repeated)


def report(done: Suppressed, *, as_json: bool, more: Mapping[str, object] | None = None) -> None:
    if as_json:
        emit({**(more or {}), **asdict(done)})
        return
    echo(_("New on the list: {new}; there already: {known}.", new=done.new, known=done.known))
    if done.widened:
        echo(
            ngettext(
                "{count} was there for advertising alone, and gets nothing at all any more (scope all).",
                "{count} were there for advertising alone, and get nothing at all any more (scope all).",
                done.widened,
            )
        )
    taken_back = ngettext(
        "{count} text that waited is taken back: cancelled, suppressed.",
        "{count} texts that waited are taken back: cancelled, suppressed.",
        done.cancelled,
    )
    echo(taken_back)
    if done.on_the_way:
        on_the_way = ngettext(
            "{count} is with TurboSMS already, or may be: nobody can stop it.",
            "{count} are with TurboSMS already, or may be: nobody can stop those.",
            done.on_the_way,
        )
        echo(on_the_way)


def read(file: Path, *, is_shown: bool) -> list[Line]:
    try:
        lines: list[Line] = []
        for line in read_list(lines_of(file, is_shown=is_shown)):
            lines.append(line)
            if is_shown and len(lines) % PROGRESS_EVERY == 0:
                echo(ngettext("{count} line read …", "{count} lines read …", len(lines)))
    except TornLineError as error:
        why = _("a quotation mark has no other half on its line, so that the lines after it cannot be separated")
        raise stop(
            _("{file}, line {error}: {why}. Correct it; nothing was changed.", file=file, error=error, why=why)
        ) from None
    except StrangeColumnsError as error:
        hint = _("which of them holds the phones? Call it phone, or Телефон; nothing was changed.")
        raise stop(_("{file} begins with the columns {error}: {hint}", file=file, error=error, hint=hint)) from None
    return lines


def lines_of(file: Path, *, is_shown: bool) -> list[str]:
    try:
        file_text = read_text(file)
    except OSError as error:
        raise stop(
            _("{file} cannot be read ({strerror}): nothing was changed.", file=file, strerror=error.strerror)
        ) from None
    except UnreadableError:
        raise stop(
            _("{file} cannot be read as UTF-8, UTF-16 or Windows-1251: nothing was changed.", file=file)
        ) from None
    if is_shown and file_text.encoding != UTF_8:
        echo(_("{file} is read as {encoding}.", file=file, encoding=file_text.encoding))
    return file_text.text.splitlines(keepends=True)


def figures(lines: Sequence[Line], repeated: int) -> dict[str, object]:
    return {
        "lines": sum(1 for line in lines if line.phones or line.why),
        "repeated": repeated,
        "unreadable": [{"line": line.number, "why": line.why} for line in lines if line.why],
        "several": [{"line": line.number, "phones": len(line.phones)} for line in lines if len(line.phones) > 1],
        "left_out": [{"line": line.number, "numbers": line.others} for line in lines if line.others],
        "unread_columns": [name for line in lines for name in line.unread],
    }


def print_notes(lines: Sequence[Line], repeated: int) -> None:
    if repeated:
        several = ngettext(
            "{count} phone is in the file more than once.", "{count} phones are in the file more than once.", repeated
        )
        echo(several)
    if names := [name for line in lines for name in line.unread]:
        echo(
            _(
                "Nobody reads the columns {names}; known are phone, scope, reason (Причина) and since.",
                names=", ".join(names),
            )
        )
    name(
        [line for line in lines if len(line.phones) > 1],
        lambda line: ngettext("{count} phone, taken", "{count} phones, all of them taken", len(line.phones)),
    )
    name(
        [line for line in lines if line.others],
        lambda line: ngettext(
            "{count} more gets no SMS and is left out", "{count} more get no SMS and are left out", line.others
        ),
    )
    bad = [line for line in lines if line.why]
    name(bad, lambda line: _("{why}; it is left out", why=why_of(line)))
    if len(bad) > NAMED:
        counts = Counter(line.why for line in bad)
        whys = ", ".join(f"{count} {why}" for why, count in counts.items())
        left_out = ngettext(
            "{count} line is left out in all: {whys}", "{count} lines are left out in all: {whys}", len(bad), whys=whys
        )
        echo(left_out)


def why_of(line: Line) -> str:
    reason = WHY[line.why or ""]
    return _(reason, scopes=", ".join(SCOPES))


def name(lines: Sequence[Line], text: Callable[[Line], str]) -> None:
    for line in lines[:NAMED]:
        echo(_("line {number}: {text}", number=line.number, text=text(line)))
    if len(lines) > NAMED:
        more = ngettext("… and {count} more such line", "… and {count} more such lines", len(lines) - NAMED)
        echo(more)


def export(account: AccountId, *, as_json: AsJson = False) -> None:
    """Print the stop-list as CSV, phones whole, to be kept or given to others; `suppression import` reads it.

    - `perfectum-sms suppression export acme > stop.csv`
    """
    with ledger() as connection:
        insist_on_account(connection, account)
        entries = steps.whole_list(connection, account, by=operator_name())
    readable = [asdict(entry) for entry in entries if entry.phone]
    if as_json:
        emit(readable)
    else:
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**item, "since": item["since"].isoformat()} for item in readable)
    if len(readable) < len(entries):
        unreadable = ngettext(
            "{count} more is on the list whose phone was erased: it cannot be exported.",
            "{count} more are on the list whose phones were erased: they cannot be exported.",
            len(entries) - len(readable),
        )
        echo(unreadable)


app = group("The stop-list: who is not written to, why, and by whose word.")


#: A number as `suppression export` writes it.
AS_EXPORTED = re.compile(r"\+\d{8,15}", re.ASCII)


Phones = Annotated[list[str], typer.Argument(metavar="PHONE...", help="As people write them: 067 123 45 67.")]
Phone = Annotated[str, typer.Argument(metavar="PHONE", help="As people write it: 067 123 45 67.")]


@app.command()
def add(
    account: AccountId,
    phones: Phones,
    *,
    scope: Annotated[
        Scope,
        typer.Option(
            help="all: nothing goes, be it urgent, and to colleagues neither. marketing: advertising does not, while "
            "confirmations, invoices and reminders do."
        ),
    ] = ALL,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "asked",
    as_json: AsJson = False,
) -> None:
    """Put phones on the stop-list, and take back what waits for them. What TurboSMS has already nobody can stop.

    A phone that is on it for `marketing` may be put on it for `all`; the other way round, remove it first. Phones that
    TurboSMS refuses because of its own stop-list come on it by themselves, for `all`.

    - `perfectum-sms suppression add acme "067 123 45 67" --scope marketing --reason "asked by phone"`
    """
    with sealed_ledger() as (connection, seal):
        insist_on_account(connection, account)
        salt = recipient_salt(connection, seal)
        numbers = in_e164(phones)
        entries = [
            Entry(key_of(phone, salt=salt), phone, scope, reason, "operator", operator_name()) for phone in numbers
        ]
        done = suppress(connection, account, entries, by=operator_name())
    report(done, as_json=as_json)
    if len(numbers) > len(phones) and not as_json:
        taken = ngettext(
            "{count} phone was in {arguments} arguments: it is taken.",
            "{count} phones were in {arguments} arguments: all of them are taken.",
            len(numbers),
            arguments=len(phones),
        )
        echo(taken)


@app.command()
def remove(account: AccountId, phone: Phone) -> None:
    """Take a phone off the stop-list: what is planned from now on goes to it again. What was taken back stays so.

    - `perfectum-sms suppression remove acme "067 123 45 67"`
    """
    change(account, phone, steps.remove, _("It is off the list."), otherwise=_("It is not on the list."))


@app.command()
def erase(account: AccountId, phone: Phone) -> None:
    """Forget how a phone on the list is written: it is still stopped, by a hash that nobody can read, and not exported.

    - `perfectum-sms suppression erase acme "067 123 45 67"`
    """
    otherwise = _("It is not on the list, or was erased before.")
    change(account, phone, steps.erase, _("It is erased, and still stopped."), otherwise=otherwise)


class Act(Protocol):
    def __call__(self, connection: Connection, account: str, recipient_key: bytes, /, *, by: str) -> bool: ...


def change(account: str, phone: str, act: Act, done: str, *, otherwise: str) -> None:
    with sealed_ledger() as (connection, seal):
        insist_on_account(connection, account)
        is_done = act(connection, account, key_in(connection, seal, phone), by=operator_name())
    if not is_done:
        raise stop(otherwise, Exit.NOT_FOUND)
    echo(done)


@app.command("list")
def list_(
    account: AccountId,
    *,
    phone: Annotated[str | None, typer.Option(help="Only this one: is it on the list?")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List who is not written to, the newest first: what does not go, why, by whose word, since when.

    Phones are masked; `suppression export` has them whole.

    - `perfectum-sms suppression list acme --phone "067 123 45 67"`
    """
    if phone is None:
        with ledger() as connection:
            insist_on_account(connection, account)
            zone = account_zones(connection)[account]
            entries = suppressions.list_suppressions(connection, account, limit=limit)
    else:
        with sealed_ledger() as (connection, seal):
            insist_on_account(connection, account)
            zone = account_zones(connection)[account]
            key = key_in(connection, seal, phone)
            entries = suppressions.list_suppressions(connection, account, recipient_key=key, limit=limit)
    rows = [{**asdict(entry), "phone": phone_cell(entry.phone)} for entry in entries]
    empty = _("It is not on the list.") if phone else _("Nobody is on the list.")
    show(rows, as_json=as_json, columns=COLUMNS, empty=empty, zones=zone)


app.command("import")(import_)
app.command("export")(export)


def in_e164(phones: list[str]) -> list[str]:
    """Phones in E.164 form, all of an argument that holds several; the end of the command where one is none."""
    usable: list[str] = []
    for index, text in enumerate(phones, 1):
        numbers = numbers_in(text)
        if not numbers.usable:
            first = normalise(text)
            reason = first.reason if isinstance(first, BadPhone) else "bad_phone"
            raise stop(
                _(
                    "PHONE {index} is no mobile number ({reason}): write it as 067 123 45 67.",
                    index=index,
                    reason=reason,
                ),
                Exit.USAGE,
            )
        usable += numbers.usable
    return usable


def key_in(connection: Connection, seal: "Seal", text: str) -> bytes:
    """What a phone is called in the ledger; one that an older version wrote, though it cannot exist, matches too."""
    phone = text if AS_EXPORTED.fullmatch(text) else phone_given(text, "PHONE")
    return key_of(phone, salt=recipient_salt(connection, seal))
