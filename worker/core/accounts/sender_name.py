"""The name that an SMS comes from, by what Ukraine's operators and TurboSMS let be registered."""

import re

from worker.language import _

SHORTEST, LONGEST = 3, 11
ALLOWED = re.compile(r"[A-Za-z0-9 ._\-&]*", re.ASCII)


def why_unfit(sender: str) -> str | None:
    """Why TurboSMS would take no SMS from it; None where nothing speaks against it."""
    strange = [char for char in dict.fromkeys(sender) if not ALLOWED.fullmatch(char)]
    if strange:
        return _(
            "holds {strange}: only Latin letters, figures, spaces and . _ - & are registered",
            strange="".join(strange)[:LONGEST],
        )
    if not SHORTEST <= len(sender) <= LONGEST:
        return _(
            "has {count} characters: {shortest} to {longest} are registered",
            count=len(sender),
            shortest=SHORTEST,
            longest=LONGEST,
        )
    return None if any(map(str.isalpha, sender)) else _("holds no letter: a number is not registered as a sender")
