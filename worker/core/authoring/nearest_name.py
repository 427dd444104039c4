"""The known name that somebody most likely meant."""

import difflib
from collections.abc import Iterable

from worker.language import _


def nearest(name: str, known: Iterable[str]) -> str | None:
    folded = {name.casefold(): name for name in known}
    results = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return folded[results[0]] if results else None


def suggestion(name: str, known: Iterable[str], otherwise: str) -> str:
    near = nearest(name, known)
    return _("did you mean {near}?", near=near) if near else otherwise
