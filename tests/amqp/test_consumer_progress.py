from __future__ import annotations

from worker.amqp.consumer_progress import IDLE_S, UNSETTLED_MAX_S, Progress


def test_batches_that_go_back_again_and_again_are_no_progress() -> None:
    progress, now = Progress(), 1_000.0

    for ahead in range(0, int(UNSETTLED_MAX_S) + 1, 30):
        progress.took(now=now + ahead)
        assert progress.fault(now=now + ahead) is None
    progress.idles(now=now + UNSETTLED_MAX_S)

    seen_at = now + UNSETTLED_MAX_S + 1
    assert progress.fault(now=seen_at) == "has settled nothing for 121 s while deliveries lie there"


def test_one_that_is_settled_is_progress() -> None:
    progress = Progress()

    for now in range(0, 3600, 100):
        progress.took(now=float(now))
        assert progress.fault(now=now + 100.0) is None
        progress.settled()
        assert progress.age_s(now=now + 100.0) == 0.0


def test_an_idle_queue_is_no_fault_though_what_went_back_was_settled_elsewhere() -> None:
    progress = Progress()
    progress.took(now=0.0)

    for now in range(1, 1000):
        progress.idles(now=float(now))
        assert progress.fault(now=float(now)) is None

    assert progress.age_s(now=IDLE_S + 3) == 0.0
