"""More events at once than can be sent: memory stays flat and the rate steady."""

from dataclasses import replace

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.row import Result
from tests.faults.verdict.evidence import messages

REASON = "the machine of a test takes so many within its time; the benchmark measures more"


def burst(stage: Stage, runs: int) -> Result:
    """So many events published as fast as RabbitMQ takes them, in texts that travel together."""
    stage.set_accounts("post_mode", "sendmulti")
    with stage.fleet() as fleet:
        began = moment()
        stage.publish(stage.events.stream(runs, people=1)).wait()
        published = moment()
        result = stage.result(fleet, runs=runs, since=published)
    taken = sorted(message.at for message in messages(stage.provider))
    middle, last = taken[len(taken) // 2], taken[-1]
    figures = {
        "published a s": round(runs / (published - began)),
        "sent a s": round(runs / (last - began)),
        "first half, second half a s": [round(runs / 2 / (middle - began)), round(runs / 2 / (last - middle))],
        "peak MB": fleet.peak_kb // 1024,
    }
    return replace(result, figures=figures, reason=REASON)
