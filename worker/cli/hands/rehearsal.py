"""A dry run's way through everything that workers do before they send."""

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from worker.cli.connections import NAME, answering, settings_for
from worker.logs.setup import log
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.steps.sending.post import Sender
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool
from worker.turbosms.client import TurboSms


@contextmanager
def rehearsing_sender() -> Generator[Sender]:
    """What a claim needs; nothing is POSTed by it."""
    settings = settings_for((DATABASE, SECRET_KEY))
    with (
        answering(),
        open_pool(settings.database_url, size=2, name=NAME) as pool,
        closing(TurboSms(settings.turbosms_url)) as provider,
        ThreadPoolExecutor(1) as posts,
    ):
        cache = ConfigurationCache()
        cache.fresh(pool)
        yield Sender(pool, cache, provider, Seal(settings.secret_keys), posts, log_alert, lambda: False)


def log_alert(event: str, facts: Mapping[str, object]) -> None:
    log.warning(event, **facts)
