"""`/stop-list`: phones that the account does not write to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from worker.core.contract.phone_mask import masked
from worker.core.planning.suppression import ALL
from worker.core.triggers.recipient_key import key_of
from worker.language import _
from worker.steps.operate.suppress import note_seen, remove, stop
from worker.store.accounts import secrets
from worker.store.consent import suppressions
from worker.store.consent.suppressions import Entry, Position, SuppressionSummary
from worker.store.db.postgres import Connection, committed, transaction
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import NO_NUL, Cursor, Fields, Limit, Phone, Phones, about
from worker.web.api.problems import CONFLICT, NOT_FOUND, Problem, not_found, wrong_field
from worker.web.stop_list_cursor import cursor, position

TAG = "stop-list"
REASON_MAX = 500


class WhichPage(Fields):
    limit: Limit = 50
    cursor: Cursor = None
    phones: Phones = False


class WhichPhone(Fields):
    phone: Annotated[Phone, about("In any form. Proxies log addresses.", "+380671234567")]


class StopOrder(Fields):
    """What does not go to a phone, and why."""

    scope: Annotated[
        Literal["all", "marketing"],
        about("`all`: nothing goes, be it urgent. `marketing`: advertising does not.", "marketing"),
    ] = ALL
    reason: Annotated[
        Annotated[str, Field(min_length=1, max_length=REASON_MAX, pattern=NO_NUL)],
        about("Why, for whoever asks later.", "asked by phone"),
    ] = "asked"


@dataclass(frozen=True, slots=True)
class StoppedPhone:
    """A phone on the stop-list."""

    phone: Annotated[str | None, about("Masked unless `phones=true`; null once it is forgotten.", "+38067***4567")]
    scope: Annotated[str, about("`all` or `marketing`.")]
    reason: Annotated[str, about("Why.")]
    source: Annotated[str, about("Whose word it was: `operator`, `import`, `provider`, `crm` …")]
    since: Annotated[datetime, about("Since when.")]
    added_by: Annotated[str | None, about("Who put it there, if a person or a key did.")]


@dataclass(frozen=True, slots=True)
class StoppedPhones:
    """A page of the stop-list, the newest first."""

    items: list[StoppedPhone]
    next: Annotated[str | None, about("The `cursor` of the next page; null: there is none.")]


@dataclass(frozen=True, slots=True)
class StoppedNow:
    """A phone that is on the stop-list now, and what became of what waited for it."""

    entry: StoppedPhone
    cancelled: Annotated[int, about("Texts that waited for it and are cancelled.")]
    on_the_way: Annotated[int, about("Texts that are with TurboSMS, or may be: nobody can stop those.")]


@endpoint("GET", "/stop-list", scope="read", tag=TAG, answer=StoppedPhones)
def list_stopped(call: Call[WhichPage, None]) -> Answer | Problem:
    """List phones that are not written to, the newest first."""
    asked = call.parameters
    after: Position | None = None
    if asked.cursor is not None:
        after = position(asked.cursor, call.account)
        if after is None:
            return wrong_field("cursor", _("is none of this list: begin without one"))
    with transaction(call.pool) as connection:
        found = suppressions.page(connection, call.account, after=after, limit=asked.limit + 1)
        rows = found[: asked.limit]
        if asked.phones:
            note_seen(connection, call.account, len(rows), "stop-list", by=call.key.as_operator)
    more = cursor(rows[-1][0], call.account) if len(found) > asked.limit else None
    return Answer(StoppedPhones([stopped(entry, phones=asked.phones) for _, entry in rows], more))


@endpoint("GET", "/stop-list/{phone:path}", scope="read", tag=TAG, answer=StoppedPhone, problems=(NOT_FOUND,))
def show_stopped(call: Call[WhichPhone, None]) -> Answer | Problem:
    """Show whether a phone is on the stop-list, and why."""
    with transaction(call.pool) as connection:
        entry = entry_of(connection, call.account, key_in(connection, call))
    return Answer(stopped(entry, phones=False)) if entry else not_on_it()


@endpoint(
    "PUT",
    "/stop-list/{phone:path}",
    scope="send",
    tag=TAG,
    answer=StoppedNow,
    statuses=(200, 201),
    problems=(CONFLICT,),
)
def stop_phone(call: Call[WhichPhone, StopOrder]) -> Answer | Problem:
    """Put a phone on the stop-list, and take back what waits for it.

    From `marketing` it may be widened to `all`; the other way round, take it off first. One that is there already stays
    as it is, with its reason.
    """

    def act(connection: Connection) -> Answer | Problem:
        key, order, by = key_in(connection, call), call.body, call.key.as_operator
        wanted = Entry(key, call.parameters.phone, order.scope, order.reason, "operator", by)
        outcome = stop(connection, call.account, wanted, by=by)
        if outcome == "narrower":
            return Problem(CONFLICT, _("It is on the list for all: take it off first."))
        done = outcome.done
        answer = StoppedNow(stopped(outcome.entry, phones=False), done.cancelled, done.on_the_way)
        return Answer(answer, 201 if done.new else 200)

    return committed(call.pool, act)


@endpoint("DELETE", "/stop-list/{phone:path}", scope="send", tag=TAG, statuses=(204,), problems=(NOT_FOUND,))
def allow_phone(call: Call[WhichPhone, None]) -> Answer | Problem:
    """Take a phone off the stop-list.

    What is planned from now on goes to it again. What was taken back stays so.
    """
    with transaction(call.pool) as connection:
        is_done = remove(connection, call.account, key_in(connection, call), by=call.key.as_operator)
    return Answer(status=204) if is_done else not_on_it()


def key_in(connection: Connection, call: Call[WhichPhone, Any]) -> bytes:
    return key_of(call.parameters.phone, salt=secrets.salt(connection, call.seal))


def entry_of(connection: Connection, account: str, key: bytes) -> SuppressionSummary | None:
    return next(iter(suppressions.list_suppressions(connection, account, recipient_key=key, limit=1)), None)


def not_on_it() -> Problem:
    return not_found(_("such phone on its stop-list"))


def stopped(entry: SuppressionSummary, *, phones: bool) -> StoppedPhone:
    phone = entry.phone if phones or entry.phone is None else masked(entry.phone)
    return StoppedPhone(phone, entry.scope, entry.reason, entry.source, entry.since, entry.added_by)
