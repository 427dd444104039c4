"""`celery --app tests.bench.peers.with_celery worker --pool prefork --concurrency 16`: the work as a task."""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUntypedFunctionDecorator=false
# Celery is in build/peers alone, not where types are checked.
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import worker_ready

from tests.bench.peers import work

QUEUE = "peer-celery"
app: Any = Celery("peers", broker=os.environ[work.AMQP])
app.conf.update(
    task_default_queue=QUEUE,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)


@app.task(name="send_sms", max_retries=3)
def send_sms(event: dict[str, Any]) -> None:
    work.send_sms(event)


@worker_ready.connect
def say_ready(**_more: object) -> None:
    sys.stderr.write(f"{work.READY}\n")
