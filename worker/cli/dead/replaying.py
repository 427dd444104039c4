"""Replaying letters one by one, and a sentence on each."""

import sys
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from rich.progress import track

from worker.cli.connections import NAME, answering, settings_for
from worker.cli.terminal import console, echo, show
from worker.cli.words import word
from worker.language import _
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.steps.ingest.plan import Intake
from worker.steps.operate.replay import CannotBeReplayed, Outcome, RefusedAgain, Replay, Replayed, replay
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool, transaction

#: With more than these nobody reads a table: it shows those that were not replayed.
SHOWN = 40
DONE = ("replayed", "would be replayed")
Row = Mapping[str, object]


def replay_all(numbers: Sequence[int], how: Replay) -> list[Row]:
    """Replay letters in order; Ctrl-C leaves the rest open, and each that was begun is whole or not at all."""
    rows: list[Row] = []
    is_quick = len(numbers) <= SHOWN or not sys.stderr.isatty()
    with intake() as ready:
        try:
            for number in track(numbers, "replaying", console=console(stderr=True), transient=True, disable=is_quick):
                outcome = replay(ready, number, how)
                rows.append(outcome_row(number, outcome, is_trial=how.is_trial))
        except KeyboardInterrupt:
            echo(
                _(
                    "Stopped: {looked} of {all} were looked at, the rest is as it was.",
                    looked=len(rows),
                    all=len(numbers),
                )
            )
    return rows


@contextmanager
def intake() -> Generator[Intake]:
    settings = settings_for((DATABASE, SECRET_KEY))
    with answering(), open_pool(settings.database_url, size=2, name=NAME) as pool:
        with transaction(pool) as connection:
            salt = secrets.salt(connection, Seal(settings.secret_keys))
        yield Intake(pool, ConfigurationCache(), salt)


def report(rows: Sequence[Row], *, as_json: bool) -> None:
    """Every row as JSON; for eyes all of a few, of many those that failed, and the count of each outcome."""
    failed = [row for row in rows if row["outcome"] not in DONE]
    few = rows if as_json or len(rows) <= SHOWN else failed[:SHOWN]
    columns = ("id", "outcome", "detail")
    show(few, as_json=as_json, columns=columns, empty="" if rows else _("Nothing to replay."))
    if len(rows) > 1 and not as_json:
        counts = Counter(str(row["outcome"]) for row in rows)
        echo(", ".join(f"{count} {word('outcome', outcome)}" for outcome, count in counts.items()) + ".")


def outcome_row(number: int, outcome: Outcome, *, is_trial: bool) -> Row:
    match outcome:
        case Replayed(is_repeat=True):
            done, detail = DONE[is_trial], _("it had been accepted before: nothing more to do")
        case Replayed(texts=texts):
            counts = ", ".join(f"{count} {word('state', state)}" for state, count in texts.items())
            done, detail = (
                DONE[is_trial],
                _("notifications: {counts}", counts=counts) if counts else _("no notifications"),
            )
        case RefusedAgain(reason=reason, detail=why):
            done, detail = "would be refused again" if is_trial else "refused again", f"{reason}: {why}"
        case CannotBeReplayed(why=why):
            done, detail = "not replayed", why
    return {"id": number, "outcome": done, "detail": detail}
