import pytest

from tests.cli.conftest import Command
from tests.support.crm import TOKEN
from tests.support.http_client import http
from tests.support.simulated_provider import Provider


@pytest.fixture
def provider_with_message(provider: Provider) -> Provider:
    body = {"recipients": ["380671234567"], "sms": {"sender": "DemoShop", "text": "Замовлення №7 прийнято"}}
    answer = http.post(f"{provider.url}/message/send.json", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    answer.raise_for_status()
    return provider


def test_messages_are_shown_with_masked_recipients(bare: Command, provider_with_message: Provider) -> None:
    result = bare("simulator", "messages", "--url", provider_with_message.url)

    assert (result.code, "Замовлення №7 прийнято" in result.out) == (0, True), result
    assert ("+38067***4567" in result.out, "1234567" in result.out) == (True, False)


def test_messages_show_their_channel_and_what_viber_was_asked_for(bare: Command, provider: Provider) -> None:
    viber = {"sender": "Demo Viber", "text": "Замовлення №7 прийнято", "ttl": 600}
    body = {"recipients": ["380671234567"], "viber": viber}
    post = http.post(f"{provider.url}/message/send.json", json=body, headers={"Authorization": f"Bearer {TOKEN}"})

    [value] = bare("simulator", "messages", "--json", SMS_TURBOSMS_URL=provider.url).json

    assert post.json()["response_code"] == 801
    assert (value["channel"], value["viber"]) == ("viber", viber)
    assert "viber" in bare("simulator", "messages", "--url", provider.url).out


def test_messages_are_whole_for_a_program(bare: Command, provider_with_message: Provider) -> None:
    [value] = bare("simulator", "messages", "--json", SMS_TURBOSMS_URL=provider_with_message.url).json

    assert (value["recipient"], value["text"]) == ("380671234567", "Замовлення №7 прийнято")


def test_a_simulator_that_is_not_there_is_exit_code_4(bare: Command) -> None:
    result = bare("simulator", "messages", "--url", "http://127.0.0.1:1")

    assert (result.code, "perfectum-sms simulator" in result.err) == (4, True)


def test_a_port_that_is_taken_is_an_error(bare: Command, provider: Provider) -> None:
    result = bare("simulator", "--port", provider.url.rpartition(":")[2])

    assert (result.code, "--port" in result.err) == (1, True)


def test_a_newcomer_plays_a_viber_message_that_ends_as_an_sms(bare: Command, provider: Provider) -> None:
    at = ("--url", provider.url)
    body = {
        "recipients": ["380671234567"],
        "viber": {"sender": "Demo Viber", "text": "Замовлення №7 прийнято"},
        "sms": {"sender": "DemoShop", "text": "Замовлення №7 прийнято"},
    }
    chosen = bare("simulator", "fate", "--viber", "not_viber_user", "--times", "1", *at)
    http.post(f"{provider.url}/message/send.json", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    moved = bare("simulator", "advance", "15m", *at)

    assert (chosen.code, moved.code) == (0, 0), (chosen, moved)
    assert "viber Rejected 0.00, sms Delivered 1.28" in bare("simulator", "messages", *at).out
    assert bare("simulator", "fate", "--clear", "--json", *at).json == []


def test_each_control_of_the_simulator_has_a_command(bare: Command, provider_with_message: Provider) -> None:
    at = ("--url", provider_with_message.url)
    [message] = provider_with_message.messages()
    mine = ("--token", TOKEN)

    answers = [
        bare("simulator", *parts, *at)
        for parts in (
            ("account", *mine, "--balance", "0.5", "--callback-url", "http://127.0.0.1:9/", "--callback-secret", "s"),
            ("callback-fault", "forged", "--times", "1"),
            ("fault", "code", "--code", "203", "--method", "user/balance"),
            ("stop", "067 123 45 67"),
            ("set", "callback_signature=id_secret", "final_after_s=60"),
            ("status", message["message_id"], "Undelivered"),
            ("callback", message["message_id"], "--forged"),
        )
    ]
    reports = bare("simulator", "callbacks", "--json", *at).json

    assert [answer.code for answer in answers] == [0] * 7, answers
    assert [(report["status"], report["is_forged"]) for report in reports] == [("UNDELIV", False), ("DELIVRD", True)]
    assert provider_with_message.state()["balances"] == {"acme": 0.5}
    assert "forged" in bare("simulator", "callback-fault", *at).out
    assert "user/balance" in bare("simulator", "fault", *at).out


def test_a_refusal_of_the_simulator_is_shown(bare: Command, provider: Provider) -> None:
    unset = bare("simulator", "set", "colour=1", "--url", provider.url)
    unknown = bare("simulator", "status", "17", "Read", "--url", provider.url)

    assert (unset.code, "colour" in unset.err) == (2, True)
    assert (unknown.code, "no such message" in unknown.err) == (3, True)
