"""Sending one text from this process, with everything that a worker sends with."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from worker.cli.connections import NAME, answering, settings_for
from worker.cli.terminal import stop
from worker.core.authoring.preview import Trial
from worker.language import _
from worker.logs.setup import log
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.steps.operate.trial_send import Wanted, send_trial
from worker.steps.sending.post import Sender
from worker.store.accounts import accounts, secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import open_pool, transaction
from worker.store.ingest.trial_send import TrialStatus
from worker.turbosms.client import TurboSms


def send_text(account: str, trial: Trial, phone: str, *, by: str) -> TrialStatus:
    settings = settings_for((DATABASE, SECRET_KEY))
    seal = Seal(settings.secret_keys)
    wanted = Wanted(account, trial, phone, by)
    with (
        answering(),
        open_pool(settings.database_url, size=2, name=NAME) as pool,
        closing(TurboSms(settings.turbosms_url)) as provider,
        ThreadPoolExecutor(1) as posts,
    ):
        with transaction(pool) as connection:
            salt = secrets.salt(connection, seal)
            # Else the text would wait in the ledger for whoever opens the token.
            if token := accounts.sealed_tokens(connection).get(account):
                seal.open(token, token_of(account))
            else:
                raise stop(
                    _("{account} has no token. Give it one: perfectum-sms account token {account}", account=account)
                )
        sender = Sender(pool, ConfigurationCache(), provider, seal, posts, log_alert, never)
        return send_trial(sender, wanted, salt=salt)


def log_alert(event: str, facts: Mapping[str, object]) -> None:
    log.warning(event, **facts)


def never() -> bool:
    return False
