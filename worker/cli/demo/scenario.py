"""What the demo publishes, and what must become of each piece: two accounts, good days and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from worker.cli.demo.expectations import Crm, Shot
from worker.cli.demo.office_events import office
from worker.cli.demo.reminder_events import clockwork
from worker.cli.demo.shop_events import shop
from worker.core.clock.kyiv_time import KYIV

#: What is true to the end of a day is too late at once in the last of its minutes.
LAST_MINUTES = timedelta(minutes=5)


def scene(run: str, *, now: datetime) -> list[Shot]:
    """The whole story; `run` makes its ids new, `now` its days."""
    local = a_fresh_day(now.astimezone(KYIV))
    acme, romashka = Crm("acme", run, local), Crm("romashka", run, local)
    story = [*office(acme), *shop(romashka), *clockwork(replace(romashka, now=now.astimezone(KYIV)))]
    return [*story, *mishaps(acme, again=story[1])]


def a_fresh_day(now: datetime) -> datetime:
    """Now, or the first moment of the next day where this one is nearly over."""
    later = now + LAST_MINUTES
    return now if later.date() == now.date() else later.replace(hour=0, minute=0, second=0, microsecond=0)


def mishaps(acme: Crm, *, again: Shot) -> Iterator[Shot]:
    """What goes wrong on an ordinary day; every good event beside it must go its way."""
    yield replace(again, label="the payment once more", ends=())
    other = again.body.replace(b"1250.00", b"99.00")
    yield replace(again, label="its id, another content", body=other, ends=(), dead="id_reused")
    broken = b'{"specversion": "1.0", "id": '
    yield Shot("not JSON", broken, "acme.order.created", f"{acme.run}-broken", dead="not_json")
    yield acme.shot("wrong schema", "invoice.overdue", dead="schema", invoice=None)
    nobody = Crm("nobody", acme.run, acme.now)
    yield nobody.shot("unknown account", "order.created", dead="unknown_account")
    foreign = acme.shot("foreign routing key", "order.created", dead="account_mismatch")
    yield replace(foreign, routing_key="romashka.order.created")
    to = [{"kind": "contact", "id": "1"}]
    yield acme.shot(
        "unknown template", "sms.send_requested", dead="unknown_template", to=to, text=None, template="Акція"
    )
