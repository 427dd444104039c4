"""Fields and people that are wrong beside good ones: they cost themselves and nobody else's text."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.faults.events.odd_values import changed, settled
from tests.faults.harness.environment import Stage
from tests.faults.harness.events import EVENT_TYPES, SENT, Events, Json, Publication
from tests.faults.harness.row import Result
from tests.faults.workers.process_ends import faulted
from tests.support.crm import rows

Change = Callable[[Json], object]
#: What PHP writes for nothing, and what nobody can read.
ODD: tuple[Any, ...] = (None, "", [], {}, False, "0000-00-00", "0000-00-00 00:00:00", {"x": [1]}, ["x"], "?", 10**17)
PEOPLE: tuple[Any, ...] = (None, [], 5, "people", {}, {"kind": "alien", "id": "1"}, {"kind": "contact"}, {"id": "1"})
OF_A_PERSON = ("lastname", "locale", "timezone", "consent", "role")
OF_DATA = ("client", "shortcodes")
OF_RECORDS: Mapping[str, tuple[str, ...]] = {
    "invoice": ("version", "status", "date", "duedate", "total", "cancel_overdue_reminders"),
    "booking": ("version", "end", "timezone", "remind_before"),
    "order": ("date", "change_id", "total"),
    "proposal": ("version", "datecreated", "open_till", "total"),
}
MISREAD = "SELECT count(*) FROM unrecognized_values"
DEAD_LETTERS = "SELECT count(*) FROM dead_letters"


def wrong_fields(stage: Stage, _runs: int) -> Result:
    """Of every type each field that it can do without, and each recipient beside a good one."""
    result = settled(stage, list(spoilt(stage.events)))
    [[named]], [[dead_letters]] = rows(stage.pool, MISREAD), rows(stage.pool, DEAD_LETTERS)
    faults = [f"{dead_letters} dead letters"] if dead_letters else []
    return faulted(result, faults if named else [*faults, "no field is named"])


def spoilt(events: Events) -> Iterator[Publication]:
    """Events with one wrong field, each of which sends one text."""
    for event_type in EVENT_TYPES:
        for change in changes(event_type):
            yield changed(events, event_type, SENT, change)


def changes(event_type: str) -> Iterator[Change]:
    """What may be wrong with an event of this type."""
    record = event_type.partition(".")[0]
    for wrong in ODD:
        for name in OF_DATA:
            yield lambda body, name=name, wrong=wrong: body["data"].update({name: wrong})
        for name in OF_A_PERSON:
            yield lambda body, name=name, wrong=wrong: body["data"]["recipients"][0].update({name: wrong})
        for name in OF_RECORDS.get(record, ()):
            yield lambda body, name=name, wrong=wrong: body["data"][record].update({name: wrong})
    for wrong in PEOPLE:
        yield lambda body, wrong=wrong: body["data"]["recipients"].append(wrong)
    yield lambda body: body["data"].update(recipients={"3": body["data"]["recipients"][0]})
