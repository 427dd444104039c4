"""When a provider is left alone: it fails or crawls again and again, so that asking only adds to its trouble.

Every failure counts one, every good answer halves the count (store/sending/rate_limiter), and what is older than ten
minutes is forgotten; at five the account's breaker opens. Then single probes go, one at a time and ever less often,
and the first that is answered well closes it.
"""

from __future__ import annotations

from datetime import timedelta

from worker.core.clock.timeouts import CRAWL
from worker.core.sending.send_result import Answer, Later, Unknown

OPENS_AT = 5.0


def is_failure(answer: Answer, *, took: timedelta) -> bool:
    """Whether an answer speaks against the provider: unreadable, none at all, or slower than anybody should wait.

    A complaint about our pace (438) is the answer of a provider that is well.
    """
    if took >= CRAWL:
        return True
    match answer.whole:
        case Unknown():
            return not answer.adopted
        case Later():
            return not answer.is_limited
        case _:
            return False
