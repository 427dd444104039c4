"""The inbox: what people would have on their phones, as a page."""

import httpx

from tests.simulator.client import PHONE, Provider


def inbox(door: httpx.Client) -> str:
    answer = door.get("/_simulator/inbox")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return answer.text


def test_the_newest_message_stands_first_as_it_is(door: httpx.Client, provider: Provider) -> None:
    assert "Ще нічого" in inbox(door)
    provider.send(text="Перше")
    provider.send(text="<script>alert(1)</script>")

    page = inbox(door)

    assert page.index("&lt;script&gt;") < page.index("Перше")
    assert f"+{PHONE}" in page
    assert "<script>" not in page
