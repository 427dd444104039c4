"""`/jobs`: what somebody asked to be done with many texts or letters, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from worker.core.hands.job import Action, JobState
from worker.store.db.postgres import transaction
from worker.store.hands.jobs import list_jobs as kept_jobs
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, Limit, about

TAG = "notifications"


class WhichJobs(Fields):
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class ManyDone:
    """Work on many that somebody agreed to."""

    id: Annotated[int, about("Its number.")]
    action: Annotated[Action, about("What is done.")]
    by: Annotated[str, about("Who asked, as the audit names them.")]
    asked_at: Annotated[datetime, about("When.")]
    state: Annotated[JobState, about("How it is.")]
    total: Annotated[int, about("How many it is about.")]
    done: Annotated[int, about("How many are done.")]
    counts: Annotated[Mapping[str, int], about("What became of them.")]
    settled_at: Annotated[datetime | None, about("When it ended.")]


@dataclass(frozen=True, slots=True)
class Jobs:
    """Work on many, the newest first."""

    items: list[ManyDone]


@endpoint("GET", "/jobs", scope="read", tag=TAG, answer=Jobs)
def list_jobs(call: Call[WhichJobs, None]) -> Answer:
    """List what was done with many texts or letters at once, the newest first."""
    with transaction(call.pool) as connection:
        found = kept_jobs(connection, call.account, limit=call.parameters.limit)
    items = [
        ManyDone(job.id, job.action, job.by, job.asked_at, job.state, job.total, job.done, job.counts, job.settled_at)
        for job in found
    ]
    return Answer(Jobs(items))
