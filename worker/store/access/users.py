"""People who sign in to the console."""

from dataclasses import dataclass
from datetime import datetime

from worker.core.access.user import Role, User
from worker.language import Language
from worker.store.db.postgres import Connection, query_row

ADD = """
INSERT INTO users (name, role, account, sees_phones, spends, sees_prices, invitation_hash, invited_until, created_at)
VALUES (
    %(name)s, %(role)s, %(account)s, %(sees_phones)s, %(spends)s, %(sees_prices)s, %(invitation_hash)s,
    %(invited_until)s, %(now)s
)
ON CONFLICT DO NOTHING
RETURNING id
"""

LIST = """
SELECT
    u.id, u.name, u.role, u.account, u.sees_phones, u.spends, u.sees_prices, u.language, u.created_at, u.last_seen_at,
    u.password_hash IS NOT NULL, u.invited_until,
    (
        SELECT count(*) FROM sessions AS s
        WHERE
            s.user_id = u.id AND s.used_at > %(now)s::timestamptz - %(idle)s::interval
            AND s.began_at > %(now)s::timestamptz - %(whole)s::interval
    )
FROM users AS u
WHERE %(account)s::text IS NULL OR u.account = %(account)s
ORDER BY u.account NULLS FIRST, lower(u.name)
"""

CHANGE = """
UPDATE users
SET
    role = %(role)s, account = %(account)s, sees_phones = %(sees_phones)s, spends = %(spends)s,
    sees_prices = %(sees_prices)s
WHERE id = %(id)s
"""

SPEAK = "UPDATE users SET language = %(language)s WHERE id = %(id)s"

INVITE = """
UPDATE users SET invitation_hash = %(invitation_hash)s, invited_until = %(invited_until)s WHERE id = %(id)s
"""

INVITED = """
SELECT id, name, role, account, sees_phones, spends, sees_prices, language
FROM users
WHERE invitation_hash = %(invitation_hash)s AND invited_until > %(now)s
"""

#: Whoever comes second finds no invitation.
ENTER = """
UPDATE users
SET password_hash = %(password_hash)s, invitation_hash = NULL, invited_until = NULL, language = %(language)s
WHERE invitation_hash = %(invitation_hash)s AND invited_until > %(now)s
RETURNING id
"""

BY_NAME = """
SELECT id, name, role, account, sees_phones, spends, sees_prices, language, password_hash
FROM users
WHERE lower(name) = lower(%(name)s)
"""

RENEW = "UPDATE users SET password_hash = %(password_hash)s WHERE id = %(id)s"

REMOVE = "DELETE FROM users WHERE id = %(id)s RETURNING name, account"


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody who is to be invited."""

    name: str
    role: Role
    account: str | None
    sees_phones: bool
    spends: bool
    sees_prices: bool


@dataclass(frozen=True, slots=True)
class UserSummary:
    """Somebody as they are listed.

    Attributes:
        has_entered: they have used their one-time link, and have a password.
        sessions: where they are signed in.
    """

    user: User
    created_at: datetime
    last_seen_at: datetime | None
    has_entered: bool
    invited_until: datetime | None
    sessions: int

    def state(self, now: datetime) -> str:
        """`active`, `invited`, or `uninvited`: the link is over and was not used."""
        if self.has_entered:
            return "active"
        return "invited" if self.invited_until and self.invited_until > now else "uninvited"


@dataclass(frozen=True, slots=True)
class KnownUser:
    """Somebody with the hash of their password; None: they have never entered."""

    user: User
    password_hash: str | None


def add(
    connection: Connection, user: NewUser, invitation_hash: bytes, invited_until: datetime, *, now: datetime
) -> int | None:
    """Add somebody; None: the name is taken."""
    values = {name: getattr(user, name) for name in NewUser.__slots__}
    row = connection.execute(
        ADD, {**values, "invitation_hash": invitation_hash, "invited_until": invited_until, "now": now}
    ).fetchone()
    return row[0] if row else None


def list_users(
    connection: Connection, account: str | None, *, idle: object, whole: object, now: datetime
) -> list[UserSummary]:
    """People of an account, or all; sessions that are `idle` or as a `whole` older than that are over."""
    parameters = {"account": account, "idle": idle, "whole": whole, "now": now}
    return [UserSummary(User(*row[:8]), *row[8:]) for row in connection.execute(LIST, parameters)]


def change(connection: Connection, user_id: int, user: NewUser) -> None:
    connection.execute(CHANGE, {**{name: getattr(user, name) for name in NewUser.__slots__}, "id": user_id})


def speak(connection: Connection, user_id: int, language: Language) -> None:
    connection.execute(SPEAK, {"id": user_id, "language": language})


def invite(connection: Connection, user_id: int, invitation_hash: bytes, invited_until: datetime) -> None:
    parameters = {"id": user_id, "invitation_hash": invitation_hash, "invited_until": invited_until}
    connection.execute(INVITE, parameters)


def invited(connection: Connection, invitation_hash: bytes, *, now: datetime) -> User | None:
    """Whose a one-time link is, which is used until then by nobody."""
    row = connection.execute(INVITED, {"invitation_hash": invitation_hash, "now": now}).fetchone()
    return User(*row) if row else None


def enter(
    connection: Connection, invitation_hash: bytes, password_hash: str, language: Language, *, now: datetime
) -> int | None:
    """Use a one-time link; None: it was used, or is over."""
    parameters = {
        "invitation_hash": invitation_hash,
        "password_hash": password_hash,
        "language": language,
        "now": now,
    }
    row = connection.execute(ENTER, parameters).fetchone()
    return row[0] if row else None


def by_name(connection: Connection, name: str) -> KnownUser | None:
    row = connection.execute(BY_NAME, {"name": name}).fetchone()
    return KnownUser(User(*row[:8]), row[8]) if row else None


def renew_password(connection: Connection, user_id: int, password_hash: str) -> None:
    connection.execute(RENEW, {"id": user_id, "password_hash": password_hash})


def remove(connection: Connection, user_id: int) -> tuple[str, str | None] | None:
    """Their name and account; None: there is nobody of this number."""
    return connection.execute(REMOVE, {"id": user_id}).fetchone()


def any_exists(connection: Connection) -> bool:
    return query_row(connection, "SELECT EXISTS (SELECT FROM users)")[0]
