"""`perfectum-sms key`: what is sealed with SMS_SECRET_KEY, a new key in its place, and a new beginning without it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Literal

import typer

from worker.cli.connections import ledger, settings_for
from worker.cli.operator import operator_name
from worker.cli.terminal import AsJson, Yes, agree, echo, emit, group, show, stop
from worker.language import _, marked, ngettext
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.steps.operate.reset_key import reset_key
from worker.steps.operate.rotate_key import key_usage, rotate_key
from worker.store.accounts import salt_reset, sealed_values
from worker.store.accounts.salt_reset import Lost
from worker.store.accounts.sealed_values import Kept, SealedKind
from worker.store.accounts.secrets import Seal, derived
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock

app = group("Look at the secret key, change it, or begin without it.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing: only print what would change.")]
NAMED_MAX = 10


@app.command("show")
def show_(*, as_json: AsJson = False) -> None:
    """Show which of the keys in SMS_SECRET_KEY opens what: the salt, tokens, keys of callbacks and of addresses."""
    seal, count = given()
    with ledger() as connection:
        usages = key_usage(sealed_values.load(connection), seal)
    rows = [{**asdict(usage), "key": usage.key if as_json else key_label(usage.key, count)} for usage in usages]
    empty = _("Nothing is sealed yet: perfectum-sms account add --help")
    show(rows, as_json=as_json, columns=("kind", "key", "count"), empty=empty)
    if not as_json and any(usage.key not in {1, None} for usage in usages):
        echo(_("Once every process has these keys: perfectum-sms key rotate"))
    useless = [usage for usage in usages if usage.key is None]
    unopened = [Kept(usage.kind, name or None, b"") for usage in useless for name in usage.accounts or [""]]
    if unopened:
        raise stop(hint(unopened))


@app.command()
def rotate(*, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Seal everything with the newest key, the first of SMS_SECRET_KEY, so that the others may go.

    1. Give every process `SMS_SECRET_KEY=new,old`, and restart one after another. One that has the old key alone would
       be not ready after the next step: it sends nothing, nothing fails, and it goes on once it has both.
    2. `perfectum-sms key rotate`, with both keys too.
    3. Take the old key out of every process's `SMS_SECRET_KEY`.
    """
    seal, count = given()
    with ledger() as connection:
        done = rotate_key(connection, seal)
        note(connection, operator_name(), "key", "rotate", after={**done.resealed})
        if dry_run:
            connection.rollback()
    unopened = [str(sealed) for sealed in done.unopened]
    if as_json:
        emit({"resealed": done.resealed, "unopened": unopened, "is_done": not dry_run})
    else:
        resealed = counted(done.resealed)
        echo(
            _("To be sealed anew with the newest key: {resealed}.", resealed=resealed)
            if dry_run
            else _("Sealed anew with the newest key: {resealed}.", resealed=resealed)
        )
    if unopened:
        raise stop(hint(done.unopened))
    if not dry_run and not as_json:
        echo(_("Everything was read again and opens with the newest key alone."))
        if count > 1:
            echo(_(OLD_MAY_GO))


OLD_MAY_GO = marked("Take the old one out of SMS_SECRET_KEY of every process; it is needed for old backups only.")


@app.command()
def reset(*, dry_run: DryRun = False, yes: Yes = False, as_json: AsJson = False) -> None:
    """Begin anew where the key is lost: with a new salt, sealed with the key that is in SMS_SECRET_KEY now.

    It lists first what is lost, and asks. Every account is paused until it has a token again; nothing that waits is
    lost. End every worker, scheduler and console before, and start them with the new key after it.
    """
    seal, _count = given()
    # Nobody is kept waiting, and no session idles, while a person thinks.
    with ledger() as connection:
        seen = losses(connection, seal)
        connection.rollback()
    lost, forgotten = seen
    if not as_json:
        print_losses(lost, forgotten)
    if not dry_run:
        agree(_("Forget all this and begin anew?"), yes=yes)
        with ledger() as connection:
            if losses(connection, seal) != seen:
                raise stop(_("Something changed meanwhile: nothing was forgotten. Look at it again."))
            reset_key(connection, seal, now=clock(connection))
            after = {**asdict(lost), **{name: len(accounts) for name, accounts in forgotten.items()}}
            note(connection, operator_name(), "key", "reset", after=after)
    if as_json:
        emit({**asdict(lost), **forgotten, "is_done": not dry_run})
    elif not dry_run:
        echo(_("Done. Next: perfectum-sms account token, for each account, with this SMS_SECRET_KEY."))


@app.command()
def derive(
    purpose: Annotated[Literal["callbacks"], typer.Argument(help="What it opens: keys of callbacks, and no more.")],
) -> None:
    """Print a key that opens secrets of one purpose alone: derived from SMS_SECRET_KEY, it leads not back to it.

    A console that takes callbacks at the internet needs no other: give it as `SMS_CALLBACK_KEY`. Where SMS_SECRET_KEY
    has a new key and an old one, so has this; give it to the console before `perfectum-sms key rotate`.

    - `perfectum-sms key derive callbacks`
    """
    keys = settings_for((SECRET_KEY,)).secret_keys
    typer.echo(",".join(base64.urlsafe_b64encode(derived(key, purpose)).decode() for key in keys))


#: What is sealed for accounts, as JSON calls it.
FORGOTTEN: Mapping[str, SealedKind] = {
    "tokens": "token",
    "callback_keys": "callback key",
    "signing_keys": "signing key",
}


def losses(connection: Connection, seal: Seal) -> tuple[Lost, dict[str, list[str]]]:
    """What a reset would cost, and whose tokens and keys; until the commit nobody adds to it.

    The end of the command where the key is not lost, or a process runs.
    """
    salt_reset.hold(connection)
    kept = sealed_values.load(connection)
    insist_it_is_lost(seal, kept)
    if running := salt_reset.running(connection):
        # Whoever holds the old salt would go on with it.
        raise stop(
            _("End these first, they hold what is forgotten here: {running}.", running=", ".join(sorted(running)))
        )
    forgotten = {
        name: [sealed.account or "" for sealed in kept if sealed.sealed_kind == sealed_kind]
        for name, sealed_kind in FORGOTTEN.items()
    }
    return salt_reset.lost(connection), forgotten


def given() -> tuple[Seal, int]:
    keys = settings_for((DATABASE, SECRET_KEY)).secret_keys
    return Seal(keys), len(keys)


def key_label(key: int | None, count: int) -> str:
    if key is None:
        return _("none of them")
    return _("the newest") if key == 1 else _("number {key} of {count}", key=key, count=count)


def counted(counts: Mapping[SealedKind, int]) -> str:
    """`the salt, 12 tokens, 3 callback keys, 1 signing key`."""
    salt = [_("the salt")] if counts.get("salt") else []
    tokens, keys, signing = (counts.get(kind, 0) for kind in FORGOTTEN.values())
    parts = [ngettext("{count} token", "{count} tokens", tokens)] if tokens else []
    parts += [ngettext("{count} callback key", "{count} callback keys", keys)] if keys else []
    parts += [ngettext("{count} signing key", "{count} signing keys", signing)] if signing else []
    return ", ".join([*salt, *parts]) or _("nothing")


#: What is entered anew where its key is lost.
FIXES: Mapping[SealedKind, str] = {
    "token": "account token {account}",
    "callback key": "account set {account} --callback-secret",
    "signing key": "apikey add --scope embed --account {account}",
}


def hint(unopened: Sequence[Kept]) -> str:
    names = ", ".join(map(str, unopened[:NAMED_MAX]))
    rest = len(unopened) - NAMED_MAX
    more = ngettext(" and {count} more", " and {count} more", rest) if rest > 0 else ""
    text = _(
        "None of the keys in SMS_SECRET_KEY opens: {names}{more}. Give the key it was sealed with, after a comma.",
        names=names,
        more=more,
    )
    if any(item.sealed_kind == "salt" for item in unopened):
        return _("{text} If that key is lost: perfectum-sms key reset", text=text)
    sealed = unopened[0]
    fix = FIXES[sealed.sealed_kind].format(account=sealed.account)
    return _("{text} If that key is lost, enter it anew: perfectum-sms {fix}", text=text, fix=fix)


def insist_it_is_lost(seal: Seal, sealed: Sequence[Kept]) -> None:
    if not sealed:
        raise stop(_("Nothing is sealed yet: there is nothing to begin anew."))
    if any(item.sealed_kind == "salt" and seal.opens(item.sealed, item.place) for item in sealed):
        raise stop(
            _(
                "SMS_SECRET_KEY opens the salt: it is not lost. To change it: perfectum-sms key rotate. For a token "
                "that does not open: perfectum-sms account token"
            )
        )


def print_losses(lost: Lost, forgotten: Mapping[str, Sequence[str]]) -> None:
    shown = {
        **{name: named(accounts) for name, accounts in forgotten.items()},
        "erased": lost.stops_erased,
        "texts": lost.known_texts,
        "people": lost.persons,
        "stopped": lost.person_stops,
        "unreached": lost.unreached,
        "stops": lost.stops,
        "waiting": lost.waiting,
    }
    echo(_(LOSSES, **shown))


def named(accounts: Sequence[str]) -> str:
    """`2 (acme, other)`."""
    return f"{len(accounts)} ({', '.join(accounts) or _('none')})"


LOSSES = marked("""\
Lost with the key:
- TurboSMS tokens, each to be entered anew (account token): {tokens}
- callback keys (account set --callback-secret): {callback_keys}
- keys that sign addresses of clients' pages (apikey add --scope embed): {signing_keys}
Lost with the salt of recipient keys:
- entries of stop-lists whose phone was erased: {erased}: these people may be written to again
- keys of texts: {texts}: a new event about a fact that was announced before is sent again
- people whose limits and habits are forgotten: {people}; of them stopped for running away: {stopped}
- phones that Viber is known not to reach: {unreached}
Kept: entries of stop-lists with their phones: {stops}; every consent; ids of events; texts that wait until their \
account has a token: {waiting}.""")
