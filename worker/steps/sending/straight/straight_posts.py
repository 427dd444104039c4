"""POSTs of texts that were claimed while their events were accepted, made by the process's own threads."""

import time
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock

from worker.core.lanes import LANES
from worker.failpoint import reached
from worker.logs.setup import log
from worker.steps.sending.claim import Claim, announce
from worker.steps.sending.post import Post, Sender, post
from worker.steps.sending.straight.claim import Allowance
from worker.store.accounts.configuration import Configuration
from worker.store.accounts.sealed_places import token_of
from worker.store.db.error_messages import reason
from worker.tracing import spans

#: How long batches do without after one that could not be written: what broke it may have been the claim. It doubles.
REST_S, REST_MAX_S = 1.0, 60.0
#: So long a batch waits for the one before it, which holds the pace that both ask for.
TURN_WAIT_S = 0.1


class StraightPosts:
    """Whether texts may be claimed straight, and what became of those that were.

    Its threads are its own, so that bulk POSTs of this way never stand before others. A batch gets at most half of
    them: another one is accepted beside it.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        most: int,
        watched: Callable[[], AbstractContextManager[None]] = nullcontext,
        lanes: Collection[str] = tuple(LANES),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take texts of these lanes, with at most so many POSTs under way; `watched` sees how each ends."""
        self._sender = sender
        self._most = most
        self._watched = watched
        self._lanes = frozenset(lanes)
        self._clock = clock
        self._posts = ThreadPoolExecutor(most, thread_name_prefix="straight")
        self._lock, self._turn = Lock(), Lock()
        self._under_way: set[Future[None]] = set()
        self._reserved = 0
        self._rest_s = 0.0
        self._rests_until = 0.0

    def allowance(self, configuration: Configuration, accounts: Iterable[str]) -> Allowance:
        """Reserve free threads for a batch, for a POST that waits for one waits out its lease.

        Nothing while it rests or the process ends, nor for accounts whose tokens do not open.
        """
        if self._clock() < self._rests_until or self._sender.is_ending():
            return Allowance()
        sealed = {account: configuration.tokens[account] for account in accounts if account in configuration.tokens}
        seal = self._sender.seal
        opened = {account: seal.opened_or_none(token, token_of(account)) for account, token in sealed.items()}
        tokens = {account: token for account, token in opened.items() if token is not None}
        if not tokens:
            return Allowance()
        with self._lock:
            free = min(self._most - len(self._under_way) - self._reserved, (self._most + 1) // 2)
            if free <= 0:
                return Allowance()
            self._reserved += free
        return Allowance(tokens, self._lanes, free)

    @contextmanager
    def in_turn(self) -> Generator[None]:
        """Let one batch at a time of this process ask for its accounts' pace, unless another takes long."""
        is_mine = self._turn.acquire(timeout=TURN_WAIT_S)
        try:
            yield
        finally:
            if is_mine:
                self._turn.release()

    def written(self, allowed: Allowance, claims: Iterable[Claim]) -> None:
        """Give back what a batch that is committed did not need; its POSTs are taken next."""
        self._rest_s = 0.0
        self._give_back(allowed.posts - sum(len(claim.posts) for claim in claims))

    def failed(self, allowed: Allowance, why: str) -> None:
        """Rest after a batch that could be written without its claim alone."""
        log.warning("straight.rests", reason=why)
        self._rest_s = min(max(REST_S, 2 * self._rest_s), REST_MAX_S)
        self._rests_until = self._clock() + self._rest_s
        self.release(allowed)

    def release(self, allowed: Allowance) -> None:
        """Give back everything: nothing of the batch was written."""
        self._give_back(allowed.posts)

    def take(self, claimed: Sequence[Claim]) -> None:
        """Begin POSTs whose claim is committed; a process that has ended leaves them to their lease."""
        posted = spans.carried(self._post)
        for claim in claimed:
            announce(self._sender, claim)
            for each in claim.posts:
                try:
                    future = self._posts.submit(posted, each)
                except RuntimeError:
                    log.warning("post.left", attempts=len(each.attempts))
                    continue
                self._under_way.add(future)
                future.add_done_callback(self._under_way.discard)
            self._give_back(len(claim.posts))

    def close(self) -> None:
        self._posts.shutdown(wait=False, cancel_futures=True)

    def drain(self, timeout: float) -> None:
        """Wait for what is under way, at most so many seconds; what is left then is repeated after its lease."""
        wait(set(self._under_way), timeout)

    def _give_back(self, threads: int) -> None:
        with self._lock:
            self._reserved -= threads

    def _post(self, each: Post) -> None:
        try:
            reached("stored")
            with self._watched():
                post(self._sender, each)
        except Exception as error:  # noqa: BLE001 (nobody else hears of it; the lease repeats the attempt)
            log.warning("post.failed", attempts=len(each.attempts), reason=reason(error), exc_info=error)
