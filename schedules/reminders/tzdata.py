"""Which time zones of the world this process goes by; newer ones make every timer be computed anew."""

import zoneinfo
from pathlib import Path

import tzdata

from worker.logs.setup import log
from worker.store.db.postgres import Pool, transaction
from worker.store.reminders import calendar_entries

#: The zones as text, with their version in the first line; Python looks there before its own package.
SOURCE = "tzdata.zi"


def version() -> str:
    """Name the version of the time zones that `zoneinfo` reads from now on, such as `2026a`.

    Use the system's zones where they name their version, else the package's: an unnamed version cannot be compared.
    """
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / "Europe" / "Kyiv").exists():
            if named := version_in(folder / SOURCE):
                return named
            zoneinfo.reset_tzpath(to=())
            zoneinfo.ZoneInfo.clear_cache()
            break
    return tzdata.IANA_VERSION


def version_in(source: Path) -> str | None:
    try:
        with source.open() as lines:
            return next(lines, "").removeprefix("# version ").strip() or None
    except OSError:
        return None


#: Zones are read once by each process.
VERSION = version()


def note(pool: Pool) -> None:
    with transaction(pool) as connection:
        if calendar_entries.note_zones(connection, VERSION):
            log.info("tzdata.recorded", tzdata=VERSION)
