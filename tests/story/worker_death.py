"""A worker's death at a boundary, as far as one thread can die."""

from collections.abc import Generator
from contextlib import contextmanager

from worker import failpoint
from worker.failpoint import Boundary


class Died(BaseException):
    """The process is gone: nothing that catches exceptions sees it."""


@contextmanager
def dying(boundary: Boundary, *, after: int) -> Generator[list[Boundary]]:
    """Let the process of this block die at a boundary, after so many; the result has the boundary if it died."""
    left = after
    died: list[Boundary] = []

    def act(here: Boundary) -> None:
        nonlocal left
        if here == boundary:
            left -= 1
        if left < 0:
            raise Died

    failpoint.arm(act)
    try:
        yield died
    except Died:
        died.append(boundary)
    finally:
        failpoint.arm(failpoint.nothing)
