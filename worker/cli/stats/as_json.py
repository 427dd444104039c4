"""What `stats --json` prints: stable keys, codes and not words."""

from dataclasses import asdict

from worker.cli.stats.screen import Loads
from worker.core.sending.nudge import text_id
from worker.steps.monitoring.overview import AccountView, LaneView, Overview, SpentToday


def as_json_of(view: Overview, loads: Loads) -> dict[str, object]:
    lately, schedulers = view.lately, view.schedulers
    return {
        "at": view.at,
        "queues": None
        if isinstance(loads, str)
        else {queue: {"messages": messages, "consumers": count} for queue, (messages, count) in loads.items()},
        "queues_fault": loads if isinstance(loads, str) else None,
        "lanes": {lane.lane: lane_of(lane) for lane in view.lanes},
        "events_per_s": round(lately.events_per_s, 3),
        "texts_per_s": round(lately.texts_per_s, 3),
        "states": lately.states,
        "states_since": lately.since,
        "paused": [asdict(hold) for hold in view.holds],
        "accounts": {account.account: account_of(account) for account in view.accounts},
        "dead_letters": view.dead,
        "outcomes_oldest_s": {account: round(age.total_seconds(), 3) for account, age in view.outcomes_waiting.items()},
        "schedulers": schedulers.living,
        "scheduler_lag_s": round(schedulers.lag.total_seconds(), 3),
        "scheduler_latest_task": schedulers.latest,
        "failing_tasks": schedulers.failing,
    }


def lane_of(lane: LaneView) -> dict[str, object]:
    counts: dict[str, object] = {"planned": lane.planned, "postponed": lane.postponed, "sending": lane.sending}
    if lane.oldest is None:
        return {**counts, "oldest": None}
    text, departure = lane.oldest.text, lane.oldest.departure
    names = {"account": text.account, "trigger": text.trigger, "id": text_id(text.notification_id)}
    leaves = {"goes_at": departure.at, "waits_for": departure.waits_for}
    return {**counts, "oldest": {**names, "since": text.created_at, **leaves}}


def account_of(account: AccountView) -> dict[str, object]:
    return {
        "waits": [
            {"waits_for": wait.waits_for, "texts": wait.texts, "first_goes_at": wait.first.at} for wait in account.waits
        ],
        "spent_today": [spent_of(item) for item in account.spent],
        "balance": account.balance,
        "balance_at": account.balance_at,
        "hours_left": None if account.hours_left is None else round(account.hours_left, 1),
    }


def spent_of(item: SpentToday) -> dict[str, object]:
    limits = asdict(item.budget) if item.budget else {"cost": None, "segments": None, "is_stop": None}
    spent = {"trigger": item.trigger, "uah": item.spent.cost, "segments": item.spent.segments}
    return {**spent, "uah_max": limits["cost"], "segments_max": limits["segments"], "is_stop": limits["is_stop"]}
