"""What admins set, read as one value and kept until its version number changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from psycopg import sql
from psycopg.rows import TupleRow

from worker.core.account import Account, Budget, Custom, Limits, Switch, Text, Timing, Window
from worker.core.catalogue import TRIGGERS
from worker.core.pace import Rate
from worker.core.price import Prices, price_of
from worker.core.spelling import Spelling
from worker.core.switch_settings import read
from worker.core.viber import Options, read_options
from worker.store.postgres import Asked, Connection, one

VERSION = "SELECT version, clock_timestamp() FROM configuration"

#: What a batch of events begins with.
QUESTION = sql.SQL(VERSION)

ACCOUNTS = """
SELECT
    id, name, sms_sender, zone, locale, window_opens, window_closes, key_life, in_flight, post_mode, multi_max,
    requests_per_s, segments_per_s, person_hour_max, person_day_max, same_text, brake_from, plain_punctuation,
    transliterate, custom_shortcodes, segment_price, viber_sender, viber_instead, viber_reach_days,
    daily_budget, daily_segments, over_budget,
    (SELECT price FROM prices WHERE account = id AND channel = 'sms'),
    (SELECT price FROM prices WHERE account = id AND channel = 'viber'), token
FROM accounts
"""

SWITCHES = "SELECT account, trigger, channel, in_doubt, settings FROM triggers WHERE switched_on"

#: Rows of a trigger that was switched off may still be waiting.
BUDGETS = """
SELECT account, trigger, daily_budget, daily_segments, over_budget FROM triggers
WHERE daily_budget IS NOT NULL OR daily_segments IS NOT NULL
"""

TEXTS = """
SELECT DISTINCT ON (t.id)
    t.account, t.trigger, t.name, t.section, t.locale, t.id, v.version, v.text, t.missing, t.viber
FROM templates AS t
INNER JOIN template_versions AS v ON t.id = v.template
ORDER BY t.id, v.version DESC
"""

#: Triggers that need no text of an admin's.
FREE = frozenset(trigger.id for trigger in TRIGGERS if trigger.is_free)


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
    texts, customs = texts_of(connection)
    switches: dict[str, dict[str, Switch]] = defaultdict(dict)
    timings: dict[str, dict[str, Timing]] = defaultdict(dict)
    for account, trigger, channel, in_doubt, settings in connection.execute(SWITCHES):
        given = read(settings)
        switch = Switch(channel, texts[account, trigger], in_doubt == "repeat", given.sent, given.age_max)
        if trigger in FREE or switch.text_in():
            switches[account][trigger] = switch
        if timing := given.timing_of(trigger):
            timings[account][trigger] = timing
    budgets: dict[str, dict[str, Budget]] = defaultdict(dict)
    for account, trigger, cost, segments, over in connection.execute(BUDGETS):
        if budget := budget_of(cost, segments, over):
            budgets[account][trigger] = budget
    rows = connection.execute(ACCOUNTS).fetchall()
    accounts = {
        id_: replace(
            account_of(row), switches=switches[id_], customs=customs[id_], timings=timings[id_], budgets=budgets[id_]
        )
        for row in rows
        for id_ in row[:1]
    }
    return Configuration(version, accounts, {row[0]: row[-1] for row in rows})


def texts_of(
    connection: Connection,
) -> tuple[dict[tuple[str, str], dict[str, Text]], dict[str, dict[str, Custom]]]:
    """The texts of triggers by language, and the custom templates of accounts by name."""
    texts: dict[tuple[str, str], dict[str, Text]] = defaultdict(dict)
    customs: dict[str, dict[str, Custom]] = defaultdict(dict)
    for account, trigger, name, section, locale, template, number, text, missing, viber in connection.execute(TEXTS):
        found = {locale: Text(template, number, text, missing == "fail", options_of(viber))}
        if name is None:
            texts[account, trigger].update(found)
        else:
            known = customs[account].get(name)
            customs[account][name] = Custom(section, {**(known.texts if known else {}), **found})
    return texts, customs


def options_of(kept: object | None) -> Options:
    """What a template asks of Viber; what nobody could send is not asked, and the words go without it."""
    try:
        return read_options(kept or {})
    except ValueError:
        return Options()


def budget_of(cost: Decimal | None, segments: int | None, over: str) -> Budget | None:
    """A budget in a row; None where there is none."""
    return None if cost is None and segments is None else Budget(cost, segments, over == "stop")


def account_of(row: TupleRow) -> Account:
    """One row of ACCOUNTS, as if nothing was switched on."""
    return Account(
        id=row[0],
        name=row[1],
        sms_sender=row[2],
        zone=row[3],
        locale=row[4],
        window=Window(row[5], row[6]),
        key_life=row[7],
        in_flight=row[8],
        switches={},
        post_mode=row[9],
        multi_max=row[10],
        rate=Rate(row[11], row[12]),
        limits=Limits(row[13], row[14], row[15]),
        brake_from=row[16],
        spelling=Spelling(row[17], row[18]),
        custom_shortcodes=tuple(row[19]),
        viber_sender=row[21],
        viber_instead=row[22],
        viber_reach_days=row[23],
        budget=budget_of(*row[24:27]),
        prices=Prices(price_of(row[20], row[27]), price_of(None, row[28])),
    )
