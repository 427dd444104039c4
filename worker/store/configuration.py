"""What admins set, read as one value and kept until its version number changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import TupleRow

from worker.core.account import Account, Limits, Switch, Text, Window
from worker.core.pace import Rate
from worker.core.viber import Options, read_options
from worker.store.postgres import Asked, Connection, one

VERSION = "SELECT version, clock_timestamp() FROM configuration"

#: What a batch of events begins with.
QUESTION = sql.SQL(VERSION)

ACCOUNTS = """
SELECT
    id, name, sms_sender, zone, locale, window_opens, window_closes, key_life, in_flight, post_mode, multi_max,
    requests_per_s, segments_per_s, person_hour_max, person_day_max, same_text, brake_from, viber_sender, viber_instead,
    token
FROM accounts
"""

SWITCHES = "SELECT account, trigger, channel, in_doubt FROM triggers WHERE switched_on"

TEXTS = """
SELECT DISTINCT ON (t.id) t.account, t.trigger, t.locale, t.id, v.version, v.text, t.viber
FROM templates AS t
INNER JOIN template_versions AS v ON t.id = v.template
WHERE t.trigger IS NOT NULL
ORDER BY t.id, v.version DESC
"""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Every account by id, and the token of each, still sealed, as of one version."""

    version: int
    accounts: Mapping[str, Account]
    tokens: Mapping[str, bytes]


class ConfigurationCache:
    """Holds the newest configuration read; each look costs one cheap query."""

    def __init__(self) -> None:
        self._held = Configuration(-1, {}, {})

    def look(self, connection: Connection) -> tuple[Configuration, datetime]:
        """The configuration of now, and now."""
        return self.after(one(connection, VERSION), connection)

    def after(self, asked: Asked, connection: Connection) -> tuple[Configuration, datetime]:
        """The same once VERSION, and perhaps more, was asked."""
        version, now, *_ = asked
        held = self._held
        if held.version != version:
            held = self._held = load(connection, version)
        return held, now


def load(connection: Connection, version: int) -> Configuration:
    """Read everything anew."""
    texts: dict[tuple[str, str], dict[str, Text]] = defaultdict(dict)
    for account, trigger, locale, template, number, text, viber in connection.execute(TEXTS):
        texts[account, trigger][locale] = Text(template, number, text, options_of(viber))
    switches: dict[str, dict[str, Switch]] = defaultdict(dict)
    for account, trigger, channel, in_doubt in connection.execute(SWITCHES):
        switch = Switch(channel, texts[account, trigger], in_doubt == "repeat")
        if switch.text_in():
            switches[account][trigger] = switch
    found = connection.execute(ACCOUNTS).fetchall()
    accounts = {row[0]: account_of(row, switches[row[0]]) for row in found}
    return Configuration(version, accounts, {row[0]: row[-1] for row in found})


def options_of(kept: object | None) -> Options:
    """What a template asks of Viber; what nobody could send is not asked, and the words go without it."""
    try:
        return read_options(kept or {})
    except ValueError:
        return Options()


def account_of(row: TupleRow, switches: Mapping[str, Switch]) -> Account:
    """One row of ACCOUNTS with what is switched on."""
    return Account(
        id=row[0],
        name=row[1],
        sms_sender=row[2],
        zone=row[3],
        locale=row[4],
        window=Window(row[5], row[6]),
        key_life=row[7],
        in_flight=row[8],
        switches=switches,
        post_mode=row[9],
        multi_max=row[10],
        rate=Rate(row[11], row[12]),
        limits=Limits(row[13], row[14], row[15]),
        brake_from=row[16],
        viber_sender=row[17],
        viber_instead=row[18],
    )
