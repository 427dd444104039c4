"""Callbacks that come together are written down together: one transaction for all that came during the last one."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from worker.steps.receipts.callbacks import CallbackOutcome
from worker.store.db.postgres import is_caused_by_input
from worker.turbosms.callback import Callback

#: In one transaction.
BATCH_MAX = 200
#: Callbacks that wait for their turn; one more is sent back, and TurboSMS posts it again.
WAITING_MAX = 5_000

RecordCallbacks = Callable[[str, Sequence[Callback]], Sequence[CallbackOutcome]]
#: What a callback came to, or why it was not written down.
CallbackResult = CallbackOutcome | Exception
_Waiting = tuple[Callback, "asyncio.Future[CallbackResult]"]


class OverfullError(Exception):
    """More callbacks wait than can be written down soon."""


class Batcher:
    """One batch of each account is under way at a time, so that no two wait for the same rows.

    `record` writes a batch down in a thread of `threads`: as many accounts are served at once.
    """

    def __init__(self, record: RecordCallbacks, threads: Executor) -> None:
        self._record = record
        self._threads = threads
        self._gathered = defaultdict[str, list[_Waiting]](list)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._waiting = 0

    async def take(self, account: str, callback: Callback) -> CallbackResult:
        """What a callback came to, once its batch is committed."""
        if self._waiting >= WAITING_MAX:
            return OverfullError()
        future: asyncio.Future[CallbackResult] = asyncio.get_running_loop().create_future()
        self._gathered[account].append((callback, future))
        self._waiting += 1
        if account not in self._under_way:
            self._under_way[account] = asyncio.create_task(self._serve(account))
        return await future

    async def _serve(self, account: str) -> None:
        try:
            while gathered := self._gathered.pop(account, None):
                if rest := gathered[BATCH_MAX:]:
                    self._gathered[account] = rest
                await self._settle(account, gathered[:BATCH_MAX])
        finally:
            del self._under_way[account]

    async def _settle(self, account: str, batch: Sequence[_Waiting]) -> None:
        """Write a batch down; where one of them is at fault, each alone."""
        callbacks = [callback for callback, _ in batch]
        loop = asyncio.get_running_loop()
        try:
            results: Sequence[CallbackResult]
            results = await loop.run_in_executor(self._threads, self._record, account, callbacks)
        except Exception as error:  # noqa: BLE001 (whatever it is, whoever waits gets it)
            if is_caused_by_input(error) and len(batch) > 1:
                for item in batch:
                    await self._settle(account, [item])
                return
            results = [error] * len(batch)
        self._waiting -= len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
