"""The name that an SMS comes from, by what Ukraine's operators and TurboSMS let be registered."""

import re

SHORTEST, LONGEST = 3, 11
ALLOWED = re.compile(r"[A-Za-z0-9 ._\-&]*", re.ASCII)


def why_unfit(sender: str) -> str | None:
    """Why TurboSMS would take no SMS from it; None where nothing speaks against it."""
    strange = [char for char in dict.fromkeys(sender) if not ALLOWED.fullmatch(char)]
    if strange:
        return f"holds {''.join(strange)[:LONGEST]}: only Latin letters, figures, spaces and . _ - & are registered"
    if not SHORTEST <= len(sender) <= LONGEST:
        return f"has {len(sender)} characters: {SHORTEST} to {LONGEST} are registered"
    return None if any(map(str.isalpha, sender)) else "holds no letter: a number is not registered as a sender"
