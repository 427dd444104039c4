"""Replaying letters one by one, and a sentence on each."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from worker.cli.connections import NAME, answering, settings_for
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.steps.ingest.plan import Intake
from worker.steps.operate.replay import CannotBeReplayed, RefusedAgain, Replayed, replay
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool, transaction
from worker.store.ingest import dead_letter_list


def replay_all(numbers: Sequence[int], *, by: str) -> list[dict[str, object]]:
    with intake() as ready:
        return [outcome_row(number, replay_dead_letter(ready, number, by=by)) for number in numbers]


def replay_dead_letter(ready: Intake, number: int, *, by: str) -> Replayed | RefusedAgain | CannotBeReplayed:
    with transaction(ready.pool) as connection:
        dead_letter = dead_letter_list.load(connection, number)
    return replay(ready, dead_letter, by=by) if dead_letter else CannotBeReplayed("it is no longer there")


@contextmanager
def intake() -> Generator[Intake]:
    settings = settings_for((DATABASE, SECRET_KEY))
    with answering(), open_pool(settings.database_url, size=2, name=NAME) as pool:
        with transaction(pool) as connection:
            salt = secrets.salt(connection, Seal(settings.secret_keys))
        yield Intake(pool, ConfigurationCache(), salt)


def outcome_row(number: int, outcome: Replayed | RefusedAgain | CannotBeReplayed) -> dict[str, object]:
    match outcome:
        case Replayed(is_repeat=True):
            return {"id": number, "outcome": "replayed", "detail": "it had been accepted before: nothing more to do"}
        case Replayed(notifications=count):
            return {"id": number, "outcome": "replayed", "detail": f"{count} notifications; see perfectum-sms history"}
        case RefusedAgain(reason=reason, detail=detail):
            return {"id": number, "outcome": "refused again", "detail": f"{reason}: {detail}"}
        case CannotBeReplayed(why=why):
            return {"id": number, "outcome": "not replayed", "detail": why}
