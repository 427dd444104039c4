"""A real cluster of three RabbitMQ nodes of which one dies or freezes: the others go on."""

import os
import signal
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise

from deploy.services.local import remove_folder
from deploy.services.programs import THIS_MACHINE, needed_programs
from deploy.services.rabbitmq import TICK_S, Cluster, private_cluster
from deploy.services.server import Server
from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.row import Result
from tests.faults.network.balancer import balancer
from tests.faults.verdict.evidence import messages
from tests.faults.workers.process_ends import faulted, until_more_came

NAMES = ("sms1", "sms2", "sms3")
PACE = 20.0
AHEAD = 200
#: RabbitMQ 3.10 writes declarations down with delay: a young queue may not find a leader without the node that made it.
SETTLED = 150
KILLED_S, FROZEN_S = 30.0, 60.0
#: A dead node is noticed at once, a frozen node by the silence of its heartbeats.
KILLED_PAUSE_S, FROZEN_PAUSE_S = 15.0, 45.0
WHY = f"three nodes behind a balancer; the one that went led all queues; net_ticktime = {TICK_S}"


def node_killed(stage: Stage, _runs: int) -> Result:
    """SIGKILL of the node that leads every queue; it is started again after a while."""
    return node_away(stage, Server.kill, Server.start, KILLED_S, KILLED_PAUSE_S)


def node_frozen(stage: Stage, _runs: int) -> Result:
    """The node that leads every queue freezes."""

    def freeze(node: Server) -> None:
        os.kill(node.pid, signal.SIGSTOP)

    def thaw(node: Server) -> None:
        os.kill(node.pid, signal.SIGCONT)

    return node_away(stage, freeze, thaw, FROZEN_S, FROZEN_PAUSE_S)


def node_away(
    stage: Stage,
    end: Callable[[Server], None],
    begin: Callable[[Server], None],
    away_s: float,
    most_s: float,
) -> Result:
    """Take the first node away for so long; the longest time without an accepted text is what recovery took."""
    with cluster(stage) as nodes, balancer(nodes.urls) as door:
        stage.other_broker_url = door.url
        everywhere, door.targets = door.targets, door.targets[:1]
        with stage.fleet() as fleet:
            load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
            until_more_came(stage, SETTLED)
            door.targets = everywhere
            began = moment()
            end(nodes.nodes[0])
            time.sleep(away_s)
            ended, confirmed = moment(), [confirmed.at for confirmed in load.confirmed]
            begin(nodes.nodes[0])
            until_more_came(stage)
            load.finish()
            result = stage.result(fleet, runs=1, reason=WHY)
    sent = [message.at for message in messages(stage.provider) if began < message.at < ended]
    published = [at for at in confirmed if began < at < ended]
    pause = longest([began, *sent, ended])
    figures = {
        "away s": round(away_s),
        "sent meanwhile": len(sent),
        "published meanwhile": len(published),
        "longest without a publication s": round(longest([began, *published, ended]), 1),
    }
    result = replace(result, recovery_s=pause, recovery="the longest without a message", figures=figures)
    return faulted(result, [f"nothing was sent for {pause:.1f} s"] if pause > most_s else [])


def longest(moments: list[float]) -> float:
    """The longest time between two of them that follow each other."""
    return max(later - earlier for earlier, later in pairwise(sorted(moments)))


@contextmanager
def cluster(stage: Stage) -> Generator[Cluster]:
    """Three nodes of a cluster, ready."""
    folder = stage.servers.pair.folder / "cluster"
    folder.mkdir(mode=0o711)
    with ExitStack() as endings:
        endings.callback(remove_folder, folder)
        result = private_cluster(folder, needed_programs(THIS_MACHINE).rabbitmq, NAMES)
        for server in (result.port_mapper, *result.nodes):
            endings.callback(server.kill)
        result.port_mapper.start()
        result.nodes[0].start()
        for node in result.nodes[1:]:
            node.begin()
        for node in result.nodes:
            node.await_ready()
        yield result
