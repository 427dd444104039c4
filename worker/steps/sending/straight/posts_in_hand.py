"""POSTs of texts that were claimed while their events were accepted, made by the process's own threads."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, nullcontext

from worker.core.lanes import LANES
from worker.failpoint import reached
from worker.logs.setup import log
from worker.steps.sending.claim import Claim
from worker.steps.sending.post import Post, Sender, post
from worker.steps.sending.straight.claim import Allowance
from worker.store.accounts.configuration import Configuration
from worker.store.db.error_messages import reason


class PostsInHand:
    """Whether texts may be claimed straight, and what became of those that were.

    After a batch that could not be written, batches do without until one could: what broke it may have been the claim.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        most: int,
        watched: Callable[[], AbstractContextManager[None]] = nullcontext,
        lanes: Collection[str] = tuple(LANES),
    ) -> None:
        """Take texts of these lanes, while fewer than so many POSTs are in hand; `watched` sees how each ends."""
        self._sender = sender
        self._most = most
        self._watched = watched
        self._in_hand: set[Future[None]] = set()
        self._rests = False
        self._lanes = frozenset(lanes)

    def allowance(self, configuration: Configuration, accounts: Iterable[str]) -> Allowance:
        """Allow what the free hands can take, for a POST that waits for one waits out its lease.

        Nothing while it rests or the process ends, nor of accounts whose tokens do not open.
        """
        free = self._most - len(self._in_hand)
        if self._rests or self._sender.is_ending() or free <= 0:
            return Allowance()
        sealed = {account: configuration.tokens[account] for account in accounts if account in configuration.tokens}
        opened = {account: self._sender.seal.opened_or_none(token) for account, token in sealed.items()}
        tokens = {account: token for account, token in opened.items() if token is not None}
        return Allowance(tokens, self._lanes, free)

    def rest(self) -> None:
        self._rests = True

    def resume(self) -> None:
        self._rests = False

    def take(self, claimed: Sequence[Claim]) -> None:
        """Begin POSTs whose claim is committed."""
        for claim in claimed:
            for name, facts in claim.alerts:
                self._sender.on_alert(name, facts)
            self._sender.measure(claim.measured)
            for each in claim.posts:
                future = self._sender.posts.submit(self._post, each)
                self._in_hand.add(future)
                future.add_done_callback(self._in_hand.discard)

    def drain(self, timeout: float) -> None:
        """Wait for what is in hand, at most so many seconds; what is left then is repeated after its lease."""
        wait(set(self._in_hand), timeout)

    def _post(self, each: Post) -> None:
        try:
            reached("stored")
            with self._watched():
                post(self._sender, each)
        except Exception as error:  # noqa: BLE001 (nobody else hears of it; the lease repeats the attempt)
            log.warning("post.failed", attempts=len(each.attempts), reason=reason(error), exc_info=error)
