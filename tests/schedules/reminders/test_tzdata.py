import zoneinfo
from collections.abc import Generator
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
import tzdata

from schedules.reminders import tzdata as zones
from tests.schedules.almanac import DAY, NOON, Almanac, meeting
from tests.support.crm import execute, rows


def test_the_version_of_tzdata_is_read_from_its_source_file(tmp_path: Path) -> None:
    source = tmp_path / "tzdata.zi"
    source.write_text("# version 2026c\n# This zic input file is in the public domain.\n")

    assert zones.version_in(source) == "2026c"
    assert zones.version_in(tmp_path / "nothing") is None
    assert zones.VERSION[:2] == "20"


def test_newer_zones_make_every_timer_be_computed_anew_once(almanac: Almanac, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(almanac.pool, "DELETE FROM tzdata_version")
    almanac.publish("meeting.saved", meeting(NOON + 2 * DAY))
    zones.note(almanac.pool)
    assert almanac.time() == 1
    zones.note(almanac.pool)
    assert almanac.time() == 0
    monkeypatch.setattr(zones, "VERSION", "2099z")

    zones.note(almanac.pool)

    assert rows(
        almanac.pool, "SELECT count(*) FROM calendar AS c, accounts AS a WHERE c.rules_version < a.rules_version"
    ) == [(1,)]
    execute(almanac.pool, "DELETE FROM tzdata_version")


def test_a_scheduler_with_older_zones_leaves_the_calendar_to_the_others(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(NOON + 2 * DAY))
    almanac.time()
    execute(almanac.pool, "DELETE FROM tzdata_version")
    execute(almanac.pool, "INSERT INTO tzdata_version (tzdata) VALUES ('2099z')")
    almanac.now = NOON + DAY

    assert almanac.tick() == []
    execute(almanac.pool, "DELETE FROM tzdata_version")
    assert almanac.tick() == ["meeting.reminder_due"]


@pytest.fixture
def zones_of_the_system(tmp_path: Path) -> Generator[Path]:
    """Where `zoneinfo` looks: Warsaw's rules under Kyiv's name."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe/Kyiv").write_bytes(files("tzdata.zoneinfo.Europe").joinpath("Warsaw").read_bytes())
    zoneinfo.reset_tzpath(to=[tmp_path])
    zoneinfo.ZoneInfo.clear_cache()
    yield tmp_path
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def test_zones_of_the_system_with_a_version_are_used(zones_of_the_system: Path) -> None:
    (zones_of_the_system / zones.SOURCE).write_text("# version 2030a\n")

    assert (zones.version(), in_kyiv()) == ("2030a", timedelta(hours=1))


def test_zones_of_the_system_without_a_version_are_replaced(
    zones_of_the_system: Path,
) -> None:
    assert (zones_of_the_system / "Europe/Kyiv").exists()
    assert in_kyiv() == timedelta(hours=1)

    assert (zones.version(), in_kyiv()) == (tzdata.IANA_VERSION, timedelta(hours=2))


def in_kyiv() -> timedelta | None:
    return datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Kyiv")).utcoffset()
