"""Under which account PostgreSQL runs: it refuses root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """A Unix account by its numbers."""

    user: int
    group: int


def unprivileged_account() -> Account | None:
    """For root, the distribution's account for PostgreSQL or else `nobody`; None when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: Account(entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
