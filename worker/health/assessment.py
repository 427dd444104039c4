"""Whether a process is alive and ready: one pure function from the facts that it knows of itself to its faults.

A fatal fault ends with the process alone: it is not alive. Any fault keeps it from its work: it is not ready. Moments
are of the process's steady clock; no sentence holds a secret.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from worker.amqp.consumer_state import ConsumerState

#: A loop that has not turned for so long hangs; to finish what is in hand takes less.
LOOP_S = 60.0
#: No run of a task takes longer: each call in it has an end of its own.
RUN_MAX_S = 300.0
#: A task that is late by more than this does not keep to the timetable.
LATE_S = 10.0
#: The answer of a check that is older than this proves nothing: whoever was asked does not answer.
STALE_S = 20.0
#: A consumer that consumes has looked at its queue within this time; it comes back every 0.2 s.
LATELY_S = 10.0
#: One that has not looked at its queue for so long hangs; whatever it does takes a few seconds at most.
SILENT_S = 30.0
#: Work on one batch that takes longer than this has stopped; its statements are cut off far sooner.
WORK_S = 60.0
#: Work that settles nothing for so long has stopped: a batch ends one way or the other within a minute.
UNSETTLED_MAX_S = 120.0
NOT_CONNECTED = "not connected to RabbitMQ"


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """A thread that must live; `since` is when `task` began, or until when it may wait; None where it need not turn."""

    name: str
    is_alive: bool
    task: str | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class ConsumerFacts:
    """A consumer of a queue; `state` is None while it is not connected.

    Attributes:
        excused_at: until when its silence was excused: RabbitMQ was away, or the process was frozen.
    """

    queue: str
    state: ConsumerState | None
    excused_at: float


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """The last answer of a periodic check; `at` is None before the first."""

    name: str
    fault: str | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class TaskFacts:
    name: str
    has_run: bool
    failure: str | None
    next_at: float


@dataclass(frozen=True, slots=True)
class Work:
    """The parts of a process at work; `sending` is what keeps it from sending."""

    threads: Sequence[ThreadFacts] = ()
    consumers: Sequence[ConsumerFacts] = ()
    checks: Sequence[CheckFacts] = ()
    tasks: Sequence[TaskFacts] = ()
    sending: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a process knows of itself; `phase` is why it is not at work ("starting", "ending"), or empty."""

    looped_at: float
    phase: str = ""
    work: Work = Work()


@dataclass(frozen=True, slots=True)
class Fault:
    reason: str
    is_fatal: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    all_faults: tuple[Fault, ...]

    @property
    def fatal(self) -> list[str]:
        return [fault.reason for fault in self.all_faults if fault.is_fatal]

    @property
    def faults(self) -> list[str]:
        return [fault.reason for fault in self.all_faults]


def assess(facts: Facts, *, now: float) -> Assessment:
    main = thread_faults(ThreadFacts("the main loop", is_alive=True, since=facts.looped_at), now=now)
    if facts.phase:
        return Assessment((*main, Fault(facts.phase)))
    work, is_frozen = facts.work, now - facts.looped_at > SILENT_S / 2
    return Assessment(
        (
            *main,
            *chain.from_iterable(thread_faults(thread_facts, now=now) for thread_facts in work.threads),
            *chain.from_iterable(check_faults(check_facts, now=now) for check_facts in work.checks),
            *chain.from_iterable(
                consumer_faults(consumer_facts, now=now, is_frozen=is_frozen) for consumer_facts in work.consumers
            ),
            *chain.from_iterable(task_faults(task_facts, now=now) for task_facts in work.tasks),
            *((Fault(f"sending: {work.sending}"),) if work.sending else ()),
        )
    )


def thread_faults(thread: ThreadFacts, *, now: float) -> Iterator[Fault]:
    """A thread that has ended or hangs; to wait for its turn and to be at work is no fault."""
    if not thread.is_alive:
        yield Fault(f"{thread.name} has ended", is_fatal=True)
    elif thread.since is not None:
        passed_s = now - thread.since
        if thread.task is None and passed_s > LOOP_S:
            yield Fault(f"{thread.name} has not turned for {passed_s:.0f} s", is_fatal=True)
        elif thread.task is not None and passed_s > RUN_MAX_S:
            yield Fault(f"{thread.name} has been at {thread.task} for {passed_s:.0f} s", is_fatal=True)


def check_faults(check: CheckFacts, *, now: float) -> Iterator[Fault]:
    """What a check found; an outdated answer is a fault too."""
    if check.at is None:
        yield Fault(f"{check.name}: not checked yet")
    elif now - check.at > STALE_S:
        yield Fault(f"{check.name}: no answer for {now - check.at:.0f} s")
    elif check.fault:
        yield Fault(f"{check.name}: {check.fault}")


def consumer_faults(consumer: ConsumerFacts, *, now: float, is_frozen: bool) -> Iterator[Fault]:
    """Why a consumer does not consume; one that hangs is fatal, unless its silence is excused."""
    state = consumer.state
    looked_at = max(state.looked_at if state else 0.0, consumer.excused_at)
    reason = idle_reason(state, now=now)
    if reason:
        is_silent = not is_frozen and now - looked_at > SILENT_S
        yield Fault(f"consumer of {consumer.queue}: {reason}", is_fatal=is_silent)


def idle_reason(state: ConsumerState | None, *, now: float) -> str | None:
    if state is None:
        return NOT_CONNECTED
    looked_s, work_s, unsettled_s = (
        0.0 if since is None else now - since for since in (state.looked_at, state.in_work_since, state.unsettled_since)
    )
    reasons = (
        (looked_s > LATELY_S, f"has not looked at its queue for {looked_s:.0f} s"),
        (state.outage is not None, state.outage),
        (work_s > WORK_S, f"has had one batch in work for {work_s:.0f} s"),
        (unsettled_s > UNSETTLED_MAX_S, f"has settled nothing for {unsettled_s:.0f} s while deliveries lie there"),
        (not state.is_connected, NOT_CONNECTED),
        (not state.is_subscribed, "not subscribed"),
    )
    return next((reason for is_so, reason in reasons if is_so), None)


def task_faults(task: TaskFacts, *, now: float) -> Iterator[Fault]:
    if task.failure:
        yield Fault(f"task {task.name} fails: {task.failure}")
    elif not task.has_run:
        yield Fault(f"task {task.name} has not run yet")
    elif now - task.next_at > LATE_S:
        yield Fault(f"task {task.name} is late by {now - task.next_at:.0f} s")
