"""Pauses in words: what is paused, why, and whom it waits for."""

import re
from collections.abc import Iterator, Mapping, Sequence

import typer

from worker.cli.words import word
from worker.core.hands.pause_scope import BY_HAND, HAND, is_by_hand
from worker.core.history.pause_meanings import meaning_of_pause
from worker.core.planning.channel import VIBER
from worker.core.sending.pause import ACCOUNT, NO_TOKEN, PROVIDER, RUNAWAY, SENDER
from worker.language import _, marked, ngettext, of_pair
from worker.store.accounts.accounts import AccountSummary, Stopped
from worker.turbosms.codes import code_of

#: As the ledger writes them; a person is a key, of which the first digits are enough.
SCOPE = re.compile(r"account|provider|viber|trigger/[a-z0-9_.]+|person/[0-9a-f]+")
#: So much of a person's key is shown, and is one person's alone.
KEY_SHOWN = 12

#: What is paused: by hand all of an account or of every one, or a part.
SCOPES: Mapping[str, str] = {
    HAND: marked("all texts"),
    "account": marked("all texts"),
    "provider": marked("TurboSMS"),
    "viber": marked("Viber"),
    "trigger": marked("trigger {name}"),
    "lane": marked("lane {name}"),
    "channel": marked("channel {name}"),
    "person": marked("person {name}"),
}

GOES_ON: Mapping[str, str] = {
    "account": marked("what waited for the account is sent within a minute"),
    "provider": marked("TurboSMS is asked again at once, and its failures are forgotten"),
    "viber": marked("Viber is used again, and what waited for it is sent within a minute"),
    "trigger": marked("its texts go out again, and its running hour is counted anew"),
    "person": marked("texts to this person go out again, and their running day is counted anew"),
}


#: What is paused, or what for, in the narrow cell.
SHORT: Mapping[str, str] = {
    BY_HAND: marked("by hand"),
    "money": marked("money"),
    "token": marked("token"),
    NO_TOKEN: marked("no token"),
    SENDER: marked("sender"),
    PROVIDER: marked("TurboSMS"),
    VIBER: marked("Viber"),
}


def pause_codes(stopped: Sequence[Stopped]) -> Iterator[tuple[str, int]]:
    """Yield why texts of an account wait, and how many such pauses there are where each counts."""
    if any(is_by_hand(pause.scope) for pause in stopped):
        yield BY_HAND, 1
    yield from ((pause.reason, 1) for pause in stopped if pause.scope == ACCOUNT)
    yield from ((scope, 1) for scope in (PROVIDER, VIBER) if any(pause.scope == scope for pause in stopped))
    if runaways := sum(pause.reason == RUNAWAY for pause in stopped):
        yield RUNAWAY, runaways


def pause_summary(stopped: Sequence[Stopped]) -> str | None:
    """All of it in one cell of JSON: `by_hand, money, provider, viber, 2 runaways`; None where nothing is paused."""
    return ", ".join(code if count == 1 else f"{count} {code}s" for code, count in pause_codes(stopped)) or None


def pause_words(stopped: Sequence[Stopped]) -> str | None:
    """The same as people say it."""
    parts = [
        ngettext("{count} runaway", "{count} runaways", count) if code == RUNAWAY else _(SHORT.get(code, code))
        for code, count in pause_codes(stopped)
    ]
    return ", ".join(parts) or None


def why(scope: str, reason: str, code: int | None = None) -> str:
    meaning = meaning_of_pause(scope, reason)
    text = of_pair(meaning.sentence) if meaning else reason
    return f"{text} ({code}: {of_pair(code_of(code))})" if code else text


def row_of(stopped: Stopped) -> dict[str, object]:
    detail = why(stopped.scope, stopped.reason, stopped.code)
    columns = {"scope": short(stopped.scope), "detail": detail, "since": stopped.since, "by": stopped.by}
    return {**columns, "next_probe": stopped.next_probe or _("a person resumes it")}


def as_json_of(stopped: Stopped) -> dict[str, object]:
    cause = {"reason": stopped.reason, "code": stopped.code}
    return {**row_of(stopped), "scope": stopped.scope, **cause, "next_probe": stopped.next_probe}


def resume_command(account: str | None, scope: str) -> str:
    """How a person lets this go on; what every account's texts wait for is of none."""
    if not is_by_hand(scope):
        return f"perfectum-sms account resume {account} --scope {short(scope)}"
    named = scope.partition("/")[2]
    kind, _slash, name = named.partition("/")
    whose = [f"--{kind} {name}"] if name else [] if account else ["--everything"]
    return " ".join(["perfectum-sms resume", *([account] if account else []), *whose])


def scope_known(text: str) -> str:
    if not SCOPE.fullmatch(text):
        raise typer.BadParameter(
            _("{text} is none: give account, provider, viber, trigger/… or person/…, as account show", text=text)
        )
    return text


def scope_name(scope: str) -> str:
    return scope.partition("/")[0]


def short(scope: str) -> str:
    prefix, slash, name = scope.partition("/")
    return f"{prefix}{slash}{name[:KEY_SHOWN]}" if prefix == "person" else scope


def scope_words(scope: str) -> str:
    """What is paused, as people say it: `the trigger order_created`."""
    _hand, _slash, named = scope.rpartition(f"{HAND}/") if is_by_hand(scope) else ("", "", scope)
    kind, _slash, name = named.partition("/")
    words = SCOPES.get(kind)
    return _(words, name=short(scope).rpartition("/")[2] if kind == "person" else word(kind, name)) if words else scope


def meant(account: AccountSummary, scope: str) -> list[str]:
    """Which of the paused scopes are meant: this one, or every person whose key begins so."""
    scopes = [pause.scope for pause in account.stopped]
    is_person = scope_name(scope) == "person"
    return [name for name in scopes if name == scope or (is_person and name.startswith(scope))]
