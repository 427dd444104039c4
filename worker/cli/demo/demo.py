"""The main job before your eyes: CRM events on real RabbitMQ and PostgreSQL become SMS in a simulated TurboSMS."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console

from worker.amqp.topology import EVENTS_EXCHANGE
from worker.cli.demo.environment import Stage, hurry, stage
from worker.cli.demo.expectations import Shot, cause
from worker.cli.demo.scenario import scene
from worker.cli.demo.tables import show_dead, show_money, show_outcomes, show_verdict
from worker.cli.event.input_files import Outbound
from worker.cli.event.publish import publish_all
from worker.core.spending.cost_report import Taken
from worker.settings.environment import Settings
from worker.store.db.postgres import clock, transaction
from worker.store.monitoring.event_outcomes import Dead, Outcome, dead, outcomes, repeats
from worker.store.receipts import follow_ups
from worker.store.spending import cost_report

PATIENCE_S = 60.0
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    outcomes: Sequence[Outcome]
    dead: Sequence[Dead]
    repeats: int


def demo(settings: Settings, console: Console) -> int:
    """Play the scene; 0 only if every outcome is the expected one."""
    with stage(settings, console) as set_up:
        with transaction(set_up.pool) as connection:
            now = clock(connection)
        shots = scene(secrets.token_hex(3), now=now)
        console.print(f"Publishing {len(shots)} events to the exchange {EVENTS_EXCHANGE}, as CRMs do …")
        publish_all(
            settings.amqp_url, [Outbound(shot.label, shot.body, shot.event_id, shot.routing_key) for shot in shots]
        )
        seen, took = watch(set_up, shots)
        spent = added_up(set_up)
    show_outcomes(console, shots, seen.outcomes)
    show_dead(console, seen.dead)
    wrong = [*differences(shots, seen), *unpriced(seen)]
    show_verdict(console, seen.outcomes, wrong, repeats=seen.repeats, took=took)
    show_money(console, spent)
    return 1 if wrong else 0


def watch(set_up: Stage, shots: Sequence[Shot]) -> tuple[Seen, float]:
    """Look until nothing differs from what is expected and every price is known, or patience ends."""
    started, is_priced = time.monotonic(), False
    while True:
        seen = look(set_up)
        took = time.monotonic() - started
        differs = bool(differences(shots, seen))
        if took > PATIENCE_S or not (differs or unpriced(seen)):
            return seen, took
        set_up.insist_that_all_live()
        if differs:
            hurry(set_up.simulator)
        elif not is_priced:
            ask_for_prices(set_up)
            is_priced = True
        time.sleep(LOOK_S)


def ask_for_prices(set_up: Stage) -> None:
    """The scheduler asks TurboSMS of many messages at once, some minutes later; nobody here shall wait for that."""
    with transaction(set_up.pool) as connection:
        follow_ups.hasten(connection, now=clock(connection))


def added_up(set_up: Stage) -> Sequence[Taken]:
    day = timedelta(days=1)
    with transaction(set_up.pool) as connection:
        today = clock(connection).date()
        return list(cost_report.taken(connection, account=None, since=today - day, to=today + day))


def look(set_up: Stage) -> Seen:
    with transaction(set_up.pool) as connection:
        return Seen(outcomes(connection), dead(connection), repeats(connection))


def differences(shots: Sequence[Shot], seen: Seen) -> list[str]:
    counts: Counter[tuple[str, str, str, str | None]] = Counter(
        (cause(shots, row.event_id), row.trigger, row.state or "", row.reason) for row in seen.outcomes if row.trigger
    )
    wanted = Counter((shot.event_id, *end) for shot in shots for end in shot.ends)
    dead = Counter(dead_letter.reason for dead_letter in seen.dead)
    dead_wanted = Counter(shot.dead for shot in shots if shot.dead)
    repeats_wanted = len(shots) - len({shot.event_id for shot in shots}) - dead_wanted["id_reused"]
    return [
        *([] if seen.repeats == repeats_wanted else [f"repeats: {seen.repeats} instead of {repeats_wanted}"]),
        *(f"missing: {' · '.join(map(str, end))}" for end in wanted - counts),
        *(f"unexpected: {' · '.join(map(str, end))}" for end in counts - wanted),
        *(f"missing dead letter: {reason}" for reason in dead_wanted - dead),
        *(f"unexpected dead letter: {reason}" for reason in dead - dead_wanted),
    ]


def unpriced(seen: Seen) -> list[str]:
    """Messages that TurboSMS took, and whose price it has not reported yet."""
    taken = (row for row in seen.outcomes if row.message_id)
    return [
        f"no price: {row.event_id} · {row.trigger}"
        for row in taken
        if not row.legs or any(leg.price is None for leg in row.legs)
    ]
