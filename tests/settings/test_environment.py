from base64 import urlsafe_b64encode

import pytest

from worker.settings.environment import DATABASE, NAMES, Address, Fault, Settings, load

RIGHT = {
    "SMS_AMQP_URL": "amqp://user:hunter2-amqp@localhost:5672/sms",
    "SMS_DATABASE_URL": "postgresql://user:hunter2-sql@localhost/sms",
    "SMS_SECRET_KEY": "hunter2-hunter2-hunter2",
}


def settings(**more: str) -> Settings:
    loaded = load({**RIGHT, **more})
    assert isinstance(loaded, Settings), loaded
    return loaded


def faults(**more: str) -> dict[str, Fault]:
    loaded = load({**RIGHT, **more})
    assert not isinstance(loaded, Settings)
    return {fault.name: fault for fault in loaded}


def test_three_settings_are_enough() -> None:
    result = settings()

    assert (result.turbosms_url, result.log_level) == ("https://api.turbosms.ua", "INFO")


def test_keys_are_read_newest_first() -> None:
    result = settings(SMS_SECRET_KEY="the-newest-key-of-all , the-one-before-it")

    assert result.secret_keys == ("the-newest-key-of-all", "the-one-before-it")


def test_keys_of_callbacks_are_read_newest_first() -> None:
    keys = [bytes([number]) * 32 for number in (1, 0xFF)]

    result = settings(SMS_CALLBACK_KEY=" , ".join(urlsafe_b64encode(key).decode() for key in keys))

    assert result.callback_keys == tuple(keys)
    assert settings().callback_keys == ()


@pytest.mark.parametrize("key", ["no base64!", "c2hvcnQ=", f"{'A' * 43}=,", "hunter2-hunter2-hunter2"])
def test_what_is_no_derived_key_is_refused_and_not_shown(key: str) -> None:
    fault = faults(SMS_CALLBACK_KEY=key)["SMS_CALLBACK_KEY"]

    assert "key derive callbacks" in fault.hint
    assert key not in str(fault)


def test_every_configuration_fault_is_reported_at_once() -> None:
    results = faults(
        SMS_AMQP_URL="http://localhost",
        SMS_DATABASE_URL="",
        SMS_SECRET_KEY="short",
        SMS_CALLBACK_KEY="c2hvcnQ=",
        SMS_TURBOSMS_URL="ftp://turbosms",
        SMS_LOG_LEVEL="loud",
        SMS_LISTEN="everywhere",
        SMS_RECEIPTS_LISTEN="off",
        SMS_PUBLIC_URL="sms.acme.ua",
        SMS_OPERATOR="Олена\nІванівна",
        SMS_OTEL_ENDPOINT="collector:4318",
        SMS_LISTENS="1",
    )

    assert set(results) == {*NAMES, "SMS_LISTENS"}
    assert all(fault.hint for fault in results.values())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SMS_LOGLEVEL", "SMS_LOG_LEVEL"),
        ("SMS_LOGGING_LEVEL", "SMS_LOG_LEVEL"),
        ("SMS_AMPQ_URL", "SMS_AMQP_URL"),
        ("SMS_DATABASE_URI", "SMS_DATABASE_URL"),
        ("SMS_SECRETKEY", "SMS_SECRET_KEY"),
        ("SMS_TURBO_SMS_URL", "SMS_TURBOSMS_URL"),
    ],
)
def test_a_misspelt_name_is_recognised(written: str, meant: str) -> None:
    assert faults(**{written: "INFO"})[written].hint == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    "foreign",
    [
        *("SMS_SERVICES_FOLDER", "SMS_TOKEN", "SMS_GATEWAY_LOGIN", "SMS_API_URL", "SMS_SENDER"),
        *("SMS_CONSOLE_SERVICE_HOST", "SMS_CONSOLE_SERVICE_PORT", "SMS_CONSOLE_SERVICE_PORT_HTTP", "SMS_CONSOLE_PORT"),
        *("SMS_LISTEN_PORT", "SMS_LISTEN_PORT_80_TCP", "SMS_LISTEN_PORT_80_TCP_ADDR", "SMS_PORT", "SMS_DB_ENV_PATH"),
        *("SMS_AMQP_URL_SERVICE_HOST", "SMS_LISTEN_SERVICE_HOST", "SMS_PORT_53_UDP_PROTO"),
    ],
)
def test_another_programs_variables_disturb_nothing(foreign: str) -> None:
    assert settings(**{foreign: "10.0.0.5"}) == settings()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("?sslmod=require", "did you mean sslmode?"),
        ("?zzzz=1", "has an unknown parameter, see libpq"),
        ("?options=-csearch_path=x", "write %3D for = within one"),
        ("?connect_timeout=soon", "has connect_timeout without a whole number"),
        ("?keepalives_idle=", "has keepalives_idle without a whole number"),
        ("#x", "has a sign that must be percent-encoded"),
    ],
)
def test_a_database_url_that_libpq_refuses_has_its_problem(more: str, text: str) -> None:
    assert text in faults(SMS_DATABASE_URL=RIGHT["SMS_DATABASE_URL"] + more)["SMS_DATABASE_URL"].problem


@pytest.mark.parametrize(
    "url",
    [
        *(
            "postgresql://",
            "postgresql:///sms",
            "postgres://user@/sms?host=/run/postgresql",
            "postgresql://[::1]:1/sms",
        ),
        "postgresql://a:1,b:2/sms?target_session_attrs=read-write&connect_timeout=3",
        "postgresql://a%40b:p%2F%3F%23@host/sms?options=-csearch_path%3Dcrm%20-cwork_mem%3D8MB",
    ],
)
def test_a_database_url_that_libpq_reads_is_taken_as_it_is(url: str) -> None:
    assert settings(SMS_DATABASE_URL=url).database_url == url


@pytest.mark.parametrize("url", ["amqp://user@host/vhost", "amqp://host?heartbeat=x", "amqp://host?verify=verify_peer"])
def test_an_amqp_url_that_pika_refuses_is_a_fault_with_a_hint(url: str) -> None:
    assert faults(SMS_AMQP_URL=url)["SMS_AMQP_URL"].hint


@pytest.mark.parametrize("name", list(RIGHT))
def test_a_needed_variable_must_be_set(name: str) -> None:
    loaded = load({known: value for known, value in RIGHT.items() if known != name})

    assert not isinstance(loaded, Settings)
    assert [(fault.name, fault.problem) for fault in loaded] == [(name, "is not set")]


def test_a_command_that_needs_no_key_loads_without_a_key() -> None:
    assert isinstance(load({DATABASE: RIGHT[DATABASE]}, needs=(DATABASE,)), Settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"SMS_AMQP_URL": "amqps:/user:hunter2@host"},
        {"SMS_AMQP_URL": "amqp://user:hunter2/x@host:port"},
        {"SMS_DATABASE_URL": "mysql://user:hunter2@host"},
        {"SMS_SECRET_KEY": "hunter2"},
        {"SMS_TURBOSMS_URL": "https://user:hunter2@[host"},
        {"SMS_SECRET_KEYS": "hunter2"},
        {"SMS_DATABASE_URL": "postgresql://user:hunter2%zz@host"},
        {"SMS_DATABASE_URL": "postgresql://user@host?hunter2=1"},
    ],
)
def test_no_fault_and_no_representation_shows_a_secret(wrong: dict[str, str]) -> None:
    results = faults(**wrong)

    assert len(results) == 1
    assert "hunter2" not in f"{results} {[str(fault) for fault in results.values()]} {settings()!r} {settings()}"


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
def test_a_listen_address_is_host_and_port_or_off(written: str, meant: Address | None) -> None:
    assert settings(SMS_LISTEN=written).listens_at(DEFAULT) == meant


@pytest.mark.parametrize(
    "written",
    [
        *("9464", ":9464", "localhost", "localhost:", "localhost:http", "localhost:70000", "::1:9464", "on"),
        *("http://localhost:9464", "user@localhost:9464", "localhost:9464/metrics"),
    ],
)
def test_an_invalid_listen_address_is_a_fault_with_a_hint(written: str) -> None:
    fault = faults(SMS_LISTEN=written)["SMS_LISTEN"]

    assert "as 127.0.0.1:9464" in fault.hint
    assert written not in str(fault).replace(fault.hint, "")


def test_other_programs_variables_are_not_ours() -> None:
    assert settings(SMTP_HOST="mail", PATH="/bin") == settings()
