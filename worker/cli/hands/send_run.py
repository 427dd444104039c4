"""A text on its way to people: first tried as a whole and taken back, then sent part by part."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from worker.cli.hands.acting import in_sight
from worker.cli.hands.rehearsal import rehearsing_sender
from worker.cli.operator import operator_name
from worker.cli.terminal import stop
from worker.core.accounts.account import Account
from worker.core.hands.pace import finish, seconds_ahead, seconds_of
from worker.core.hands.people import Addressee
from worker.core.hands.send_request import Message
from worker.language import _
from worker.steps.hands.send import PART, RefusedError, Sending, Sent, send
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.store.accounts import secrets
from worker.store.db.postgres import clock, transaction
from worker.store.hands import chosen
from worker.store.hands.chosen import Backlog


@dataclass(frozen=True, slots=True)
class Run:
    intake: Intake
    sender: Sender
    message: Message
    people: Sequence[Addressee]

    @property
    def account(self) -> Account:
        return self.intake.cache.fresh(self.intake.pool)[0].accounts[self.message.account]

    def tried(self, *, claims: bool) -> Sent:
        """Do it all and take it back; `claims` asks what workers would ask at this moment as well."""
        how = Sending(operator_name(), len(self.people), is_trial=True, sender=self.sender if claims else None)
        return sum((self._send(part, how) for part in self._parts()), Sent())

    def sent(self) -> tuple[Sent, int]:
        """Send it; return what became of it, and how many people it did not come to once it was stopped."""
        how, done, come_to = Sending(operator_name(), len(self.people)), Sent(), 0
        with in_sight(len(self.people)) as (is_stopped, on_part):
            for part in self._parts():
                if is_stopped():
                    break
                done, come_to = done + self._send(part, how), come_to + len(part)
                on_part(len(part))
        return done, len(self.people) - come_to

    def facts(self, before: Sent) -> dict[str, object]:
        account = self.account
        return {
            "people": len(self.people),
            "outcomes": dict(before.outcomes),
            "texts": len(before.ids),
            "segments": before.cost.segments,
            "price": before.cost.cost,
            "is_priced": account.prices.sms.amount is not None,
            "out_by": self.out_by(before, account),
        }

    def out_by(self, before: Sent, account: Account) -> datetime | None:
        """When the last is out, behind what waits already; None: not within two months."""
        with transaction(self.intake.pool) as connection:
            now, waiting = clock(connection), len(chosen.backlog(connection, Backlog(account.id)))
        seconds = seconds_ahead(waiting, account) + seconds_of(before.texts, before.cost.segments, account)
        return finish(seconds, account, start=max(self.message.at or now, now))

    def _send(self, part: Sequence[Addressee], how: Sending) -> Sent:
        try:
            return send(self.intake, self.message, part, how)
        except RefusedError as error:
            raise stop(_("It cannot be sent: {why}", why=error)) from None

    def _parts(self) -> Iterator[Sequence[Addressee]]:
        return (self.people[first : first + PART] for first in range(0, len(self.people), PART))


@contextmanager
def opened(message: Message, people: Sequence[Addressee]) -> Generator[Run]:
    with rehearsing_sender() as sender:
        with transaction(sender.pool) as connection:
            salt = secrets.salt(connection, sender.seal)
        yield Run(Intake(sender.pool, sender.cache, salt), sender, message, people)
