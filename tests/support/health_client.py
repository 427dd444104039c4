"""What a process answers at its HTTP door."""

from typing import Any

from tests.support.http_client import http
from tests.support.waiting import wait_until


def answer(door: str, address: str) -> tuple[int, list[str]]:
    """The status of /livez or /readyz and its faults."""
    response = http.get(f"{door}{address}")
    body: dict[str, Any] = response.json()
    assert body["ok"] == (response.status_code == 200)
    assert "guest" not in response.text
    return response.status_code, body["faults"]


def is_ready(door: str) -> bool:
    return answer(door, "/readyz") == (200, [])


def wait_until_ready(door: str) -> None:
    wait_until(lambda: is_ready(door), f"ready, now {answer(door, '/readyz')}")


def wait_until_unready(door: str, *, because: str) -> None:
    """Wait until it is not ready, for this reason."""
    wait_until(
        lambda: any(because in fault for fault in answer(door, "/readyz")[1]),
        f"not ready because {because}, now {answer(door, '/readyz')}",
    )
    assert answer(door, "/readyz")[0] == 503
