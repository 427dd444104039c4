"""What a batch asks for, found out before its transaction begins: texts are written while nobody waits for a lock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.contract.event import Event, Malformed
from worker.core.contract.inbound_message import Delivery
from worker.core.planning.draft import Draft, drafts
from worker.core.planning.work_limit import DETAIL, TOO_MUCH, affordable
from worker.failpoint import reached
from worker.steps.ingest.parse import SortedOut, refused_dead_letter, sort_out
from worker.store.accounts.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Prepared:
    configuration: Configuration
    now: datetime
    batch: SortedOut
    drafted: Sequence[tuple[Event, Draft]]


def prepare(configuration: Configuration, deliveries: Sequence[Delivery], *, salt: bytes, now: datetime) -> Prepared:
    batch = sort_out(configuration, deliveries, now=now)
    reached("parsed")
    drafted: list[tuple[Event, Draft]] = []
    for event, _ in list(batch.firsts.values()):
        asked_for = drafts(event, configuration.accounts[event.account], salt=salt, now=now)
        made = affordable(asked_for, time.thread_time)
        if made is None:
            refuse(batch, event)
        else:
            drafted += ((event, draft) for draft in made)
    return Prepared(configuration, now, batch, drafted)


def refuse(batch: SortedOut, event: Event) -> None:
    fault = Malformed(TOO_MUCH, DETAIL, event.account, event.id, event.type)
    same = [batch.firsts.pop(event.key), *(pair for pair in batch.again if pair[0].key == event.key)]
    batch.again[:] = [pair for pair in batch.again if pair[0].key != event.key]
    batch.dead.extend(refused_dead_letter(delivery, fault) for _, delivery in same)
