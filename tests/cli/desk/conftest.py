import re
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import dropwhile
from threading import Event

import pytest
from typer.core import TyperGroup

from tests.cli.conftest import Command, Ran
from tests.support.crm import SECRET
from tests.support.simulated_provider import Provider
from worker.cli.lazy_commands import COMMANDS, loaded
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction
from worker.turbosms.client import TurboSms

OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


class Desk:
    """Whoever types commands and knows nothing but what `--help` says of them."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._taught = cache(self._options)
        self.said: list[str] = []

    def __call__(self, *args: str) -> Ran:
        words = command_in(args)
        typed = {word for word in args if OPTION.fullmatch(word)}
        assert typed <= self._taught(*words) | self._taught(), words
        result = self._command(*args)
        self.said.append(result.out + result.err)
        return result

    def _options(self, *words: str) -> set[str]:
        """What the help of a command names."""
        shown = self._command(*words, "--help", COLUMNS="80").out
        return {*OPTION.findall(shown)}


def command_in(args: Sequence[str]) -> Sequence[str]:
    """The name of the command in what is typed: of one word, or of two."""
    name, *rest = dropwhile(lambda word: word not in COMMANDS, args)
    group = loaded(name)
    return [name, rest[0]] if isinstance(group, TyperGroup) and rest[0] in group.commands else [name]


@pytest.fixture
def intake(pool: Pool) -> Intake:
    """With the salt of this database: what a desk looks up by a phone is found."""
    with transaction(pool) as connection:
        return Intake(pool, ConfigurationCache(), secrets.salt(connection, Seal([SECRET])))


@pytest.fixture
def desk(shop: Command) -> Desk:
    return Desk(shop)


def nobody_told(_name: str, _facts: Mapping[str, object]) -> None:
    """Alerts are nothing to the desk."""


@pytest.fixture
def sender(intake: Intake, provider: Provider) -> Generator[Sender]:
    client = TurboSms(provider.url, deadline_s=3)
    with ThreadPoolExecutor(8) as posts:
        yield Sender(intake.pool, intake.cache, client, Seal([SECRET]), posts, nobody_told, Event().is_set)
    client.close()
