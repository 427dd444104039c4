"""Who did something, as pages name them."""

import re

from worker.language import _

NOTED = re.compile(r"(user|key)/\d+ (.+)", re.DOTALL)


def name_of(operator: str | None) -> str:
    """`olena` of the audit's `user/1 olena`, `API key shop` of `key/3 shop`; one of the command line is as noted."""
    noted = NOTED.fullmatch(operator or "–")
    if noted is None:
        return operator or "–"
    return _("API key {name}", name=noted[2]) if noted[1] == "key" else noted[2]
