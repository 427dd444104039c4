"""Leave a provider alone after five failures; a good answer halves the count, ten minutes forget it."""

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
