"""A text on its way to people: first tried as a whole and taken back, then sent part by part."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.hands.pace import finish, seconds_ahead, seconds_of
from worker.core.hands.people import Addressee
from worker.core.hands.send_request import Message
from worker.steps.hands.send import PART, Sending, Sent, send
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.store.db.postgres import clock, transaction
from worker.store.hands import chosen
from worker.store.hands.chosen import Backlog


def always(_done: int) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Run:
    """What goes to whom; what cannot be sent at all raises RefusedError, as `send` does."""

    intake: Intake
    sender: Sender
    message: Message
    people: Sequence[Addressee]
    by: str

    @property
    def account(self) -> Account:
        return self.intake.cache.fresh(self.intake.pool)[0].accounts[self.message.account]

    def tried(self, *, claims: bool) -> Sent:
        """Do it all and take it back; `claims` asks what workers would ask at this moment as well."""
        how = Sending(self.by, len(self.people), is_trial=True, sender=self.sender if claims else None)
        return sum((send(self.intake, self.message, part, how) for part in self._parts()), Sent())

    def sent(self, goes_on: Callable[[int], bool] = always) -> tuple[Sent, int]:
        """Send it; return what became of it, and how many people it did not come to.

        `goes_on` hears before each part to how many it has come, and says whether it goes on.
        """
        how, done, come_to = Sending(self.by, len(self.people)), Sent(), 0
        for part in self._parts():
            if not goes_on(come_to):
                break
            done, come_to = done + send(self.intake, self.message, part, how), come_to + len(part)
        return done, len(self.people) - come_to

    def out_by(self, before: Sent) -> datetime | None:
        """When the last is out, behind what waits already; None: not within two months."""
        account = self.account
        with transaction(self.intake.pool) as connection:
            now, waiting = clock(connection), len(chosen.backlog(connection, Backlog(account.id)))
        seconds = seconds_ahead(waiting, account) + seconds_of(before.texts, before.cost.segments, account)
        return finish(seconds, account, start=max(self.message.at or now, now))

    def _parts(self) -> Iterator[Sequence[Addressee]]:
        return (self.people[first : first + PART] for first in range(0, len(self.people), PART))
