"""The thread that carries jobs on, while the console's pages are served."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

from worker.logs.seldom import Seldom
from worker.logs.setup import log
from worker.steps.hands.jobs import carry_on
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool, transaction

#: One holds the job, the other replays its letters.
CONNECTIONS = 2
#: How often it looks whether somebody has agreed to a job, and how often trouble is logged at most.
LOOK_S, SELDOM_S = 1.0, 60.0


@contextmanager
def carrying_on_jobs(database_url: str, seal: Seal) -> Generator[None]:
    """Carry jobs on until the end of this; the part in hand is finished."""
    ending = Event()
    with open_pool(database_url, size=CONNECTIONS, name="perfectum-sms jobs") as pool:

        def work() -> None:
            seldom = Seldom(SELDOM_S)
            while not ending.is_set():
                try:
                    with transaction(pool) as connection:
                        salt = secrets.salt(connection, seal)
                    intake = Intake(pool, ConfigurationCache(), salt)
                    while not ending.wait(0 if carry_on(intake) else LOOK_S):
                        pass
                except Exception as error:  # noqa: BLE001 (whatever it is, jobs wait and go on)
                    if seldom.is_due("jobs"):
                        log.warning("job.away", error=type(error).__name__)
                    ending.wait(LOOK_S)

        thread = Thread(target=work, name="jobs")
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()
