"""What a demo's publication is: an event as a CRM would publish it, and what must become of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

Json = dict[str, Any]
End = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One publication and its expected end.

    Attributes:
        label: what happened, for the eye.
        ends: (trigger, state, reason) of every notification that must come of it.
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

    def event(self, name: str, event_type: str, **facts: object) -> Json:
        """A CloudEvent as this CRM would publish it."""
        return {
            "specversion": "1.0",
            "id": f"{self.run}-{name}",
            "source": f"/accounts/{self.account}",
            "type": event_type,
            "time": self.now.isoformat(),
            "datacontenttype": "application/json",
            "data": facts,
        }


def sent(trigger: str) -> End:
    """The end everybody hopes for."""
    return trigger, "delivered", None


def read(trigger: str) -> End:
    """What only Viber can tell."""
    return trigger, "read", None


def lost(trigger: str) -> End:
    """What TurboSMS took, and could not deliver."""
    return trigger, "undelivered", "undelivered"


def skipped(trigger: str, reason: str) -> End:
    """A row that says why nothing went out."""
    return trigger, "skipped", reason


def shot(label: str, published: Json, *ends: End, dead: str | None = None) -> Shot:
    """An event under its own routing key."""
    account = published["source"].removeprefix("/accounts/")
    return Shot(label, orjson.dumps(published), f"{account}.{published['type']}", published["id"], ends, dead)


def person(recipient_kind: str, phone: str, firstname: str, lastname: str, **more: object) -> Json:
    """Somebody the CRM finds eligible."""
    return {
        "kind": recipient_kind,
        "id": phone,
        "phonenumber": phone,
        "firstname": firstname,
        "lastname": lastname,
        **more,
    }


def uah(amount: str) -> Json:
    """Money of the contract."""
    return {"amount": amount, "currency": "UAH"}


def cause(shots: Iterable[Shot], event_id: str) -> str:
    """The id of the event that was published, for one that the scheduler published because of it."""
    causes = (item.event_id for item in shots if item.by_the_clock and event_id.startswith(item.by_the_clock))
    return next(causes, event_id)
