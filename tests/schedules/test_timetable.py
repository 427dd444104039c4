from contextlib import closing

from schedules.timetable import timetable
from worker.amqp.publisher import Publisher
from worker.store.db.postgres import Pool


def test_slow_tasks_share_no_thread_with_occurrences_or_release(pool: Pool, broker_url: str) -> None:
    with closing(Publisher(broker_url)) as publisher:
        threads = {task.name: task.thread for task in timetable(pool, publisher)}

    beside_the_clock = {name for name, thread in threads.items() if thread == threads["occurrences"]}
    assert beside_the_clock == {"occurrences", "zones"}
    assert threads["purge"] not in {threads["occurrences"], threads["release"]}
