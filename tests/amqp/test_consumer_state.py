from worker.amqp.consumer_state import IDLE_S, Progress


def test_batches_that_go_back_time_and_again_are_no_progress() -> None:
    progress = Progress()

    for now in range(1_000, 1_120, 30):
        progress.took(now=float(now))
    progress.idles(now=1_120.0)

    assert progress.unsettled_since == 1_000.0


def test_a_batch_that_is_settled_is_progress() -> None:
    progress = Progress()
    progress.took(now=0.0)

    progress.settled()

    assert progress.unsettled_since is None


def test_returned_messages_count_no_more_once_the_queue_is_idle() -> None:
    progress = Progress()
    progress.took(now=0.0)
    progress.idles(now=1.0)

    progress.idles(now=1.0 + IDLE_S)
    before = progress.unsettled_since
    progress.idles(now=2.0 + IDLE_S)

    assert (before, progress.unsettled_since) == (0.0, None)
