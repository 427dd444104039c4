"""Changes of an account's configuration: one at a time, noted, and none kept that is refused."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import orjson

from worker.core.authoring.lint import Report
from worker.core.authoring.lint_findings import Finding
from worker.language import _
from worker.steps.accounts.desk import Desk, open_desk
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection, tried
from worker.web.api.endpoint import Answer, Call
from worker.web.api.fields import InHeader, about
from worker.web.api.problems import CHANGED, Problem, WrongField, invalid, not_found

ETAG_MAX = 200
IfMatch = Annotated[
    str | None,
    InHeader("If-Match"),
    about(
        "The `ETag` that was read, so that nobody's change is lost; `*`: whatever is there.",
        '"0f3c5a"',
        max_length=ETAG_MAX,
    ),
]


def edited(call: Call[Any, Any], act: Callable[[Connection, Desk], Answer | Problem]) -> Answer | Problem:
    """Act on an account's desk while nobody else does; what is refused leaves nothing behind."""
    return tried(call.pool, partial(act_on, call, act), keeps=lambda outcome: isinstance(outcome, Answer))


def act_on(
    call: Call[Any, Any], act: Callable[[Connection, Desk], Answer | Problem], connection: Connection
) -> Answer | Problem:
    with noting_changes(connection, call.account, by=call.key.as_operator):
        desk = open_desk(connection, call.account, to_edit=True)
        return not_found(_("such account any more")) if desk is None else act(connection, desk)


def etag_of(*parts: object) -> str:
    """The version of a thing by what admins set of it."""
    content = orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_newest(if_match: str, etag: str) -> bool:
    known = [tag.strip() for tag in if_match.split(",")]
    return "*" in known or etag in known


def changed(detail: str, etag: str | None) -> Problem:
    """Tell the second of two admins that the first has saved something."""
    fix = _("Read it again, then write.")
    return Problem(CHANGED, f"{detail} {fix}", headers={"ETag": etag} if etag else {})


def refused(text: str, report: Report, field: str) -> Problem:
    """What the linter refuses, each place with its fix."""
    return invalid(WrongField(field, sentence(text, item)) for item in report.findings if item.is_error)


def sentence(text: str, finding: Finding) -> str:
    line, column = finding.place_in(text)
    place = _("line {line}, column {column}", line=line, column=column)
    return f"{place}: {finding.message} {finding.hint}".strip()
