"""The file of an account, given back: what it would change is shown first, and kept once somebody has seen it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson

from worker.core.account_files.changes import Change
from worker.core.account_files.model import AccountFile, read_file
from worker.core.accounts.sender_name import why_unfit
from worker.core.accounts.setting_kinds import Phone, Price
from worker.core.accounts.settings import BUDGET, SETTINGS
from worker.core.accounts.yaml_text import LONGEST, Document, Fault
from worker.core.contract.phone_mask import masked
from worker.core.file_text import UnreadableError, decoded
from worker.language import _
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.import_file import RefusedText, RefusedTexts, Transferred, Unfit, transferred
from worker.store.db.postgres import Connection
from worker.web.pages.editing import edited
from worker.web.pages.page import Html, Redirect, Shown, Visit, page
from worker.web.pages.settings.word_diff import Piece, word_diff

PATH = "/a/{account}/settings/file"
#: Bytes of a form: a sign of the file is up to nine of them, as browsers write it.
FORM_MAX = 4 * LONGEST
#: Rows of what changes that a page shows.
ROWS_MAX = 500
PRICES = frozenset(setting.name for setting in (*SETTINGS, *BUDGET) if isinstance(setting.setting_kind, Price))
PHONES = frozenset(setting.name for setting in SETTINGS if isinstance(setting.setting_kind, Phone))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is in the way: where in the file, what, and what to do."""

    where: str
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A value that changes; of a text `pieces`, word by word."""

    name: str
    was: str
    now: str
    pieces: Sequence[Piece] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a form has brought, and what is known of it.

    Attributes:
        seal: of what changes, which the form brings back once somebody has seen it; "" where nothing does.
        is_overtaken: it was seen, and something else changes now.
    """

    content: str = ""
    problems: Sequence[Problem] = ()
    rows: Sequence[Row] = ()
    seal: str = ""
    is_read: bool = False
    is_overtaken: bool = False
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@page("GET", PATH, may="settings")
def show_file(visit: Visit) -> Shown:
    return shown(visit, Given())


@page("POST", PATH, may="settings", most=FORM_MAX)
def take_file(visit: Visit) -> Shown:
    """Show what the file would change; with the seal of that, change it."""
    content = content_of(visit)
    given = read_for(visit, content)
    if isinstance(given, Given):
        return shown(visit, given)
    wanted, document = given

    def act(connection: Connection, _desk: Desk) -> Shown:
        outcome = transferred(connection, visit.account, wanted, document, by=visit.by, token=b"")
        if isinstance(outcome, Transferred):
            return looked_at(visit, content or "", outcome)
        return shown(visit, Given(content or "", list(problems_of(outcome))))

    return edited(visit, act)


def read_for(visit: Visit, content: str | None) -> tuple[AccountFile, Document] | Given:
    """The file, or what is wrong with it, for this very person and account."""
    if content is None:
        return Given(errors={"file": _("This is no text: choose a file that was downloaded here.")})
    if not content.strip():
        return Given(errors={"content": _("Choose a file, or paste its text here.")})
    read = read_file(content)
    faults = read if isinstance(read, list) else list(faults_for(visit, *read))
    if faults or isinstance(read, list):
        return Given(content, [as_problem(fault) for fault in sorted(faults, key=lambda fault: fault.line)])
    return read


def content_of(visit: Visit) -> str | None:
    """The file that was chosen, or what stands in the box; None: it is no text."""
    file = visit.form.files.get("file")
    if file is None:
        return visit.form.text("content")
    try:
        return decoded(file.content).text.replace("\r\n", "\n")
    except UnreadableError:
        return None


def faults_for(visit: Visit, wanted: AccountFile, document: Document) -> Iterator[Fault]:
    """What this very person may not give this very account."""
    if wanted.account not in (None, visit.account):
        path = ("account",)
        what = _(
            "it is the file of {other}: take this line out to set {account} so.",
            other=wanted.account,
            account=visit.account,
        )
        yield Fault(document.line(path), path, what)
    sender = wanted.settings().get("sms_sender")
    if sender is not None and (why := why_unfit(sender)):
        yield Fault(document.line(("sender",)), ("sender",), _("the sender {problem}.", problem=why))
    if not visit.user.sees_prices:
        parts = {(): wanted, **{("triggers", name): part for name, part in (wanted.triggers or {}).items()}}
        for path, part in parts.items():
            for name in sorted(part.model_fields_set & PRICES):
                yield Fault(document.line((*path, name)), (*path, name), _("only for who sees prices: take it out."))


def looked_at(visit: Visit, content: str, outcome: Transferred) -> Shown:
    """Keep it where this is what somebody has seen."""
    changes = outcome.changes()
    if not changes:
        return shown(visit, Given(content, is_read=True))
    seal, seen = seal_of(outcome), visit.form.text("seal")
    if seen == seal and visit.form.text("do") == "keep":
        return Redirect(f"{visit.home}/settings", _("The account is set so now. Workers notice within seconds."))
    is_overtaken = visit.form.text("do") == "keep"
    return shown(visit, Given(content, (), list(rows_of(changes)), seal, is_read=True, is_overtaken=is_overtaken))


def seal_of(outcome: Transferred) -> str:
    """Another one wherever anything of the account, before or after, is another."""
    plain = orjson.dumps([outcome.before, outcome.after], default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(plain).hexdigest()


def rows_of(changes: Iterable[Change]) -> Iterator[Row]:
    for change in changes:
        if change.is_text:
            yield Row(change.name, "", "", word_diff(str(change.was or ""), str(change.now or "")))
        else:
            yield Row(change.name, in_words(change, change.was), in_words(change, change.now))


def in_words(change: Change, value: Any) -> str:  # noqa: ANN401 (whatever a file may hold)
    match value:
        case None | []:
            return _("none")
        case bool():
            return _("on") if value else _("off")
        case str() if change.path[-1] in PHONES:
            return masked(value)
        case [*items]:
            return ", ".join(map(str, items))
        case _:
            return str(value)


def as_problem(fault: Fault) -> Problem:
    return Problem(where_of(fault.line, fault.path), fault.message)


def problems_of(outcome: RefusedTexts | Unfit) -> Iterator[Problem]:
    """What is in the way of a file that can be read.

    Raises:
        LookupError: the account is gone.
    """
    match outcome:
        case RefusedTexts():
            for text in outcome.refused:
                yield from findings_of(text)
        case "no_viber_sender":
            yield Problem("viber_instead", _("is on, and there is no viber_sender: write one into the file."))
        case "no_price":
            what = _("nobody knows yet what an SMS costs: a budget in hryvnias would hold nothing.")
            yield Problem("segment_price", what)
        case "gone" | "incomplete":
            raise LookupError(outcome)


def findings_of(refused: RefusedText) -> Iterator[Problem]:
    where = where_of(refused.line, refused.path)
    return (Problem(where, found.message, found.hint) for found in refused.report.findings if found.is_error)


def where_of(line: int, path: Sequence[object]) -> str:
    named = ".".join(map(str, path))
    return ", ".join(filter(None, (_("line {line}", line=line) if line else "", named)))


def shown(visit: Visit, given: Given) -> Html:
    values = {
        "given": given,
        "rows": given.rows[:ROWS_MAX],
        "more": max(0, len(given.rows) - ROWS_MAX),
        "errors": given.errors,
        "longest": LONGEST,
        "name": f"{visit.account}.yaml",
    }
    status = HTTPStatus.OK
    if given.problems or given.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    elif given.is_overtaken:
        status = HTTPStatus.CONFLICT
    return Html("settings/account_file.html", values, status)
