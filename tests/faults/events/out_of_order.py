"""Events of one record that come in any order: its version decides what is still true."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import POSTED_STATES, SENT, Events, Fate, Publication, published
from tests.faults.harness.row import Result
from tests.support.crm import row

STEPS = ("order.created", "order.approved", "order.cancelled")
CANCELLED = "order.cancelled"
UNTRUE = Fate(frozenset({"cancelled"}))
PERHAPS = Fate(POSTED_STATES | {"cancelled"})
#: Orders in each permutation.
ORDERS = 4
NEWEST = "SELECT count(*) FROM records WHERE kind = 'order' AND version <> 3"


def out_of_order(stage: Stage, _runs: int) -> Result:
    """Created, approved and cancelled in all six orders: in sequence, then all at once."""
    orders = list(permutations(STEPS))
    slow = [list(story(stage.events, order)) for order in orders for _ in range(ORDERS)]
    quick = [list(story(stage.events, order, before=PERHAPS)) for order in orders for _ in range(ORDERS)]
    with stage.fleet(workers=1) as fleet:
        for step in range(len(STEPS)):
            stage.publish([publications[step] for publications in slow])
            assert stage.rest().came
        stage.publish([event for publications in quick for event in publications])
        result = stage.result(fleet, runs=len(slow) + len(quick), since=moment())
    [stale] = row(stage.pool, NEWEST)
    faults = (*result.faults, *(f"{stale} records are not at their newest version" for _ in [0] if stale))
    return replace(result, faults=faults, figures={"orders of coming": len(orders), "stale records": stale})


def story(events: Events, steps: tuple[str, ...], *, before: Fate = SENT) -> Iterator[Publication]:
    """The events of one order in this order; what comes after its cancellation sends nothing."""
    mark, phones = events.mark(), events.phones(len(steps))
    ids = events.random.getrandbits(40)
    is_over = False
    for event_type, phone in zip(steps, phones, strict=True):
        version = STEPS.index(event_type) + 1
        body = events.body("order.created", "acme", mark=mark, phones=[phone])
        body["type"] = event_type
        status = "cancelled" if event_type == CANCELLED else "new"
        body["data"]["order"] = {"id": f"{ids}", "number": mark, "version": version, "status": status}
        fate = SENT if event_type == CANCELLED else UNTRUE if is_over else before
        yield published(body, mark=mark, phones=[phone], fate=fate)
        is_over = is_over or event_type == CANCELLED
