"""Every row of the fault matrix, group by group."""

from __future__ import annotations

from tests.faults import (
    clock_rows,
    door_rows,
    event_rows,
    neighbour_rows,
    postgresql_rows,
    provider_rows,
    publisher_rows,
    rabbitmq_rows,
    receipt_rows,
    scheduler_rows,
    worker_rows,
)
from tests.faults.row import Row

MATRIX: tuple[Row, ...] = (
    *worker_rows.ROWS,
    *scheduler_rows.ROWS,
    *rabbitmq_rows.ROWS,
    *postgresql_rows.ROWS,
    *provider_rows.ROWS,
    *event_rows.ROWS,
    *receipt_rows.ROWS,
    *door_rows.ROWS,
    *clock_rows.ROWS,
    *publisher_rows.ROWS,
    *neighbour_rows.ROWS,
)
