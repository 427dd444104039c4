"""One simulator for all of its tests, reset before each."""

from collections.abc import Generator

import httpx
import pytest

from tests.simulator.client import Provider
from tests.support.http_client import NO_CERTIFICATES
from tests.support.waiting import PATIENCE_S
from worker.simulator.server import running


@pytest.fixture(scope="session")
def door() -> Generator[httpx.Client]:
    with (
        running() as simulator,
        httpx.Client(verify=NO_CERTIFICATES, base_url=simulator.url, timeout=PATIENCE_S) as client,
    ):
        yield client


@pytest.fixture
def provider(door: httpx.Client) -> Provider:
    door.post("/_simulator/reset").raise_for_status()
    return Provider(door)
