"""RabbitMQ is away: stopped, killed, behind a broken network, closed to us, or not there yet."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.network.link import link
from tests.faults.verdict.evidence import messages
from tests.faults.verdict.outputs import is_about_work
from tests.faults.workers.process_ends import faulted, until_more_came

PACE = 40.0
AHEAD = 200
#: RabbitMQ 3.10 writes declarations down with delay: a queue must be older than this before its node is killed.
SETTLED = 60
#: From RabbitMQ's return to the next message.
BACK_S = 15.0
#: Above two heartbeats of a consumer.
BLACK_S = 60.0
AWAY_S = 10.0
REVOKED_S = 15.0
#: A process logs once that RabbitMQ is away, and not at every try.
LINES_A_MINUTE = 60.0
#: More than workers hold unanswered: those on connections that nobody knows to be dead wait for RabbitMQ's heartbeats.
MORE_THAN_HELD = 5_000


def node_stopped(stage: Stage, runs: int) -> Result:
    """A clean restart under load."""
    return node_away(stage, runs, stage.servers.stop_rabbitmq)


def node_killed(stage: Stage, runs: int) -> Result:
    """SIGKILL of the node under load."""
    return node_away(stage, runs, stage.servers.kill_rabbitmq)


def node_away(stage: Stage, runs: int, end: Callable[[], None]) -> Result:
    """End the node, each time once messages flow again, and start it at once."""
    ended: list[float] = []
    away: list[float] = []
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        for _ in range(runs):
            until_more_came(stage, SETTLED)
            began = moment()
            end()
            ended.append(stage.servers.start_rabbitmq())
            away.append(ended[-1] - began)
        until_more_came(stage)
        load.finish()
        figures = {"away s": round(max(away), 1), "published again": load.repeats}
        return soon_back(stage.result(fleet, runs=runs, ended=ended, figures=figures))


def connections_reset(stage: Stage, runs: int) -> Result:
    """Every connection of ours gets an RST at once."""
    ended: list[float] = []
    with link(stage.amqp_url) as wire:
        wire.open()
        with stage.fleet(amqp_url=wire.url) as fleet:
            load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
            for _ in range(runs):
                until_more_came(stage)
                wire.reset()
                ended.append(moment())
            until_more_came(stage)
            load.finish()
            return soon_back(stage.result(fleet, runs=runs, ended=ended))


def black_hole(stage: Stage, _runs: int) -> Result:
    """Nothing passes for a minute, and older connections stay silent for ever, unnoticed by both ends."""
    with link(stage.amqp_url) as wire:
        wire.open()
        with stage.fleet(amqp_url=wire.url) as fleet:
            load = stage.publish(stage.events.stream(), pace=PACE, ahead=MORE_THAN_HELD)
            until_more_came(stage)
            began, wire.swallows = moment(), True
            time.sleep(BLACK_S)
            wire.clear()
            ended, wire.swallows = moment(), False
            until_more_came(stage)
            load.finish()
            result = stage.result(fleet, runs=1, ended=[ended])
            lines = lines_a_minute(fleet, began, ended)
    return soon_back(quiet(result, lines))


def permissions_revoked(stage: Stage, _runs: int) -> Result:
    """Our user may do nothing for a while, and is thrown out; then it may again."""
    user = str(urlsplit(stage.amqp_url).username)
    ctl = stage.servers.rabbitmqctl
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        until_more_came(stage)
        try:
            ctl("clear_permissions", "-p", "/", user)
            ctl("close_all_connections", "fault")
            began = moment()
            time.sleep(REVOKED_S)
            revoked = moment()
        finally:
            ctl("set_permissions", "-p", "/", user, ".*", ".*", ".*")
        ended = moment()
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=1, ended=[ended])
        lines = lines_a_minute(fleet, began, revoked)
        meanwhile = sum(began < message.at < revoked for message in messages(stage.provider))
    result = replace(result, figures={"sent meanwhile": meanwhile})
    return soon_back(quiet(result, lines))


def away_at_start(stage: Stage, _runs: int) -> Result:
    """Workers and the scheduler start before RabbitMQ can be reached: they wait, and nobody starts them again."""
    with link(stage.amqp_url) as wire, stage.fleet(amqp_url=wire.url) as fleet:
        began = moment()
        time.sleep(AWAY_S)
        wire.open()
        opened = moment()
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=1, ended=[opened])
        lines = lines_a_minute(fleet, began, opened)
        ends = len(fleet.ends) - len(fleet.slots)
    result = faulted(result, [f"{ends} processes ended while they waited"] if ends else [])
    return soon_back(quiet(result, lines))


def soon_back(result: Result) -> Result:
    """It is a fault to be away for longer than RabbitMQ."""
    if result.recovery_s is not None and result.recovery_s <= BACK_S:
        return result
    return faulted(result, [f"no message within {BACK_S:g} s of RabbitMQ's return"])


def quiet(result: Result, lines: float) -> Result:
    """The same with how much the most talkative process wrote, which is a fault if it floods a log."""
    result = replace(result, figures={**result.figures, "log lines a minute": round(lines)})
    return faulted(result, [f"{lines:.0f} log lines a minute"] if lines > LINES_A_MINUTE else [])


def lines_a_minute(fleet: Fleet, began: float, ended: float) -> float:
    """How much the most talkative process wrote in this time, for each minute of it."""
    lines = [line for line in fleet.lines() if not is_about_work(line.get("event.action"))]
    written = [(line["process.pid"], datetime.fromisoformat(line["@timestamp"]).timestamp()) for line in lines]
    by_process = Counter(pid for pid, at in written if began <= at <= ended)
    return max(by_process.values(), default=0) * 60 / (ended - began)
