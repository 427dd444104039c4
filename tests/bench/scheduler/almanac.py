"""A calendar of a million contacts, written by PostgreSQL itself: many have their birthday today, none is due yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from schedules.reminders import tzdata
from worker.core.reminders.birthday import birthday_in
from worker.store.db.postgres import open_pool

#: As an event of the CRM leaves it there.
ENTRIES = """
INSERT INTO calendar (
    account, record_kind, record_id, moment, local_at, zone, version, changed_at, cancelled, data, rules_version
)
SELECT
    a.id, 'contact', 'c' || n, 'birthday', (%(born)s::timestamp [])[1 + n %% %(days)s], NULL, 1, %(now)s, FALSE,
    jsonb_build_object(
        'recipients', jsonb_build_array(jsonb_build_object(
            'kind', 'contact', 'id', 'c' || n, 'phonenumber', '+38067' || lpad(n::text, 7, '0'),
            'firstname', 'B' || lpad(n::text, 8, '0'), 'lastname', 'Дем''янюк',
            'email', n || '@example.ua', 'consent', TRUE
        )),
        'contact', jsonb_build_object(
            'id', 'c' || n, 'version', 1, 'firstname', 'B' || lpad(n::text, 8, '0'), 'lastname', 'Дем''янюк',
            'birthday', to_char((%(born)s::timestamp [])[1 + n %% %(days)s], '"--"MM-DD')
        ),
        'client', jsonb_build_object('id', (n / 20)::text, 'company', 'ТОВ «Будівельна мережа»', 'city', 'Київ'),
        'company', jsonb_build_object('name', 'ТОВ «Ромашка»', 'phone', '044 123 45 67')
    ),
    a.rules_version
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
INNER JOIN accounts AS a ON a.id = 'bench-' || n %% %(accounts)s
"""
TIMERS = """
INSERT INTO timers (account, record_kind, record_id, moment, rule, next_at, processed_until, rules_version)
SELECT
    a.id, 'contact', 'c' || n, 'birthday', 'contact_birthday', (%(next_ats)s::timestamptz [])[1 + n %% %(days)s],
    %(now)s, a.rules_version
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
INNER JOIN accounts AS a ON a.id = 'bench-' || n %% %(accounts)s
"""
#: Their hour is the minute in which the calendar is written; so many texts must not trip the runaway guard.
SETTINGS = """
WITH greeted AS (
    UPDATE triggers SET settings = jsonb_build_object('hour', %(hour)s::text) WHERE trigger = 'contact_birthday'
)
UPDATE accounts SET zone = %(zone)s, runaway_threshold = 100000000
"""
#: References hold by the statements above; a million look-ups would only take time.
UNCHECKED = "SET session_replication_role = replica"
LEAP_YEAR, CHUNK = 2000, 100_000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Almanac:
    """Contacts numbered from 1.

    Attributes:
        entries: how many there are.
        due: how many of them have their birthday today.
        at: the minute at which people are greeted, in a zone where it is about noon: no day ends meanwhile.
    """

    entries: int
    due: int
    accounts: int
    at: datetime
    echo: Callable[[str], None]

    def prepare(self, url: str) -> None:
        """Write everything but the timers that are due at once."""
        with open_pool(url, size=1, name="almanac") as pool:
            tzdata.note(pool)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SETTINGS, {"hour": f"{self.at:%H:%M}", "zone": str(self.at.tzinfo)})
            connection.execute(UNCHECKED)
            connection.execute(ENTRIES, self._values(1, self.due, [self.at.date()]))
            for first in range(self.due + 1, self.entries + 1, CHUNK):
                last = min(first + CHUNK - 1, self.entries)
                values = self._values(first, last, other_days(self.at.date()))
                connection.execute(ENTRIES, values)
                connection.execute(TIMERS, values)
                self.echo(f"scheduler: {last} rows of the calendar are written")
            connection.execute("VACUUM (ANALYZE) calendar, timers")
            # The calendar was there long before: its way to the disk is no part of what is measured.
            connection.execute("CHECKPOINT")

    def strike(self, url: str) -> datetime:
        """Let the hour of all come at once; the moment when it had come, by PostgreSQL's clock."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(UNCHECKED)
            connection.execute(TIMERS, self._values(1, self.due, [self.at.date()]))
            row = connection.execute("SELECT clock_timestamp()").fetchone()
            assert row
            return row[0]

    def _values(self, first: int, last: int, days: list[date]) -> Mapping[str, object]:
        hour = self.at.timetz()
        return {
            "first": first,
            "last": last,
            "accounts": self.accounts,
            "now": self.at - DAY,
            "days": len(days),
            "born": [datetime.combine(day, datetime.min.time()) for day in days],
            "next_ats": [datetime.combine(next_after(day, self.at.date()), hour) for day in days],
        }


def noon_almanac(entries: int, due: int, *, accounts: int, echo: Callable[[str], None]) -> Almanac:
    """One of this minute."""
    now = datetime.now(UTC)  # noqa: TID251 (the day on which it is measured)
    ahead = 12 - now.hour
    zone = ZoneInfo(f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC")
    at = now.astimezone(zone).replace(second=0, microsecond=0)
    return Almanac(entries, due, accounts, at, echo)


def other_days(today: date) -> list[date]:
    """Every day of birthdays, in a leap year, but for one."""
    first = date(LEAP_YEAR, 1, 1)
    days = (first + number * DAY for number in range(366))
    return [day for day in days if (day.month, day.day) != (today.month, today.day)]


def next_after(day: date, today: date) -> date:
    """The birthday on this day or after it."""
    days = (birthday_in(year, day) for year in (today.year, today.year + 1))
    return next(day for day in days if day >= today)
