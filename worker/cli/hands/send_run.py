"""A run of the command line: what it comes to, and its progress."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from worker.cli.hands.acting import in_sight
from worker.cli.hands.rehearsal import rehearsing_sender
from worker.cli.operator import operator_name
from worker.cli.terminal import stop
from worker.core.hands.people import Addressee
from worker.core.hands.send_request import Message
from worker.language import _
from worker.steps.hands.send import RefusedError, Sent
from worker.steps.hands.send_run import Run
from worker.steps.ingest.plan import Intake
from worker.store.accounts import secrets
from worker.store.db.postgres import transaction


def facts_of(run: Run, before: Sent) -> dict[str, object]:
    return {
        "people": len(run.people),
        "outcomes": dict(before.outcomes),
        "texts": len(before.ids),
        "segments": before.cost.segments,
        "price": before.cost.cost,
        "is_priced": run.account.prices.sms.amount is not None,
        "out_by": run.out_by(before),
    }


def sent_in_sight(run: Run) -> tuple[Sent, int]:
    """Send it with a bar for whoever waits; Ctrl-C ends it after the part that is in hand."""
    come_to = 0
    with in_sight(len(run.people)) as (is_stopped, on_part):

        def goes_on(done: int) -> bool:
            nonlocal come_to
            on_part(done - come_to)
            come_to = done
            return not is_stopped()

        result = run.sent(goes_on)
        on_part(len(run.people) - result[1] - come_to)
        return result


@contextmanager
def opened(message: Message, people: Sequence[Addressee]) -> Generator[Run]:
    """The end of the command where it cannot be sent at all."""
    with rehearsing_sender() as sender:
        with transaction(sender.pool) as connection:
            salt = secrets.salt(connection, sender.seal)
        try:
            yield Run(Intake(sender.pool, sender.cache, salt), sender, message, people, operator_name())
        except RefusedError as error:
            raise stop(_("It cannot be sent: {why}", why=error)) from None
