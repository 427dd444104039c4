"""What may be wrong with a dated record and does not keep it out of the calendar, and how it is taken instead."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from worker.core.clock.quiet_hours import zone_of
from worker.core.contract.attributes import Field
from worker.core.contract.data import Record, Starting
from worker.core.contract.facts import as_text
from worker.core.contract.fields import NO_DAY
from worker.language import marked

#: `instant` has an offset and perhaps a zone, `day` is a date of the account, `birthday` a day of every year.
Shape = Literal["instant", "day", "birthday"]
#: Clocks on earth are no further from UTC than this.
WEST, EAST = timedelta(hours=-12), timedelta(hours=14)

#: Not of the event: the program itself failed on it.
QUARANTINED = "left_aside"
#: The alert for it.
ENTRIES_QUARANTINED = "calendar.quarantined"
CORRECTIONS: Mapping[str, str] = {
    "zone_unknown": marked("no such zone: the account's is taken"),
    "offset_differs": marked("the offset is not the zone's: the moment follows the offset, the hour follows the zone"),
    "offset_unreal": marked("no clocks on earth are that far from UTC: the moment follows the offset"),
    "end_before_start": marked("it ends before it starts: the end is not used"),
    "remind_before_unreadable": marked("remind_before is no list of minutes before: the account's are taken"),
    "day_unreadable": marked("no day such as 2026-11-23: the record has none"),
    QUARANTINED: marked(
        "a fault of this program, see its log: no reminder is sent until the record or the rules change"
    ),
}


def corrections(
    record: Record, field: Field[datetime | None] | Field[date | None], shape: Shape, zone: str | None
) -> Iterator[str]:
    """What is wrong with a record that has a moment, as keys of CORRECTIONS; `zone` is its own, if there is one."""
    moment = field.of(record)
    if shape == "day":
        if moment is None and as_text(field.written(record)) not in NO_DAY:
            yield "day_unreadable"
        return
    if zone is None and record.timezone:
        yield "zone_unknown"
    if isinstance(moment, datetime):
        yield from odd_moments(record, moment, zone)


def odd_moments(record: Record, start: datetime, zone: str | None) -> Iterator[str]:
    offset = start.utcoffset() or timedelta()
    if not WEST <= offset <= EAST:
        yield "offset_unreal"
    # A CRM that writes all its moments in UTC means no other offset by it.
    elif zone and offset and start.astimezone(zone_of(zone)).utcoffset() != offset:
        yield "offset_differs"
    end = Starting.end.of(record)
    if end is not None and end < start:
        yield "end_before_start"
    if Starting.remind_before.written(record) is not None and Starting.remind_before.of(record) is None:
        yield "remind_before_unreadable"
