"""What an answer means, written down: rows leave `sending` together, in the transaction that settles their attempt."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from worker.core.clock.timeouts import RATE_WAIT
from worker.core.planning.channel import VIBER
from worker.core.planning.suppression import SUPPRESSED
from worker.core.receipts.polling import NOT_TRACKED
from worker.core.sending.circuit_breaker import OPENS_AT
from worker.core.sending.notification_states import ENDS, may_move
from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import ACCOUNT, PROVIDER, SENDER, VIBER_SENDER, Stop, lifted_by
from worker.core.sending.send_result import Answer, Paused
from worker.core.sending.settlement import Attempt, Keep, Settle, Verdict, late, settlement
from worker.steps.alerts.alerts import ring_on
from worker.steps.effects import Alert, Effect, Ended, moved
from worker.steps.ends import Ending, ended_ones, given_up
from worker.store.consent import suppressions, viber_reach
from worker.store.db.postgres import Connection, wait_briefly
from worker.store.receipts import receipts
from worker.store.sending import attempts, claims, pauses, rate_limiter, write_results
from worker.store.sending.attempts import Stored
from worker.store.sending.write_results import End
from worker.store.transitions import Move


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer; `is_failure` is whether its POST speaks against the provider, None where that is counted already."""

    answer: Answer
    is_failure: bool | None = None


NOBODY: Mapping[str, int] = {}
AnsweredAttempt = tuple[Stored, JudgedAnswer]


@dataclass(frozen=True, slots=True)
class Recorded:
    settled: frozenset[str] = frozenset()
    measured: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """Moves that were made, and texts that ended by them, or by the stop-list that they led to."""

    moves: Sequence[Move]
    ended: tuple[Ended, ...]


def ask(answered: Sequence[AnsweredAttempt], lock_wait: timedelta | None, connection: Connection) -> attempts.Answers:
    """Lock these attempts, which are of one month, and ask for their rows."""
    if lock_wait is not None:
        wait_briefly(connection, lock_wait)
    return attempts.ask(connection, answered[0][0].month, (stored.key for stored, _ in answered))


def record(
    answered: Sequence[AnsweredAttempt], alerts: list[Alert], asked: attempts.Answers, connection: Connection
) -> Recorded:
    """Record answers of the attempts that were asked for; `alerts` gets what to raise after the commit."""
    alerts.clear()
    stored = {stored.key: stored for stored, _ in answered}
    answers = {stored.key: answer for stored, answer in answered}
    loaded = attempts.read(asked, answered[0][0].month, {key: attempt.lease for key, attempt in stored.items()})
    if not loaded:
        return Recorded()
    now = loaded[0].now
    locked = [as_posted(row.attempt, stored[row.attempt.key]) for row in loaded]
    decided = [(attempt, settlement(attempt, answers[attempt.key].answer, now=now)) for attempt in locked]
    ended = [(attempt, what) for attempt, what in decided if isinstance(what, Settle)]
    over = [attempt for attempt in locked if attempt.is_settled]
    late_ends = [End(attempt, late(attempt, answers[attempt.key].answer, now=now)) for attempt in over]
    well = Counter(attempt.account for attempt, _ in decided if answers[attempt.key].is_failure is False)
    lanes = {
        notification_id: attempt.lane for attempt in stored.values() for notification_id in attempt.notification_ids
    }
    settled = settle(connection, ended, alerts, now=now, late=late_ends, well=well)
    for attempt, what in decided:
        if isinstance(what, Keep):
            keep(connection, attempt, what, alerts, now=now)
        note(connection, attempt, answers[attempt.key], alerts, now=now)
    ring_on(connection, alerts, now=now)
    states = Counter((lanes[move.notification_id], move.after) for move in settled.moves)
    keys = frozenset(attempt.key for attempt in (*over, *(attempt for attempt, _ in ended)))
    return Recorded(keys, (*moved(states), *settled.ended))


def as_posted(attempt: Attempt, stored: Stored) -> Attempt:
    """Its rows with the phones that the POST named, for its answer does: they may be erased since, or others."""
    if tuple(row.digits for row in attempt.rows) == tuple(stored.phones):
        return attempt
    phones = dict(zip(stored.notification_ids, stored.phones, strict=True))
    return replace(attempt, rows=tuple(replace(row, phone=phones[row.notification_id]) for row in attempt.rows))


def settle(
    connection: Connection,
    ended: Sequence[tuple[Attempt, Settle]],
    alerts: list[Alert],
    *,
    now: datetime,
    late: Sequence[End] = (),
    well: Mapping[str, int] = NOBODY,
) -> Settled:
    """Settle attempts: the rows of each leave `sending` together, and late ids are kept.

    A row that has left meanwhile stays where it is. `well` counts good answers by account.
    """
    ends = [*late, *(End(attempt, what.verdicts, what.outcome, what.code) for attempt, what in ended)]
    verdicts = [verdict for end in ends for verdict in end.verdicts]
    still_here = [verdict for verdict in verdicts if may_move(verdict.row.state, verdict.state)]
    wanted = [
        Move(verdict.row.notification_id, verdict.row.state, verdict.state, verdict.reason, verdict.due_at)
        for verdict in still_here
    ]
    made, repeated = write_results.end(connection, ends, wanted, well, now=now)
    stopped = follow(connection, [verdict for verdict in still_here if verdict.row.notification_id in made], now=now)
    silent = give_up_nameless(connection, made & {verdict.row.notification_id for _, verdict in repeated}, now=now)
    accounts = {attempt.key: attempt.account for attempt, _ in repeated}
    alerts += [("message_id.repeated", {"account": accounts[key], "attempt": key}) for key in accounts]
    for attempt, what in ended:
        halt(connection, attempt, what.pause, alerts, now=now)
    moves = [move for move in wanted if move.notification_id in made]
    cancelled = (Ending(notification_id, "cancelled", SUPPRESSED) for notification_id in stopped)
    over = (*ended_rows((end.attempt for end in ends), moves), *silent, *ended_ones(connection, cancelled))
    return Settled(moves, over)


def give_up_nameless(
    connection: Connection, accepted: Collection[NotificationId], *, now: datetime
) -> tuple[Ended, ...]:
    """Give up receipts of texts that were accepted under an id of another's: nobody can ask for them."""
    nameless = receipts.nameless(connection, accepted) if accepted else []
    return given_up(connection, nameless, NOT_TRACKED, actor="record", now=now)


def ended_rows(settled: Iterable[Attempt], moves: Iterable[Move]) -> Iterator[Ended]:
    """Name the texts of attempts that ended: what they are called by was read with them."""
    rows = {row.notification_id: (attempt.account, row) for attempt in settled for row in attempt.rows}
    for move in moves:
        if move.after in ENDS:
            account, row = rows[move.notification_id]
            yield Ended(account, row.trigger, move.notification_id, row.event, move.after, move.reason)


def follow(connection: Connection, verdicts: Sequence[Verdict], *, now: datetime) -> list[NotificationId]:
    """Act on refusals beyond the states of their rows: the fallback channel, and the person's other texts.

    Return those of them that were cancelled.
    """
    claims.as_sms(
        connection,
        {verdict.row.notification_id: verdict.viber_fallback for verdict in verdicts if verdict.viber_fallback},
    )
    stopped = [verdict for verdict in verdicts if verdict.is_stopped]
    by_viber = [verdict.row.notification_id for verdict in stopped if verdict.row.channel == VIBER]
    if by_viber:
        viber_reach.learn_of(connection, by_viber, now=now)
    if len(by_viber) == len(stopped):
        return []
    others = [verdict.row.notification_id for verdict in stopped if verdict.row.channel != VIBER]
    return suppressions.add_refused(connection, others, reason=stopped[0].reason or "", now=now)


def keep(connection: Connection, attempt: Attempt, kept: Keep, alerts: list[Alert], *, now: datetime) -> None:
    attempts.keep(connection, attempt, until=kept.until)
    halt(connection, attempt, kept.pause, alerts, now=now)
    facts: dict[str, object] = {"account": attempt.account, "attempt": attempt.key, "reason": kept.reason}
    alerts.append(("attempt.in_doubt", facts))


def halt(connection: Connection, attempt: Attempt, pause: Paused | None, alerts: list[Alert], *, now: datetime) -> None:
    """Pause the account where the answer asks for it, with one alert; for a Viber sender, its Viber alone.

    Which of a hybrid's two senders was refused is unknown. If it was the other, the SMS alone will be refused for it.
    """
    if pause is None:
        return
    is_vibers = pause.reason == SENDER and attempt.has_viber
    scope, reason = (VIBER, VIBER_SENDER) if is_vibers else (ACCOUNT, pause.reason)
    if pauses.pause(connection, attempt.account, Stop(scope, reason, "provider", pause.code), now=now):
        facts: dict[str, object] = {"account": attempt.account, "reason": reason, "code": pause.code}
        alerts.append(("viber.stopped" if is_vibers else "account.paused", facts))


def note(connection: Connection, attempt: Attempt, answer: JudgedAnswer, alerts: list[Alert], *, now: datetime) -> None:
    """Judge the provider by an answer: resume, count a failure, or slow down."""
    account = attempt.account
    if attempt.is_probe and attempt.held == attempt.lease and answer.is_failure is not None:
        phones = [row.digits for row in attempt.rows]
        lifted = pauses.resume(
            connection, account, lifted_by(answer.answer, phones, is_failure=answer.is_failure), now=now
        )
        alerts += [("account.resumed", {"account": account, "scope": scope}) for scope in lifted]
        if PROVIDER in lifted:
            rate_limiter.forgive(connection, account)
    if answer.is_failure:
        count_provider_failure(connection, account, alerts, now=now)
    if answer.answer.is_limited and rate_limiter.slow(connection, account, wait=RATE_WAIT, now=now):
        alerts.append(("provider.limits", {"account": account, "wait_s": RATE_WAIT.total_seconds()}))


def count_provider_failure(connection: Connection, account: str, alerts: list[Alert], *, now: datetime) -> None:
    weight = rate_limiter.fail(connection, account, now=now)
    stop = Stop(PROVIDER, "provider_failing", "breaker")
    if weight >= OPENS_AT and pauses.pause(connection, account, stop, now=now):
        alerts.append(("account.paused", {"account": account, "reason": stop.reason, "code": None}))
