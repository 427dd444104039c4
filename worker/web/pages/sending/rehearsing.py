"""What a dry run of a page goes through: everything that workers do before they send."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from worker.logs.setup import log
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.store.accounts import secrets
from worker.store.db.postgres import transaction
from worker.turbosms.client import TurboSms
from worker.web.pages.page import Visit


def intake_of(visit: Visit) -> Intake:
    """What events and letters are accepted by."""
    with transaction(visit.pool) as connection:
        return Intake(visit.pool, visit.cache, secrets.salt(connection, visit.seal))


@contextmanager
def rehearsing_sender(visit: Visit) -> Generator[Sender]:
    """What a claim needs; nothing is POSTed by it."""
    with closing(TurboSms(visit.turbosms_url)) as provider, ThreadPoolExecutor(1) as posts:
        visit.cache.fresh(visit.pool)
        yield Sender(visit.pool, visit.cache, provider, visit.seal, posts, alert, lambda: False)


def alert(event: str, facts: object) -> None:
    log.warning(event, facts=facts)
