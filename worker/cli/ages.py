"""How long something has lasted, as people say it."""

from datetime import timedelta
from itertools import pairwise

from worker.language import _, marked

UNITS = (
    (marked("{count} d"), 86_400),
    (marked("{count} h"), 3_600),
    (marked("{count} min"), 60),
    (marked("{count} s"), 1),
)


def format_age(span: timedelta) -> str:
    """`45 s`, `12 min`, `5 h 10 min`, `3 d 4 h`."""
    left = max(int(span.total_seconds()), 0)
    for (unit, each), (smaller, part) in pairwise(UNITS):
        if left >= each:
            rest = 0 if part == 1 else left % each // part
            return " ".join([_(unit, count=left // each), *([_(smaller, count=rest)] if rest else [])])
    return _(UNITS[-1][0], count=left)
