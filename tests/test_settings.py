from __future__ import annotations

import pytest

from worker.settings import DATABASE, NAMES, Address, Fault, Settings, load

RIGHT = {
    "SMS_AMQP_URL": "amqp://user:hunter2-amqp@localhost:5672/sms",
    "SMS_DATABASE_URL": "postgresql://user:hunter2-sql@localhost/sms",
    "SMS_SECRET_KEY": "hunter2-hunter2-hunter2",
}


def settings(**more: str) -> Settings:
    found = load({**RIGHT, **more})
    assert isinstance(found, Settings), found
    return found


def faults(**more: str) -> dict[str, Fault]:
    found = load({**RIGHT, **more})
    assert not isinstance(found, Settings)
    return {fault.name: fault for fault in found}


def test_three_settings_are_enough() -> None:
    found = settings()

    assert (found.turbosms_url, found.log_level) == ("https://api.turbosms.ua", "INFO")


def test_keys_are_read_newest_first() -> None:
    found = settings(SMS_SECRET_KEY="the-newest-key-of-all , the-one-before-it")

    assert found.secret_keys == ("the-newest-key-of-all", "the-one-before-it")


def test_every_configuration_fault_is_reported_at_once() -> None:
    found = faults(
        SMS_AMQP_URL="http://localhost",
        SMS_DATABASE_URL="",
        SMS_SECRET_KEY="short",
        SMS_TURBOSMS_URL="ftp://turbosms",
        SMS_LOG_LEVEL="loud",
        SMS_LISTEN="everywhere",
        SMS_RECEIPTS_LISTEN="off",
        SMS_PUBLIC_URL="sms.acme.ua",
        SMS_SOMETHING_ELSE="1",
    )

    assert set(found) == {*NAMES, "SMS_SOMETHING_ELSE"}
    assert all(fault.hint for fault in found.values())


def test_a_misspelt_name_is_recognised() -> None:
    found = faults(SMS_LOGLEVEL="INFO")

    assert found["SMS_LOGLEVEL"].hint == "Did you mean SMS_LOG_LEVEL?"


@pytest.mark.parametrize("name", list(RIGHT))
def test_what_is_needed_must_be_set(name: str) -> None:
    found = load({known: value for known, value in RIGHT.items() if known != name})

    assert not isinstance(found, Settings)
    assert [(fault.name, fault.problem) for fault in found] == [(name, "is not set")]


def test_a_command_that_needs_no_key_does_not_ask_for_one() -> None:
    assert isinstance(load({DATABASE: RIGHT[DATABASE]}, needs=(DATABASE,)), Settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"SMS_AMQP_URL": "amqps:/user:hunter2@host"},
        {"SMS_AMQP_URL": "amqp://user:hunter2/x@host:port"},
        {"SMS_DATABASE_URL": "mysql://user:hunter2@host"},
        {"SMS_SECRET_KEY": "hunter2"},
        {"SMS_TURBOSMS_URL": "https://user:hunter2@[host"},
        {"SMS_TOKEN": "hunter2"},
    ],
)
def test_no_fault_and_no_representation_shows_a_secret(wrong: dict[str, str]) -> None:
    found = faults(**wrong)

    assert len(found) == 1
    assert "hunter2" not in f"{found} {[str(fault) for fault in found.values()]} {settings()!r} {settings()}"


def test_what_the_local_services_set_is_no_fault() -> None:
    assert settings(SMS_SERVICES_FOLDER="/tmp/somewhere") == settings()  # noqa: S108 (a value, not a file)


DEFAULT = Address("127.0.0.1", 9464)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", DEFAULT),
        ("0.0.0.0:9000", Address("0.0.0.0", 9000)),  # noqa: S104 (a value, nobody listens)
        ("[::1]:9000", Address("::1", 9000)),
        ("localhost:0", Address("localhost", 0)),
        ("off", None),
        ("OFF", None),
    ],
)
def test_where_to_listen_is_host_and_port_or_off(written: str, meant: Address | None) -> None:
    assert settings(SMS_LISTEN=written).listens_at(DEFAULT) == meant


@pytest.mark.parametrize(
    "written",
    [
        *("9464", ":9464", "localhost", "localhost:", "localhost:http", "localhost:70000", "::1:9464", "on"),
        *("http://localhost:9464", "user@localhost:9464", "localhost:9464/metrics"),
    ],
)
def test_where_nobody_can_listen_is_a_fault_with_a_hint(written: str) -> None:
    found = faults(SMS_LISTEN=written)["SMS_LISTEN"]

    assert "as 127.0.0.1:9464" in found.hint
    assert written not in str(found).replace(found.hint, "")


def test_other_programs_variables_are_not_ours() -> None:
    assert settings(SMTP_HOST="mail", PATH="/bin") == settings()
