"""Who signs in to the console: a person with a role and rights, and what may be done with them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from worker.language import Language, _, marked

#: An `admin` works with one account, an `operator` for all, an `auditor` only looks at all.
Role = Literal["admin", "operator", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
#: What a page lets somebody do; to look at things needs no more than their account.
Permission = Literal["look", "settings", "send", "steer", "desk", "journal", "people"]
#: `spends` stands beside the role: who sends by hand, or anew, spends the account's money.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    "admin": frozenset({"look", "settings", "send", "steer", "desk", "journal", "people"}),
    "operator": frozenset({"look", "send", "steer", "desk", "journal", "people"}),
    "auditor": frozenset({"look", "journal"}),
}
ROLE_LABELS: Mapping[Role, str] = {
    "admin": marked("admin"),
    "operator": marked("operator"),
    "auditor": marked("auditor"),
}
NAME_MAX, PASSWORD_MIN, PASSWORD_MAX = 60, 12, 200


@dataclass(frozen=True, slots=True)
class User:
    """Who has signed in.

    Attributes:
        account: the one that an admin works with; None: all.
        sees_phones: whether whole phones and texts are shown, else masked.
        spends: whether what costs money may be done, where the role may do it at all.
    """

    id: int
    name: str
    role: Role
    account: str | None
    sees_phones: bool
    spends: bool
    sees_prices: bool
    language: Language = "uk"

    @property
    def as_operator(self) -> str:
        """How the audit names them."""
        return f"user/{self.id} {self.name}"

    def knows(self, account: str) -> bool:
        """Whether this account exists for them."""
        return self.account in (None, account)

    def has_rights(self, *, sees_phones: bool, spends: bool, sees_prices: bool) -> bool:
        """Whether they have all of these themselves."""
        pairs = ((self.sees_phones, sees_phones), (self.spends, spends), (self.sees_prices, sees_prices))
        return all(own or not asked for own, asked in pairs)

    def manages(self, other: "User") -> bool:
        """Whether somebody is theirs to sign out, to remove and to give a new link, which makes one be them."""
        is_theirs = self.account in (None, other.account) and other.id != self.id
        rights = self.has_rights(sees_phones=other.sees_phones, spends=other.spends, sees_prices=other.sees_prices)
        return self.may("people") and is_theirs and rights and self.gives(other.role)

    def gives(self, role: Role) -> bool:
        """Whether a role lets nobody do more than their own does."""
        return PERMISSIONS[role] <= PERMISSIONS[self.role]

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role] and (self.spends or permission != "send")


def digest(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def wrong_name(name: str) -> str | None:
    if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
        return _("write a name of 1 to {most} characters in one line", most=NAME_MAX)
    return None


def wrong_password(password: str, name: str) -> str | None:
    """Length is what counts (NIST SP 800-63B); no sign is demanded."""
    if len(password) < PASSWORD_MIN:
        return _("choose one of at least {least} characters: some words are easy to remember", least=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        return _("choose one of at most {most} characters", most=PASSWORD_MAX)
    if password.strip().lower() == name.strip().lower() or len(set(password)) < PASSWORD_MIN // 3:
        return _("it is too easy to guess: take some words that have nothing to do with each other")
    return None
