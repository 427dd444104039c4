from collections.abc import Generator
from dataclasses import replace

import pytest

from tests.steps.ledger import accept_batch
from tests.support.crm import Json, delivery, execute
from tests.support.waiting import PATIENCE_S
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.plan import Accepted, Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.straight.straight_posts import StraightPosts


@pytest.fixture
def straight_posts(sender: Sender) -> Generator[StraightPosts]:
    posts = StraightPosts(sender, most=64)
    yield posts
    posts.drain(PATIENCE_S)


@pytest.fixture
def straight(intake: Intake, straight_posts: StraightPosts) -> Intake:
    execute(intake.pool, "INSERT INTO rate_limits (account) VALUES ('acme')")
    return replace(intake, straight_posts=straight_posts)


def set_anew(intake: Intake) -> None:
    """Let processes read the accounts anew."""
    execute(intake.pool, "UPDATE configuration SET version = version + 1")
    execute(intake.pool, "UPDATE account_versions SET version = (SELECT version FROM configuration)")


def taken(intake: Intake, *events: Json) -> Accepted:
    return accept_batch(intake, *map(delivery, events))


def going(accepted: Accepted) -> list[NotificationId]:
    return [notification_id for claim in accepted.claims for notification_id in claim.notification_ids]
