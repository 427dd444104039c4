"""What the demo publishes, and what must become of each piece: two accounts, good days and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson

from worker.cli.demo.expectations import Crm, Shot, shot, uah
from worker.cli.demo.office_events import billing, contracts, invoice, proposals, staff
from worker.cli.demo.reminder_events import clockwork
from worker.cli.demo.shop_events import people, salon, shop
from worker.core.clock.kyiv_time import KYIV

#: What is true to the end of a day is too late at once in the last of its minutes.
LAST_MINUTES = timedelta(minutes=5)


def scene(run: str, *, now: datetime) -> list[Shot]:
    """The whole story; `run` makes its ids new, `now` its days."""
    local = a_fresh_day(now.astimezone(KYIV))
    acme, romashka = Crm("acme", run, local), Crm("romashka", run, local)
    story = [*billing(acme), *proposals(acme), *contracts(acme), *staff(acme)]
    story += [*people(romashka), *shop(romashka), *salon(romashka)]
    story += clockwork(Crm("romashka", run, now.astimezone(KYIV)))
    return [*story, *mishaps(acme, again=story[1])]


def a_fresh_day(now: datetime) -> datetime:
    """Now, or the first moment of the next day where this one is nearly over."""
    later = now + LAST_MINUTES
    return now if later.date() == now.date() else later.replace(hour=0, minute=0, second=0, microsecond=0)


def mishaps(acme: Crm, *, again: Shot) -> Iterator[Shot]:
    """What goes wrong on an ordinary day; every good event beside it must go its way."""
    order = {"id": f"m-{acme.run}", "number": "1"}
    other = {"id": f"other-{acme.run}", "total": uah("99.00")}
    reused = acme.event("paid", "invoice.payment_recorded", invoice=invoice(acme, 902), payment=other)
    wrong = acme.event("wrong", "invoice.overdue", invoice={"number": 1, "amount_due": {"amount": "many"}})
    stranger = Crm("nobody", acme.run, acme.now).event("stranger", "order.created", order=order)
    yield Shot("the payment once more", again.body, again.routing_key, again.event_id)
    yield Shot("its id, another content", orjson.dumps(reused), again.routing_key, again.event_id, dead="id_reused")
    yield Shot(
        "not JSON", b'{"specversion": "1.0", "id": ', "acme.order.created", f"{acme.run}-broken", dead="not_json"
    )
    yield shot("wrong schema", wrong, dead="schema")
    yield shot("unknown account", stranger, dead="unknown_account")
    foreign = acme.event("foreign", "order.created", order=order)
    key = "romashka.order.created"
    yield Shot("foreign routing key", orjson.dumps(foreign), key, f"{acme.run}-foreign", dead="account_mismatch")
    yield shot(
        "unknown template",
        acme.event("template", "sms.send_requested", template="Акція", recipients=[{"kind": "contact", "id": "1"}]),
        dead="unknown_template",
    )
