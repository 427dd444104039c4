"""Publishing many events with confirms, and reporting how far it got."""

import sys
from collections.abc import Sequence
from concurrent.futures import TimeoutError as NotInTime

from rich.progress import track

from worker.amqp.connection import CONNECTION_ERRORS, describe, fix
from worker.amqp.publisher import Outgoing, Publisher
from worker.amqp.topology import EVENTS_EXCHANGE
from worker.cli.event.input_files import Outbound
from worker.cli.interruption import if_stopped
from worker.cli.terminal import Exit, console, stop
from worker.core.contract.event_types import CONTENT_TYPE
from worker.language import _

#: Confirmed together; between two such lots the progress is drawn.
LOT = 200
PATIENCE_S = 10.0
LOT_S = 60.0


def publish_all(url: str, events: Sequence[Outbound]) -> None:
    messages = [Outgoing(EVENTS_EXCHANGE, event.routing_key, event.body, CONTENT_TYPE) for event in events]
    lots = [messages[first : first + LOT] for first in range(0, len(messages), LOT)]
    # Nobody watches, or nobody waits for long enough to wonder.
    is_quick = len(messages) <= LOT or not sys.stderr.isatty()
    publisher = Publisher(url, name="perfectum-sms event publish")
    done = 0
    if_stopped(lambda: _("Stopped. Confirmed by RabbitMQ: {done}. Publish again, repeats do no harm.", done=done))
    try:
        for lot in track(lots, "publishing", console=console(stderr=True), transient=True, disable=is_quick):
            confirmed = publisher.publish(lot, patience_s=PATIENCE_S).result(LOT_S)
            done += confirmed
            if confirmed < len(lot):
                raise stop(
                    _("RabbitMQ refused one; confirmed before it: {done}. Publish the rest again.", done=done),
                    Exit.AWAY,
                )
    except (*CONNECTION_ERRORS, NotInTime) as error:
        why = _(
            "RabbitMQ did not take it ({error}); confirmed: {done}. {fix} Then publish again, repeats do no harm.",
            error=describe(error),
            done=done,
            fix=fix(error),
        )
        raise stop(why, Exit.AWAY) from None
    finally:
        publisher.close()
