"""Group C: RabbitMQ dies, freezes, refuses, or forgets."""

from tests.faults.harness.row import Row
from tests.faults.rabbitmq import cluster
from tests.faults.rabbitmq.held_deliveries import held_too_long
from tests.faults.rabbitmq.outages import (
    away_at_start,
    black_hole,
    connections_reset,
    node_killed,
    node_stopped,
    permissions_revoked,
)
from tests.faults.rabbitmq.queues import (
    dead_queue_deleted,
    event_queue_deleted,
    queue_otherwise,
    returned_often,
    send_queues_deleted,
)
from tests.faults.rabbitmq.resource_alarms import disk_alarm, memory_alarm

ROWS: tuple[Row, ...] = (
    Row("C1", "clean restart of the RabbitMQ node under load", node_stopped, full=2),
    Row("C2", "SIGKILL of the RabbitMQ node under load", node_killed, full=10, quick=1),
    Row("C3 reset", "every connection to RabbitMQ gets an RST", connections_reset, full=5),
    Row("C3 black hole", "nothing passes for 60 s, and old connections stay mute for ever", black_hole),
    Row("C4", "memory alarm: workers accept, publishers wait", memory_alarm),
    Row("C5", "disk alarm: the same", disk_alarm),
    Row("C6", "the queues of nudges are deleted while in use", send_queues_deleted, full=5, quick=2),
    Row("C6 event queue", "an event queue is deleted in a burst", event_queue_deleted, full=2),
    Row("C7", "an event queue exists with other arguments", queue_otherwise),
    Row("C8", "a consumer timeout of 10 s instead of 30 min", held_too_long),
    Row("C9", "sms.dead is deleted while dead letters arise", dead_queue_deleted, full=3),
    Row("C10", "innocent events come back 25 times", returned_often),
    Row("C11", "our user loses its permissions for a time", permissions_revoked),
    Row("C12", "RabbitMQ cannot be reached at start", away_at_start),
    Row("C13 killed", "one node of three is killed, and comes back after 30 s", cluster.node_killed),
    Row("C13 frozen", "one node of three is frozen for 60 s", cluster.node_frozen),
)
