"""What admins set: one copy for a process, of which an account is read anew when its version number changes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from sys import intern
from threading import Lock

from worker.core.accounts.account import Account, Budget, Custom, Switch, Text, Timing, budget_of
from worker.core.accounts.price import Prices, price_of
from worker.core.reminders.trigger_settings import read
from worker.core.texts.viber_message import Options, read_options
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts.account_settings import COLUMNS, fields_of
from worker.store.db.postgres import Connection, Pool, each_alone, query_row, transaction

VERSION = "SELECT version, clock_timestamp() FROM configuration"

#: Whose settings changed since a version; removed accounts too.
CHANGED = "SELECT account FROM account_versions WHERE version > %(version)s"
ALL = "SELECT id FROM accounts"

#: Every statement of a load sees the same moment.
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"

ACCOUNTS = f"""
SELECT
    {COLUMNS}, (SELECT price FROM prices WHERE account = id AND channel = 'sms'),
    (SELECT price FROM prices WHERE account = id AND channel = 'viber'), id, token
FROM accounts
WHERE id = ANY(%(ids)s)
"""

SWITCHES = """
SELECT account, trigger, channel, if_unconfirmed, settings FROM triggers WHERE switched_on AND account = ANY(%(ids)s)
"""

#: Rows of a trigger that was switched off may still be waiting.
BUDGETS = """
SELECT account, trigger, daily_budget, daily_segments, over_budget FROM triggers
WHERE (daily_budget IS NOT NULL OR daily_segments IS NOT NULL) AND account = ANY(%(ids)s)
"""

TEXTS = """
SELECT t.account, t.trigger, t.name, t.section, t.locale, t.id, v.version, v.text, t.missing, t.viber
FROM templates AS t
CROSS JOIN LATERAL (
    SELECT version, text FROM template_versions WHERE template = t.id ORDER BY version DESC LIMIT 1
) AS v
WHERE t.account = ANY(%(ids)s)
"""

#: Accounts of one statement.
AT_ONCE = 500
#: How long a thread waits for another one that reads what changed, before it goes on with what is held.
PATIENCE_S = 1.0

NO_OPTIONS = Options()
#: Triggers that need no text of an admin's.
FREE = frozenset(trigger.id for trigger in TRIGGERS if trigger.is_free)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Every account by id, and its sealed token, as of one version."""

    version: int
    accounts: Mapping[str, Account]
    tokens: Mapping[str, bytes]


def ask_version(connection: Connection) -> Iterator[tuple[int, datetime]]:
    """Ask for the version and the time, for whoever asks more before anything is answered."""
    return ((version, now) for version, now in connection.execute(VERSION))


class OutdatedError(Exception):
    """The cache is older than the database: refresh it before the transaction begins, not in it."""


class ConfigurationCache:
    """The newest configuration that this process has read; one thread at a time reads changes."""

    def __init__(self) -> None:
        self._held = Configuration(-1, {}, {})
        self.reading = Lock()

    @property
    def held(self) -> Configuration:
        """What was read last, however old."""
        return self._held

    def as_of(self, version: int) -> Configuration:
        """Return the cache in a transaction that has just asked for the version; a thread that reads is not waited for.

        Raises:
            OutdatedError: it is older, and nobody reads what changed; `fresh` does.
        """
        held = self._held
        if held.version < version and (held.version < 0 or not self.reading.locked()):
            raise OutdatedError
        return held

    def fresh(self, pool: Pool) -> tuple[Configuration, datetime]:
        """Return the current configuration and time, before a transaction begins.

        While another thread reads changes, go on with the cache after PATIENCE_S.
        """
        with each_alone(pool) as connection:
            version, now = query_row(connection, VERSION)
        held = self._held
        if held.version != version and self.reading.acquire(timeout=-1 if held.version < 0 else PATIENCE_S):
            try:
                with transaction(pool) as connection:
                    connection.execute(SNAPSHOT)
                    self._held = newest(connection, self._held)
            finally:
                self.reading.release()
        return self._held, now

    def look(self, connection: Connection) -> tuple[Configuration, datetime]:
        """Return configuration and time in the caller's transaction: never older than what it has read before."""
        version, now = query_row(connection, VERSION)
        if self._held.version != version:
            with self.reading:
                self._held = newest(connection, self._held)
        return self._held, now


def newest(connection: Connection, held: Configuration) -> Configuration:
    version, _ = query_row(connection, VERSION)
    if version == held.version:
        return held
    # Of a database that was set back nothing is known.
    known = held if -1 < held.version < version else Configuration(-1, {}, {})
    rows = connection.execute(ALL if known.version < 0 else CHANGED, {"version": known.version})
    changed = [account for (account,) in rows]
    accounts, tokens = dict(known.accounts), dict(known.tokens)
    for account in changed:
        accounts.pop(account, None)
        tokens.pop(account, None)
    for first in range(0, len(changed), AT_ONCE):
        for account, token in load(connection, changed[first : first + AT_ONCE]):
            before = known.accounts.get(account.id)
            # New rules for reminders in a zone change every account of it, and nothing that is held of them.
            accounts[account.id] = before if before and before == account else account
            tokens[account.id] = token
    return Configuration(version, accounts, tokens)


def load(connection: Connection, ids: Sequence[str]) -> Iterator[tuple[Account, bytes]]:
    only = {"ids": ids}
    texts, customs = texts_of(connection, ids)
    switches: dict[str, dict[str, Switch]] = defaultdict(dict)
    timings: dict[str, dict[str, Timing]] = defaultdict(dict)
    for account, trigger, channel, if_unconfirmed, settings in connection.execute(SWITCHES, only):
        given = read(settings)
        switch = Switch(channel, texts[account, trigger], if_unconfirmed == "resend", given.sent, given.age_max)
        if trigger in FREE or switch.text_in():
            switches[account][trigger] = switch
        if timing := given.timing_of(trigger):
            timings[account][trigger] = timing
    budgets: dict[str, dict[str, Budget]] = defaultdict(dict)
    for account, trigger, cost, segments, over in connection.execute(BUDGETS, only):
        if budget := budget_of(cost, segments, over):
            budgets[account][trigger] = budget
    for *row, sms, viber, account, token in connection.execute(ACCOUNTS, only).fetchall():
        settings = fields_of(row)
        prices = Prices(price_of(settings["segment_price"], sms), price_of(None, viber))
        held = Account(
            **settings,
            id=account,
            switches=switches[account],
            customs=customs[account],
            timings=timings[account],
            budgets=budgets[account],
            prices=prices,
        )
        yield held, token


def texts_of(
    connection: Connection, ids: Sequence[str]
) -> tuple[Mapping[tuple[str, str], dict[str, Text]], Mapping[str, dict[str, Custom]]]:
    texts: dict[tuple[str, str], dict[str, Text]] = defaultdict(dict)
    customs: dict[str, dict[str, Custom]] = defaultdict(dict)
    # The oldest first; sorted here, for PostgreSQL would read all templates in this order.
    for row in sorted(connection.execute(TEXTS, {"ids": ids}), key=itemgetter(5)):
        account, trigger, name, section, locale, template, number, text, missing, viber = row
        # Most accounts have the words that they began with: once in memory for all.
        text_in = {intern(locale): Text(template, number, intern(text), missing == "fail", options_of(viber))}
        if name is None:
            texts[account, trigger].update(text_in)
        else:
            known = customs[account].get(name)
            customs[account][name] = Custom(section, {**(known.texts if known else {}), **text_in})
    return texts, customs


def options_of(kept: object | None) -> Options:
    """Read a template's Viber options; unusable ones are dropped, and the text goes without them."""
    if not kept:
        return NO_OPTIONS
    try:
        return read_options(kept)
    except ValueError:
        return NO_OPTIONS
