"""Every row of the fault matrix, group by group."""

from tests.faults.clock import clock_rows
from tests.faults.events import event_rows
from tests.faults.harness.row import Row
from tests.faults.http import http_rows
from tests.faults.neighbours import neighbour_rows, publisher_rows
from tests.faults.postgresql import postgresql_rows
from tests.faults.provider import provider_rows
from tests.faults.rabbitmq import rabbitmq_rows
from tests.faults.receipts import receipt_rows
from tests.faults.schedulers import scheduler_rows
from tests.faults.workers import worker_rows

MATRIX: tuple[Row, ...] = (
    *worker_rows.ROWS,
    *scheduler_rows.ROWS,
    *rabbitmq_rows.ROWS,
    *postgresql_rows.ROWS,
    *provider_rows.ROWS,
    *event_rows.ROWS,
    *receipt_rows.ROWS,
    *http_rows.ROWS,
    *clock_rows.ROWS,
    *publisher_rows.ROWS,
    *neighbour_rows.ROWS,
)
