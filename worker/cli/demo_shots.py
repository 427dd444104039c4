"""What a demo's publication is: an event as a CRM would publish it, and what must become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from worker.core.receipt import STEPS

Json = dict[str, Any]
End = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One publication and its expected end.

    Attributes:
        label: what happened, for the eye.
        ends: (trigger, state, reason) of every notification that must come of it.
        dead: the reason of the dead letter that must come of it.
    """

    label: str
    body: bytes
    routing_key: str
    event_id: str
    ends: tuple[End, ...] = ()
    dead: str | None = None


@dataclass(frozen=True, slots=True)
class Crm:
    """A CRM installation of the demo: `run` makes its ids new, `now` its days, in its own zone."""

    account: str
    run: str
    now: datetime

    def event(self, name: str, kind: str, **facts: object) -> Json:
        """A CloudEvent as this CRM would publish it."""
        return {
            "specversion": "1.0",
            "id": f"{self.run}-{name}",
            "source": f"/accounts/{self.account}",
            "type": kind,
            "time": self.now.isoformat(),
            "datacontenttype": "application/json",
            "data": facts,
        }


def end_of(state: str) -> str:
    """The end that a state belongs to: what TurboSMS took is accepted, whatever its receipts have told since."""
    return "accepted" if state in STEPS else state


def sent(trigger: str) -> End:
    """The end everybody hopes for."""
    return trigger, "accepted", None


def skipped(trigger: str, reason: str) -> End:
    """A row that says why nothing went out."""
    return trigger, "skipped", reason


def shot(label: str, published: Json, *ends: End, dead: str | None = None) -> Shot:
    """An event under its own routing key."""
    account = published["source"].removeprefix("/accounts/")
    return Shot(label, orjson.dumps(published), f"{account}.{published['type']}", published["id"], ends, dead)


def person(kind: str, phone: str, firstname: str, lastname: str, **more: object) -> Json:
    """Somebody the CRM finds eligible."""
    return {"kind": kind, "id": phone, "phonenumber": phone, "firstname": firstname, "lastname": lastname, **more}


def uah(amount: str) -> Json:
    """Money of the contract."""
    return {"amount": amount, "currency": "UAH"}
