from __future__ import annotations

import httpx
import pytest

from tests.cli.conftest import Command
from tests.crm import TOKEN
from tests.provider import Provider


@pytest.fixture
def provider_with_one(provider: Provider) -> Provider:
    body = {"recipients": ["380671234567"], "sms": {"sender": "DemoShop", "text": "Замовлення №7 прийнято"}}
    answer = httpx.post(f"{provider.url}/message/send.json", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    answer.raise_for_status()
    return provider


def test_messages_are_shown_with_masked_recipients(bare: Command, provider_with_one: Provider) -> None:
    said = bare("simulator", "messages", "--url", provider_with_one.url)

    assert (said.code, "Замовлення №7 прийнято" in said.out) == (0, True), said
    assert ("+38067***4567" in said.out, "1234567" in said.out) == (True, False)


def test_messages_show_their_channel_and_what_viber_was_asked_for(bare: Command, provider: Provider) -> None:
    viber = {"sender": "Demo Viber", "text": "Замовлення №7 прийнято", "ttl": 600}
    body = {"recipients": ["380671234567"], "viber": viber}
    post = httpx.post(f"{provider.url}/message/send.json", json=body, headers={"Authorization": f"Bearer {TOKEN}"})

    [found] = bare("simulator", "messages", "--json", SMS_TURBOSMS_URL=provider.url).json

    assert post.json()["response_code"] == 801
    assert (found["channel"], found["viber"]) == ("viber", viber)
    assert "viber" in bare("simulator", "messages", "--url", provider.url).out


def test_messages_are_whole_for_a_program(bare: Command, provider_with_one: Provider) -> None:
    [found] = bare("simulator", "messages", "--json", SMS_TURBOSMS_URL=provider_with_one.url).json

    assert (found["recipient"], found["text"]) == ("380671234567", "Замовлення №7 прийнято")


def test_a_simulator_that_is_not_there_is_exit_code_4(bare: Command) -> None:
    said = bare("simulator", "messages", "--url", "http://127.0.0.1:1")

    assert (said.code, "perfectum-sms simulator" in said.err) == (4, True)


def test_a_port_that_is_taken_is_said(bare: Command, provider: Provider) -> None:
    said = bare("simulator", "--port", provider.url.rpartition(":")[2])

    assert (said.code, "--port" in said.err) == (1, True)
