from collections.abc import Generator
from dataclasses import replace

import pytest

from tests.support.crm import execute
from tests.support.waiting import PATIENCE_S
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.straight.posts_in_hand import PostsInHand


@pytest.fixture
def in_hand(sender: Sender) -> Generator[PostsInHand]:
    hand = PostsInHand(sender, most=64)
    yield hand
    hand.drain(PATIENCE_S)


@pytest.fixture
def straight(intake: Intake, in_hand: PostsInHand) -> Intake:
    execute(intake.pool, "INSERT INTO rate_limits (account) VALUES ('acme')")
    return replace(intake, in_hand=in_hand)
