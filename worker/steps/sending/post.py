"""The POST of stored bytes and the record of its answer. What is not answered is left to its lease."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_fixed

from worker.core.clock.timeouts import LEASE, LEASE_LEFT_MIN, PAUSES_KNOWN
from worker.core.hands.pause_scope import PAUSED
from worker.core.sending.circuit_breaker import is_failure as is_failing
from worker.core.sending.request_groups import MULTI
from worker.core.sending.send_result import Answer, Later
from worker.failpoint import reached
from worker.steps.effects import Answered, Departed, Measure, Measured, Posted, unmeasured
from worker.steps.post_room import PostRoom
from worker.steps.quarantine import Solitude
from worker.steps.sending.group_commit import Recorder
from worker.steps.sending.pause_watch import PauseWatch
from worker.steps.sending.record_result import AnsweredAttempt, JudgedAnswer
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, is_caused_by_input, is_over, transaction
from worker.store.ingest import events
from worker.store.sending.attempts import Stored
from worker.tracing import spans
from worker.turbosms.answer import answer_of, multi_answers_of
from worker.turbosms.client import TurboSms
from worker.turbosms.codes import code_of, is_loud
from worker.turbosms.request import multi_body

#: PostgreSQL may be away just when an answer has come: it is held this long between two tries to write it down.
RECORD_WAIT_S = 0.5

OnAlert = Callable[[str, Mapping[str, object]], None]


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs; once `is_ending`, nothing new is claimed, and what is claimed is POSTed."""

    pool: Pool
    cache: ConfigurationCache
    provider: TurboSms
    seal: Seal
    posts: ThreadPoolExecutor
    on_alert: OnAlert
    is_ending: Callable[[], bool]
    measure: Measure = unmeasured
    solitude: Solitude = field(default_factory=Solitude)
    recorder: Recorder = field(default_factory=Recorder)
    watch: PauseWatch = field(default_factory=PauseWatch)
    room: PostRoom = field(default_factory=PostRoom)


@dataclass(frozen=True, slots=True)
class Post:
    """Attempts that travel together; moments are of this machine's steady clock, in seconds.

    Attributes:
        at: the moment that the account's pace gave it.
        until: the end of the attempts' lease.
        accepted_at: of the events whose rows waited for nothing but the pace.
    """

    attempts: tuple[Stored, ...]
    token: str
    at: float
    until: float
    accepted_at: tuple[float, ...] = ()


#: A worker that ends POSTs what is due in this time; the rest goes back as it was.
ENDING_S = 1.0
NEVER_POSTED = Answer(Later("worker_ended", timedelta()), {})
#: A person paused it once it was claimed. The next claim knows for how long.
HELD_BACK = Answer(Later(PAUSED, PAUSES_KNOWN), {})


def post_all(sender: Sender, posts: Sequence[Post]) -> int:
    if len(posts) == 1:
        # No other thread is woken for it and waited for.
        return post(sender, posts[0])
    return sum(sender.posts.map(spans.carried(partial(post, sender)), posts))


def post_together(sender: Sender, posts: Sequence[Post]) -> int:
    """POST all at once, one of them in this thread; the first failure is raised once all are over."""
    if not posts:
        return 0
    others = [sender.room.posts.submit(spans.carried(post), sender, posted) for posted in posts[1:]]
    settled, errors = 0, list[Exception]()
    for result in (partial(post, sender, posts[0]), *(future.result for future in others)):
        try:
            settled += result()
        except Exception as error:  # noqa: BLE001 (it is raised once the others are over, whose threads are kept so long)
            errors.append(error)
    if errors:
        raise errors[0]
    return settled


def post(sender: Sender, posted: Post) -> int:
    if not wait_for_turn(sender, posted):
        return record_all(sender, posted, [(stored, JudgedAnswer(NEVER_POSTED)) for stored in posted.attempts])
    # What may go is asked after any wait for a suspect.
    with sender.solitude.beside():
        return post_now(sender, posted)


def post_now(sender: Sender, posted: Post) -> int:
    held = held_by_people(sender, posted)
    if held is None:
        return 0
    if not held:
        return exchange(sender, posted)
    settled = record_all(sender, posted, [(stored, JudgedAnswer(HELD_BACK)) for stored in held])
    rest = tuple(stored for stored in posted.attempts if stored not in held)
    return settled + (exchange(sender, replace(posted, attempts=rest, accepted_at=())) if rest else 0)


def held_by_people(sender: Sender, posted: Post) -> list[Stored] | None:
    """Which attempts a person has paused meanwhile; None where the lease is too short for a POST.

    A claim has just asked the same. While PostgreSQL cannot be asked, nothing is POSTed: it might be paused.

    Raises:
        Exception: it could not be asked for as long as the lease leaves time for a POST.
    """
    is_first = posted.attempts[0].lease == 1
    if is_first and time.monotonic() < posted.until - (LEASE - PAUSES_KNOWN).total_seconds():
        return []
    if not has_time(posted):
        return None
    held = while_away(lambda _: not has_time(posted))(held_now, sender, posted)
    return held if has_time(posted) else None


def has_time(posted: Post) -> bool:
    return posted.until - time.monotonic() >= LEASE_LEFT_MIN.total_seconds()


def held_now(sender: Sender, posted: Post) -> list[Stored]:
    return [stored for stored in posted.attempts if sender.watch.holds(sender.pool, stored)]


def while_away(stop: Callable[[RetryCallState], bool]) -> Retrying:
    """Try again while PostgreSQL may soon take what it did not take."""
    return Retrying(retry=retry_if_exception(is_passing), stop=stop, wait=wait_fixed(RECORD_WAIT_S), reraise=True)


def is_passing(error: BaseException) -> bool:
    """Whether PostgreSQL may soon take what it did not take now."""
    return isinstance(error, Exception) and not (is_caused_by_input(error) or is_over(error))


def exchange(sender: Sender, posted: Post) -> int:
    with spans.span("POST", "client", facts_of(posted)) as span:
        began = time.monotonic()
        answers = ask(sender, posted)
        took = timedelta(seconds=time.monotonic() - began)
        span.over()
        reached("answered")
        sender.measure(measured(posted, answers, began, took))
        alert_loud_codes(sender, posted, answers)
        is_failure = all(is_failing(answer, took=took) for answer in answers)
        outcomes = [JudgedAnswer(answer, is_failure if nth == 0 else None) for nth, answer in enumerate(answers)]
        settled = record_all(sender, posted, list(zip(posted.attempts, outcomes, strict=True)))
        if span.is_on:
            trace(span, sender.pool, posted, answers)
        return settled


def facts_of(posted: Post) -> spans.Facts:
    first = posted.attempts[0]
    return {
        "http.request.method": "POST",
        "sms.account": first.account,
        "sms.lane": first.lane,
        "sms.attempt": first.key,
        "sms.lease": first.lease,
        "sms.texts": sum(len(stored.notification_ids) for stored in posted.attempts),
    }


def trace(span: spans.Span, pool: Pool, posted: Post, answers: Sequence[Answer]) -> None:
    """Note what came of a POST, and link it to the traces of its events; now, for nothing waits for it any more."""
    classes = {answer.outcome_class(stored.phones) for stored, answer in zip(posted.attempts, answers, strict=True)}
    span.note({"sms.outcome": ", ".join(sorted(classes))})
    notification_ids = [each for stored in posted.attempts for each in stored.notification_ids]
    with suppress(Exception), transaction(pool) as connection:
        span.link(events.traces(connection, notification_ids))


def measured(posted: Post, answers: Sequence[Answer], began: float, took: timedelta) -> Iterator[Measured]:
    lane = posted.attempts[0].lane
    yield Posted(took.total_seconds())
    yield from (Departed(lane, began - accepted_at) for accepted_at in posted.accepted_at)
    for stored, answer in zip(posted.attempts, answers, strict=True):
        yield Answered(answer.outcome_class(stored.phones))


def wait_for_turn(sender: Sender, posted: Post) -> bool:
    """Sleep until its moment; False where this process ends before."""
    while (left := posted.at - time.monotonic()) > 0:
        if left > ENDING_S and sender.is_ending():
            return False
        time.sleep(min(left, ENDING_S / 4))
    return True


def ask(sender: Sender, posted: Post) -> list[Answer]:
    first = posted.attempts[0]
    is_wanted = partial(is_free, sender, posted)
    if first.mode != MULTI:
        reply = sender.provider.send(first.body, token=posted.token, is_wanted=is_wanted)
        return [answer_of(reply, first.phones)]
    body = multi_body({stored.key: stored.body for stored in posted.attempts})
    reply = sender.provider.send_multi(body, token=posted.token, is_wanted=is_wanted)
    answers = multi_answers_of(reply, {stored.key: stored.phones for stored in posted.attempts})
    return [answers[stored.key] for stored in posted.attempts]


def is_free(sender: Sender, posted: Post) -> bool:
    """Whether nobody has paused any of it: asked anew where its first try never left."""
    try:
        return not held_now(sender, posted)
    except Exception as error:
        if not is_passing(error):
            raise
        return False


def alert_loud_codes(sender: Sender, posted: Post, answers: Sequence[Answer]) -> None:
    for code in sorted({code for answer in answers for code in answer.codes if is_loud(code)}):
        facts = {"attempt": posted.attempts[0].key, "code": code, "name": code_of(code).name}
        sender.on_alert("provider.unexpected", facts)


def record_all(sender: Sender, posted: Post, answered: Sequence[AnsweredAttempt]) -> int:
    """Record a POST's answers; where one of them breaks that, each alone, so that only the culprit is lost.

    Raises:
        Exception: what the culprit broke, once the others are recorded; or PostgreSQL did not take them in time. The
            sweeper will ask the provider for what is missing.
    """
    try:
        return record_while_held(sender, posted, answered)
    except Exception as error:
        if len(answered) == 1 or not is_caused_by_input(error):
            raise
    settled, errors = 0, list[Exception]()
    for item in answered:
        try:
            settled += record_while_held(sender, posted, [item])
        except Exception as error:
            if not is_caused_by_input(error):
                raise
            errors.append(error)
    if errors:
        raise errors[0]
    return settled


def record_while_held(sender: Sender, posted: Post, answered: Sequence[AnsweredAttempt]) -> int:
    """Retry while PostgreSQL is away and the lease is ours; count settled attempts.

    A process that ends closes its pool once it has waited long enough: from then on nothing can be recorded.
    """
    tries = while_away(lambda _: time.monotonic() > posted.until)
    written = tries(sender.recorder.write, sender.pool, answered)
    reached("recorded")
    for name, facts in written.alerts:
        sender.on_alert(name, facts)
    sender.measure(written.measured)
    return written.settled
