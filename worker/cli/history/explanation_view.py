"""A timeline on the terminal: moments and sentences, then what to do; as JSON with both languages."""

from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from worker.cli.moments import localized, wants_utc, without_zone, zone_name
from worker.cli.terminal import console
from worker.core.clock.quiet_hours import zone_of
from worker.core.history.timeline import Entry
from worker.language import _, of_pair
from worker.logs.redaction import visible
from worker.steps.history.why import Explanation

UTC_NAME = "UTC"


def wanted_zone() -> str | None:
    """The zone of all moments where one is asked for; None: each account's."""
    return UTC_NAME if wants_utc.get() else None


def show_explanation(explanation: Explanation) -> None:
    console().print(Group(*parts(explanation)))


def parts(explanation: Explanation) -> Iterator[RenderableType]:
    """The subject and the zone of its moments, the timeline, and what can be done."""
    zone = zone_of(explanation.zone)
    named = zone_name(localized(explanation.entries[0].at, zone)) if explanation.entries else explanation.zone
    yield Text(visible(" · ".join(filter(None, (explanation.account, explanation.subject, named)))), style="bold")
    is_shared = len({entry.about for entry in explanation.entries if entry.code.startswith("text.")}) > 1
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for entry in explanation.entries:
        grid.add_row(without_zone(localized(entry.at, zone)), Text(visible(sentence(entry, is_shared=is_shared))))
    yield grid
    for remedy in explanation.remedies:
        yield Padding(Text(visible(_("To do: {remedy}", remedy=of_pair(remedy)))), (0, 0, 0, 2))


def sentence(entry: Entry, *, is_shared: bool) -> str:
    """A sentence of one of several texts begins with its id."""
    is_of_one = is_shared and entry.about and entry.code.startswith(("text.", "now."))
    return f"{entry.about}: {of_pair(entry.sentence)}" if is_of_one else of_pair(entry.sentence)


def explanation_as_json(explanation: Explanation) -> dict[str, object]:
    return {
        "account": explanation.account,
        "subject": explanation.subject,
        "zone": explanation.zone,
        "entries": [
            {
                "at": entry.at,
                "code": entry.code,
                "reason": entry.reason,
                "about": entry.about,
                **asdict(entry.sentence),
                "remedies": list(map(asdict, entry.remedies)),
            }
            for entry in explanation.entries
        ],
        "remedies": list(map(asdict, explanation.remedies)),
    }
