"""People of the console: invited by a one-time link, signed in by a password, and signed out by anybody who may."""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from worker.core.access.user import User, digest
from worker.language import Language
from worker.steps.access.passwords import hashed, is_outdated, is_right
from worker.store.access import sessions, users
from worker.store.access.sessions import KnownSession
from worker.store.access.users import NewUser, UserSummary
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, Pool, clock, transaction

SECRET_BYTES = 32
#: How long a one-time link may be used.
INVITED = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody with the secret of their one-time link, which is shown now and never again."""

    id: int
    secret: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who has just signed in, with the secret of their cookie."""

    user: User
    secret: str


def invite(connection: Connection, wanted: NewUser, *, by: str, now: datetime) -> Invited | None:
    """Add somebody, who enters by a one-time link; None: the name is taken."""
    secret, until = secrets.token_urlsafe(SECRET_BYTES), now + INVITED
    user_id = users.add(connection, wanted, digest(secret), until, now=now)
    if user_id is None:
        return None
    note_change(connection, user_id, wanted, by=by, now=now)
    return Invited(user_id, secret, until)


def invite_again(connection: Connection, user: User, *, by: str, now: datetime) -> Invited:
    """Make a new link, for who lost theirs or their password; the password holds until the link is used."""
    secret, until = secrets.token_urlsafe(SECRET_BYTES), now + INVITED
    users.invite(connection, user.id, digest(secret), until)
    after = {"name": user.name, "is_invited": True}
    note(connection, by, "user", f"user/{user.id}", account=user.account, before={}, after=after, now=now)
    return Invited(user.id, secret, until)


def change(connection: Connection, user: User, wanted: NewUser, *, by: str, now: datetime) -> None:
    """Give somebody another role or other rights; what they open next is as they are now."""
    users.change(connection, user.id, wanted)
    note_change(connection, user.id, wanted, before=user, by=by, now=now)


def note_change(
    connection: Connection, user_id: int, wanted: NewUser, *, by: str, now: datetime, before: User | None = None
) -> None:
    known = {name: getattr(before, name) for name in NewUser.__slots__} if before else None
    note(connection, by, "user", f"user/{user_id}", account=wanted.account, before=known, after=asdict(wanted), now=now)


def enter(connection: Connection, secret: str, password: str, language: Language, *, now: datetime) -> Entered | None:
    """Use a one-time link: the password is theirs from now on, and they are signed in here alone.

    None: the link was used, or is over. What is wrong with a password `user.wrong_password` says before.
    """
    user = users.invited(connection, digest(secret), now=now)
    user_id = users.enter(connection, digest(secret), hashed(password), language, now=now)
    if user is None or user_id is None:
        return None
    sessions.end_all(connection, user_id)
    return begin(connection, replace(user, language=language), now=now)


def sign_in(pool: Pool, name: str, password: str) -> Entered | None:
    """Sign somebody in; None alike for a wrong name, a wrong password, and who has not entered by their link yet."""
    with transaction(pool) as connection:
        known = users.by_name(connection, name.strip())
    # Hashing takes long: nothing of PostgreSQL is held meanwhile.
    if not is_right(password, known.password_hash if known else None) or known is None:
        return None
    renewed = hashed(password) if is_outdated(known.password_hash or "") else None
    with transaction(pool) as connection:
        if renewed:
            users.renew_password(connection, known.user.id, renewed)
        return begin(connection, known.user, now=clock(connection))


def begin(connection: Connection, user: User, *, now: datetime) -> Entered:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    sessions.add(connection, digest(secret), user.id, now=now)
    after = {"is_signed_in": True}
    note(connection, user.as_operator, "session", f"user/{user.id}", account=user.account, after=after, now=now)
    return Entered(user, secret)


def signed_in(connection: Connection, secret: str, *, now: datetime) -> KnownSession | None:
    """Whose cookie this is; None: nobody's any more."""
    known = sessions.find(connection, digest(secret), now=now)
    if known and known.is_unnoted:
        sessions.note_use(connection, known.id, now=now)
    return known


def sign_out(connection: Connection, secret: str) -> None:
    sessions.end(connection, digest(secret))


def end_sessions(connection: Connection, user: User, *, by: str, now: datetime, but: str | None = None) -> int:
    """Sign somebody out everywhere, or everywhere else; how many sessions that were."""
    ended = sessions.end_all(connection, user.id, but=digest(but) if but else None)
    after = {"is_signed_in": False, "sessions": ended}
    note(connection, by, "session", f"user/{user.id}", account=user.account, before={}, after=after, now=now)
    return ended


def remove(connection: Connection, user: User, *, by: str, now: datetime) -> bool:
    """Remove somebody, and sign them out at once; what they did stays in the audit."""
    if users.remove(connection, user.id) is None:
        return False
    before = {"name": user.name, "role": user.role}
    note(connection, by, "user", f"user/{user.id}", account=user.account, before=before, after={}, now=now)
    return True


def list_users(connection: Connection, account: str | None = None, *, now: datetime) -> list[UserSummary]:
    return users.list_users(connection, account, idle=sessions.IDLE, whole=sessions.WHOLE, now=now)
