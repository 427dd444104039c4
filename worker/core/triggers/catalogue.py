"""The triggers of the settings page as data: the event of each, its recipients, when it is too late."""

from collections.abc import Mapping

from worker.core.contract.event_types import TYPES
from worker.core.triggers.catalogue_invoices_contracts import SALES
from worker.core.triggers.catalogue_meetings_birthdays import BY_HAND, PEOPLE
from worker.core.triggers.catalogue_orders_bookings import SERVICE
from worker.core.triggers.trigger import Trigger

#: In the page's order; what is sent by hand follows.
TRIGGERS: tuple[Trigger, ...] = (*SALES, *PEOPLE, *SERVICE, *BY_HAND)

BY_ID: Mapping[str, Trigger] = {trigger.id: trigger for trigger in TRIGGERS}
BY_EVENT: Mapping[str, tuple[Trigger, ...]] = {
    name: tuple(trigger for trigger in TRIGGERS if trigger.event == name) for name in TYPES
}
