"""What a demo's publication is: an event as a CRM would publish it, and what must become of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import orjson

from worker.cli.event.examples import CLIENT, Json, envelope, facts

#: Trigger, state and reason of a notification.
End = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One publication and its expected end.

    Attributes:
        ends: of every notification that must come of it.
        dead: the reason of the dead letter that must come of it.
        by_the_clock: how the ids of events begin that the scheduler publishes because of it; the ends are theirs.
    """

    label: str
    body: bytes
    routing_key: str
    event_id: str
    ends: tuple[End, ...] = ()
    dead: str | None = None
    by_the_clock: str | None = None


@dataclass(frozen=True, slots=True)
class Crm:
    """A CRM installation of the demo: `run` makes its ids new, `now` its days, in its own zone."""

    account: str
    run: str
    now: datetime
    numbers: Iterator[int] = field(default_factory=lambda: count(901))

    def shot(
        self,
        label: str,
        event_type: str,
        *ends: str,
        to: Sequence[Json] = (),
        dead: str | None = None,
        **changes: Any,  # noqa: ANN401 (JSON)
    ) -> Shot:
        """Publish the example of a type with these changes; an end is `trigger state reason`."""
        event_id = f"{self.run}-{label.replace(' ', '-')}"
        known = facts(event_type, next(self.numbers), self.now)
        data = {"client": CLIENT, "recipients": to, **changed(known, changes)}
        event = envelope(event_id, event_type, self.account, data, now=self.now)
        return Shot(
            label, orjson.dumps(event), f"{self.account}.{event_type}", event_id, tuple(map(end_of, ends)), dead
        )

    def day(self, days: int) -> str:
        return (self.now + timedelta(days=days)).date().isoformat()


def changed(known: Json, changes: Mapping[str, object]) -> Json:
    """Change fields of records, and whole values of everything else; None takes a value away."""
    values: dict[str, Any] = {**known}
    for name, change in changes.items():
        values[name] = {**values[name], **change} if isinstance(change, Mapping) and name in values else change
    return {name: value for name, value in values.items() if value is not None}


def end_of(text: str) -> End:
    trigger, *rest = text.split()
    return trigger, rest[0] if rest else "delivered", rest[1] if rest[1:] else None


def expect_reminder(saved: Shot) -> Shot:
    """Expect its notifications of the event that the scheduler publishes."""
    record = saved.routing_key.split(".")[1]
    record_id = orjson.loads(saved.body)["data"][record]["id"]
    return replace(saved, by_the_clock=f"{saved.ends[0][0]}/{record_id}/")


def person(recipient_kind: str, phone: str, firstname: str, lastname: str, **more: object) -> Json:
    name = {"firstname": firstname, "lastname": lastname}
    return {"kind": recipient_kind, "id": phone, "phonenumber": phone, **name, **more}


def cause(shots: Iterable[Shot], event_id: str) -> str:
    """The id of the event that was published, for one that the scheduler published because of it."""
    causes = (item.event_id for item in shots if item.by_the_clock and event_id.startswith(item.by_the_clock))
    return next(causes, event_id)
