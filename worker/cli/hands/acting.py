"""Acting on many texts from a terminal: with progress, and a Ctrl-C that leaves nothing half done."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from threading import Event

from rich.progress import Progress

from worker.cli.connections import NAME, answering, settings_for
from worker.cli.terminal import console, echo
from worker.core.hands.chosen import Chosen
from worker.language import _
from worker.settings.environment import DATABASE
from worker.steps.hands.in_parts import Act, Done, in_parts
from worker.store.db.postgres import Pool, open_pool


def acted(chosen: Chosen, act: Act, *, dry_run: bool = False) -> Done:
    """Act on what was shown, part by part, until it is done or Ctrl-C is typed."""
    url = settings_for((DATABASE,)).database_url
    with answering(), open_pool(url, size=1, name=NAME) as pool:
        return acted_in(pool, chosen, act, dry_run=dry_run)


def acted_in(pool: Pool, chosen: Chosen, act: Act, *, dry_run: bool) -> Done:
    with in_sight(len(chosen)) as (is_stopped, on_part):
        return in_parts(pool, chosen, act, dry_run=dry_run, is_stopped=is_stopped, on_part=on_part)


@contextmanager
def in_sight(total: int) -> Generator[tuple[Callable[[], bool], Callable[[int], None]]]:
    """Whether to stop after this part, and what shows how many are done by now."""
    with (
        stoppable() as is_stopped,
        Progress(console=console(stderr=True), transient=True, disable=total < 1) as progress,
    ):
        yield is_stopped, partial(progress.advance, progress.add_task("", total=total))


@contextmanager
def stoppable() -> Generator[Callable[[], bool]]:
    """Let the first Ctrl-C end what is done part by part after its part; the second ends the command at once."""
    stopped = Event()

    def stop_after_this(_number: int, _frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        echo(_("Stopping after this part."))

    before = signal.signal(signal.SIGINT, stop_after_this)
    try:
        yield stopped.is_set
    finally:
        signal.signal(signal.SIGINT, before)
