"""Clock changes of every zone, leap days, jumps of the clock, zones that change: each moment once, and never early."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from schedules.reminders import tzdata
from tests.faults.clock.clocks import Clock, clock_of, first_at
from tests.faults.harness.environment import Stage
from tests.faults.harness.row import Result
from tests.faults.workers.process_ends import faulted
from tests.support.crm import Json, execute
from worker.core.clock.quiet_hours import known_zone

YEARS = (2026, 2027)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: By account, the time of day at which people are greeted: clocks change at one of these hours nearly everywhere.
HOURS = {"acme": "0:30", "beta": "2:30", "gamma": "3:30"}
GREET = "UPDATE triggers SET settings = jsonb_build_object('hour', %s::text) WHERE trigger = 'contact_birthday'"
GREET_OF = GREET + " AND account = %s"
SINCE_EVER = "UPDATE accounts SET rules_since = 'epoch'"
ZONE = "UPDATE accounts SET zone = %s WHERE id = 'acme'"
CLOCKS = "UPDATE tzdata_version SET tzdata = %s"
KYIV = "Europe/Kyiv"
Expected = dict[str, list[datetime]]


def clocks_change(stage: Stage, runs: int) -> Result:
    """Birthdays before, on and after each clock change of so many zones, at an hour that is left out or comes twice."""
    names = sorted(name for name in available_timezones() if known_zone(name) == name)
    chosen = names if runs >= len(names) else sorted(stage.random.sample(names, runs))
    expected: Expected = {}
    for account, hour in HOURS.items():
        execute(stage.pool, GREET_OF, hour, account)
    with clock_of(stage) as clock:
        people = [item for name in chosen for item in birthdays_around_changes(name)]
        clock.save("contact", people)
        for person in people:
            expected[person["id"]] = [greeted(person, year) for year in YEARS]
        through(clock, expected)
        return clock.result(expected, zones=len(chosen), people=len(people))


def birthdays_around_changes(zone: str) -> Iterator[Json]:
    """Contacts of a zone with birthdays on the days of its clock changes and beside them; one where it has none."""
    days = {change + number * DAY for change in changes(zone) for number in (-1, 0, 1)} or {date(2026, 3, 29)}
    for number, (month, day) in enumerate(sorted({(day.month, day.day) for day in days})):
        account = tuple(HOURS)[number % len(HOURS)]
        record = f"{zone}/{month:02}-{day:02}/{account}"
        yield {"id": record, "birthday": f"--{month:02}-{day:02}", "timezone": zone, "account": account}


def changes(zone: str) -> list[date]:
    """Local days on which clocks of a zone are put on or back."""
    zone_info, first = ZoneInfo(zone), datetime(YEARS[0], 1, 1, tzinfo=UTC)
    moments = [first + number * DAY for number in range(2 * 365 + 1)]
    offsets = [at.astimezone(zone_info).utcoffset() for at in moments]
    return [
        moments[index].astimezone(zone_info).date()
        for index in range(1, len(moments))
        if offsets[index] != offsets[index - 1]
    ]


def greeted(body: Json, year: int) -> datetime:
    """When a contact is due in a year, computed without the product's rules."""
    account, month_day = body["id"].rpartition("/")[2], body["birthday"].removeprefix("--")
    hour, minute = map(int, HOURS[account].split(":"))
    month, day = map(int, month_day.split("-"))
    return first_at(datetime(year, month, day, hour, minute), body["timezone"])  # noqa: DTZ001 (of clocks on a wall)


def through(clock: Clock, expected: Expected) -> None:
    """Let the clock show each moment, and the moment just before it where it is far enough from the last."""
    last = clock.now
    clock.shows(last)
    for at in sorted({at for moments in expected.values() for at in moments}):
        if at - last > HOUR:
            clock.shows(at - timedelta(seconds=1))
        clock.shows(at)
        last = at


def leap_days(stage: Stage, _runs: int) -> Result:
    """A birthday on 29 February is due once a year, on the 28th in common years."""
    execute(stage.pool, GREET, "9:00")
    years = {2026: 28, 2027: 28, 2028: 29, 2029: 28}
    expected = {"leap": [first_at(datetime(year, 2, day, 9), KYIV) for year, day in years.items()]}  # noqa: DTZ001
    with clock_of(stage) as clock:
        clock.save("contact", [{"id": "leap", "birthday": "--02-29"}])
        through(clock, expected)
        return clock.result(expected, years=len(years))


def jumps(stage: Stage, runs: int) -> Result:
    """The clock goes back two hours, on a day and back, again and again while people have their birthdays."""
    execute(stage.pool, GREET, "9:00")
    first = date(2026, 12, 1)
    people = [(f"p{number}", first + (number % 20) * DAY) for number in range(10 * runs)]
    expected = {name: [first_at(datetime(day.year, day.month, day.day, 9), KYIV)] for name, day in people}  # noqa: DTZ001
    moments = sorted({at for moments in expected.values() for at in moments})
    with clock_of(stage) as clock:
        clock.save("contact", [{"id": name, "birthday": f"--{day.month:02}-{day.day:02}"} for name, day in people])
        clock.shows(clock.now)
        for at in moments:
            for jump in (timedelta(), -2 * HOUR, timedelta(), DAY, timedelta()):
                clock.shows(at + jump)
        return clock.result(expected, jumps=4 * len(moments))


def zone_changed(stage: Stage, runs: int) -> Result:
    """An admin moves the account from Kyiv to New York, and back, while birthdays wait."""
    execute(stage.pool, GREET, "9:00")
    day, names = date(2026, 12, 10), [f"p{number}" for number in range(20 * runs)]
    local = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001 (of clocks on a wall)
    expected = {name: [first_at(local, "America/New_York")] for name in names}
    with clock_of(stage) as clock:
        clock.save("contact", [{"id": name, "birthday": "--12-10"} for name in names])
        for zone in ("America/New_York", KYIV, "America/New_York"):
            clock.shows(first_at(local, KYIV) - DAY)
            execute(stage.pool, ZONE, zone)
            execute(stage.pool, SINCE_EVER)
        clock.shows(first_at(local, KYIV))
        through(clock, expected)
        return clock.result(expected, changes=3)


def new_zones(stage: Stage, runs: int) -> Result:
    """Newer time zones come while birthdays wait; a scheduler with older zones than another publishes nothing."""
    execute(stage.pool, GREET, "9:00")
    at = first_at(datetime(2026, 12, 10, 9), KYIV)  # noqa: DTZ001 (of clocks on a wall)
    expected = {f"p{number}": [at] for number in range(20 * runs)}
    with clock_of(stage) as clock:
        tzdata.note(stage.pool)
        clock.save("contact", [{"id": name, "birthday": "--12-10"} for name in expected])
        clock.shows(at - DAY)
        execute(stage.pool, CLOCKS, "9999z")
        clock.shows(at)
        silent = not clock.lines
        execute(stage.pool, CLOCKS, "1999a")
        tzdata.note(stage.pool)
        clock.shows(at + HOUR)
        result = clock.result(expected)
    return faulted(result, [] if silent else ["published by zones that are out of date"])


def ends_of_months(stage: Stage, _runs: int) -> Result:
    """Contracts that end on the last and first days of months: four days before and on the day, at 9:00."""
    firsts = [date(2026 + number // 12, number % 12 + 1, 1) for number in range(1, 15)]
    lasts = [day for first in firsts for day in (first - DAY, first)]
    expected = {
        f"k{last}": [
            first_at(datetime(day.year, day.month, day.day, 9), KYIV)  # noqa: DTZ001 (of clocks on a wall)
            for day in (last - 4 * DAY, last)
        ]
        for last in lasts
    }
    with clock_of(stage) as clock:
        records = [{"id": f"k{last}", "subject": "Оренда", "dateend": last.isoformat()} for last in lasts]
        clock.save("contract", records)
        through(clock, expected)
        return clock.result(expected, contracts=len(lasts))
