"""Claims at acceptance for tests: nobody runs out of threads, and a claim that breaks is a fault and not left out."""

from worker.steps.sending.post import Sender
from worker.steps.sending.straight.claim import Allowance
from worker.steps.sending.straight.straight_posts import StraightPosts


class UnforgivingPosts(StraightPosts):
    def __init__(self, sender: Sender) -> None:
        super().__init__(sender, most=10_000)

    def failed(self, allowed: Allowance, why: str) -> None:
        super().failed(allowed, why)
        raise AssertionError(f"a claim at acceptance broke: {why}")
