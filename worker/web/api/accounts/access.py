"""`/people` and `/keys`: who may enter the console for the account, and which programs may call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from worker.core.access.api_key import Scope
from worker.core.access.user import Role
from worker.steps.access.users import list_users
from worker.store.access.api_keys import KeySummary
from worker.store.access.api_keys import list_keys as kept_keys
from worker.store.access.users import UserSummary
from worker.store.db.postgres import transaction
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import about

TAG = "access"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may enter the console for the account."""

    id: Annotated[int, about("Their number, as the audit has it.")]
    name: Annotated[str, about("With which they sign in.")]
    role: Annotated[Role, about("What they are.")]
    sees_phones: Annotated[bool, about("Whether they see whole phones and texts.")]
    spends: Annotated[bool, about("Whether they may send by hand.")]
    sees_prices: Annotated[bool, about("Whether they see prices.")]
    state: Annotated[str, about("`active`, `invited`, or `uninvited` where they need a new link.")]
    sessions: Annotated[int, about("Where they are signed in.")]
    last_seen_at: Annotated[datetime | None, about("When they were seen last.")]


@dataclass(frozen=True, slots=True)
class People:
    items: list[Person]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the API, without its secret, which nobody has any more."""

    id: Annotated[int, about("Its number, the second part of `psms_7_…`.")]
    name: Annotated[str, about("Which program calls with it.")]
    scopes: Annotated[list[Scope], about("What it may do.")]
    sees_phones: Annotated[bool, about("Whether it sees whole phones.")]
    rate: Annotated[int, about("Requests a second.")]
    state: Annotated[str, about("`valid`, `expired` or `revoked`.")]
    expires_at: Annotated[datetime | None, about("Until when; null: until it is revoked.")]
    last_used_at: Annotated[datetime | None, about("Its last call, within a minute.")]


@dataclass(frozen=True, slots=True)
class Keys:
    items: list[Key]


@endpoint("GET", "/people", scope="settings", tag=TAG, answer=People)
def list_people(call: Call[None, None]) -> Answer:
    """List who may enter the console for the account."""
    with transaction(call.pool) as connection:
        found = list_users(connection, call.account, now=call.now)
    return Answer(People([person(each, now=call.now) for each in found]))


@endpoint("GET", "/keys", scope="settings", tag=TAG, answer=Keys)
def list_keys(call: Call[None, None]) -> Answer:
    """List the keys of the account, also those that are over."""
    with transaction(call.pool) as connection:
        found = kept_keys(connection, call.account)
    return Answer(Keys([key(each, now=call.now) for each in found]))


def person(known: UserSummary, *, now: datetime) -> Person:
    user = known.user
    return Person(
        user.id,
        user.name,
        user.role,
        user.sees_phones,
        user.spends,
        user.sees_prices,
        known.state(now),
        known.sessions,
        known.last_seen_at,
    )


def key(known: KeySummary, *, now: datetime) -> Key:
    return Key(
        known.id,
        known.name,
        list(known.scopes),
        known.sees_phones,
        known.rate,
        known.state(now),
        known.expires_at,
        known.last_used_at,
    )
