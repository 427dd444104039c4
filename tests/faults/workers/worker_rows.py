"""Group A: worker processes that die, freeze or break at every boundary of the pipeline."""

from functools import partial

from tests.faults.harness.row import Row
from tests.faults.workers.full_threads import full_threads
from tests.faults.workers.key_rotation import rotated
from tests.faults.workers.kills import (
    at,
    keys_expire,
    killed_among_many,
    killed_claiming,
    killed_claiming_together,
    killed_everywhere,
)
from tests.faults.workers.process_ends import ended_mid_post, replaced, threads_dead
from tests.faults.workers.redelivery import connections_closed, frozen, killed_while_retrying, poisonous

send = partial(killed_everywhere, mode="send")
sendmulti = partial(killed_everywhere, mode="sendmulti")
expired = partial(keys_expire, mode="send", settings={"keys_honoured": False})
read_otherwise = partial(keys_expire, mode="sendmulti", settings={"multi_keys": "ignored"})

ROWS: tuple[Row, ...] = (
    Row("A1", "SIGKILL after receive, before anything is written", at("received", "parsed"), full=20),
    Row("A2", "SIGKILL inside the claim's transaction", killed_claiming, full=20),
    Row("A2 straight", "SIGKILL while a batch is accepted and claimed in one", at("claimed_straight"), full=20),
    Row("A2 together", "SIGKILL while several accounts are claimed in one", killed_claiming_together, full=20),
    Row("A3", "SIGKILL after the claim's commit, before the POST", at("stored"), full=20),
    Row("A4", "SIGKILL after the provider accepted, before the record", at("sent", "answered"), full=40, quick=8),
    Row("A5", "SIGKILL after a commit, before its acknowledgement", at("committed", "nudged", "recorded"), full=20),
    Row("A6 send", "SIGKILL anywhere, POST mode send", send, full=200, quick=12),
    Row("A6 sendmulti", "the same, POST mode sendmulti", sendmulti, full=200),
    Row("A6 many accounts", "the same, and each of 100 accounts has few texts", killed_among_many, full=60),
    Row("A6 keys forgotten", "the same as send, the provider forgets keys", expired, full=25),
    Row("A6 sendmulti keys read otherwise", "the same, and an item's key means nothing", read_otherwise, full=25),
    Row("A7", "SIGKILL of a worker from outside: nothing is left of it, another starts", replaced, full=5),
    Row("A8", "SIGTERM during POSTs that take 4 and 22 s", ended_mid_post),
    Row("A9", "SIGSTOP past the lease, another repeats, SIGCONT", frozen, full=5, quick=1),
    Row("A10", "SIGKILL between a retry's publication and the nudge's acknowledgement", killed_while_retrying, full=3),
    Row("A11", "a worker thread, a consumer, the publisher dies; a consumer hangs", threads_dead),
    Row("A12", "RabbitMQ closes every connection: no acknowledgement comes through", connections_closed, full=4),
    Row("A13", "an event that kills whoever takes it", poisonous, full=2),
    Row("A14", "the secret key is rotated beside processes that have the old one alone", rotated, full=2),
    Row("A15", "more POSTs than a process has threads for, under a provider that takes its time", full_threads, full=3),
)
