from dataclasses import replace

import pytest

from worker.amqp.consumer_state import ConsumerState
from worker.health.assessment import (
    LATE_S,
    LATELY_S,
    LOOP_S,
    RUN_MAX_S,
    SILENT_S,
    STALE_S,
    UNSETTLED_MAX_S,
    WORK_S,
    Assessment,
    CheckFacts,
    ConsumerFacts,
    Facts,
    TaskFacts,
    ThreadFacts,
    Work,
    assess,
)

NOW = 5_000.0
UPKEEP = ThreadFacts("the thread of upkeep", is_alive=True)
WELL = ConsumerState(NOW, is_connected=True, is_subscribed=True)


def assessed(work: Work, *, looped_ago_s: float = 0.0, phase: str = "") -> Assessment:
    return assess(Facts(NOW - looped_ago_s, phase, work), now=NOW)


def consuming(state: ConsumerState | None, *, excused_ago_s: float = 0.0) -> Work:
    return Work(consumers=[ConsumerFacts("sms.urgent", state, NOW - excused_ago_s)])


def test_a_process_without_faults_is_alive_and_ready() -> None:
    assessment = assessed(
        Work(
            [ThreadFacts("publisher", is_alive=True)],
            [ConsumerFacts("sms.urgent", WELL, NOW)],
            [CheckFacts("PostgreSQL", None, NOW)],
            [TaskFacts("release", has_run=True, failure=None, next_at=NOW)],
        )
    )

    assert (assessment.fatal, assessment.faults) == ([], [])


@pytest.mark.parametrize("phase", ["starting", "starting: PostgreSQL: no answer", "ending"])
def test_a_starting_or_ending_process_is_alive_and_not_ready(phase: str) -> None:
    assessment = assessed(Work([ThreadFacts("publisher", is_alive=False)]), phase=phase)

    assert (assessment.fatal, assessment.faults) == ([], [phase])


@pytest.mark.parametrize(
    ("thread", "reason"),
    [
        (replace(UPKEEP, is_alive=False), "has ended"),
        (replace(UPKEEP, since=NOW - LOOP_S), None),
        (replace(UPKEEP, since=NOW - LOOP_S - 1), "has not turned for 61 s"),
        (replace(UPKEEP, since=NOW + 3_600), None),
        (replace(UPKEEP, task="purge", since=NOW - RUN_MAX_S), None),
        (replace(UPKEEP, task="purge", since=NOW - RUN_MAX_S - 1), "has been at purge for 301 s"),
    ],
)
def test_a_thread_that_has_ended_or_hangs_is_fatal(thread: ThreadFacts, reason: str | None) -> None:
    assessment = assessed(Work([thread]))

    assert assessment.fatal == ([f"the thread of upkeep {reason}"] if reason else [])


def test_a_main_loop_that_hangs_is_fatal() -> None:
    assert not assessed(Work(), looped_ago_s=LOOP_S).fatal
    assert assessed(Work(), looped_ago_s=LOOP_S + 1).fatal == ["the main loop has not turned for 61 s"]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (None, "not connected to RabbitMQ"),
        (replace(WELL, is_connected=False), "not connected to RabbitMQ"),
        (replace(WELL, is_subscribed=False), "not subscribed"),
        (replace(WELL, looked_at=NOW - LATELY_S), None),
        (replace(WELL, looked_at=NOW - LATELY_S - 1), "has not looked at its queue for 11 s"),
        (replace(WELL, outage="waits for PostgreSQL (away)"), "waits for PostgreSQL (away)"),
        (replace(WELL, in_work_since=NOW - WORK_S), None),
        (replace(WELL, in_work_since=NOW - WORK_S - 1), "has had one batch in work for 61 s"),
        (replace(WELL, unsettled_since=NOW - UNSETTLED_MAX_S), None),
        (replace(WELL, unsettled_since=NOW - 121), "has settled nothing for 121 s while deliveries lie there"),
    ],
)
def test_a_consumer_that_consumes_nothing_is_not_ready_and_alive(
    state: ConsumerState | None, reason: str | None
) -> None:
    assessment = assessed(consuming(state))

    assert (assessment.fatal, assessment.faults) == ([], [f"consumer of sms.urgent: {reason}"] if reason else [])


def test_a_consumer_that_is_silent_for_too_long_is_fatal_unless_excused() -> None:
    silent = replace(WELL, looked_at=NOW - SILENT_S - 1)

    assert assessed(consuming(silent, excused_ago_s=600)).fatal == [
        "consumer of sms.urgent: has not looked at its queue for 31 s"
    ]
    assert assessed(consuming(None, excused_ago_s=SILENT_S + 1)).fatal
    assert not assessed(consuming(silent, excused_ago_s=SILENT_S)).fatal
    assert not assessed(consuming(silent, excused_ago_s=600), looped_ago_s=SILENT_S).fatal


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (CheckFacts("PostgreSQL"), "not checked yet"),
        (CheckFacts("PostgreSQL", "read-only", NOW), "read-only"),
        (CheckFacts("PostgreSQL", None, NOW - STALE_S), None),
        (CheckFacts("PostgreSQL", None, NOW - STALE_S - 1), "no answer for 21 s"),
    ],
)
def test_a_check_that_finds_a_fault_or_nothing_at_all_is_not_ready(check: CheckFacts, reason: str | None) -> None:
    assessment = assessed(Work(checks=[check]))

    assert (assessment.fatal, assessment.faults) == ([], [f"PostgreSQL: {reason}"] if reason else [])


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (TaskFacts("purge", has_run=False, failure=None, next_at=NOW), "has not run yet"),
        (TaskFacts("purge", has_run=True, failure="OSError", next_at=NOW), "fails: OSError"),
        (TaskFacts("purge", has_run=True, failure=None, next_at=NOW - LATE_S), None),
        (TaskFacts("purge", has_run=True, failure=None, next_at=NOW - LATE_S - 1), "is late by 11 s"),
    ],
)
def test_a_task_that_is_not_done_in_time_is_not_ready(task: TaskFacts, reason: str | None) -> None:
    assessment = assessed(Work(tasks=[task]))

    assert (assessment.fatal, assessment.faults) == ([], [f"task purge {reason}"] if reason else [])


def test_a_process_that_cannot_send_is_not_ready() -> None:
    assert assessed(Work(sending="waits for PostgreSQL (full)")).faults == ["sending: waits for PostgreSQL (full)"]
