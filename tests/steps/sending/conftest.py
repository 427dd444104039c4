from collections.abc import Generator

import pytest

from worker import failpoint


@pytest.fixture(autouse=True)
def _unarmed() -> Generator[None]:
    yield
    failpoint.arm(failpoint.nothing)
