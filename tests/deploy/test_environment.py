import re

import pytest

from deploy.services import ServicesError
from deploy.services.environment import Services, check_urls, given_urls

AMQP, DATABASE = "amqp://sms:tell-no-one@127.0.0.1:1/%2F", "postgresql://sms:tell-no-one@127.0.0.1:1/sms"


def test_no_urls_is_no_error() -> None:
    assert given_urls({}) is None
    assert given_urls({"SMS_AMQP_URL": "", "SMS_DATABASE_URL": ""}) is None


@pytest.mark.parametrize(
    ("there", "missing"), [("SMS_AMQP_URL", "SMS_DATABASE_URL"), ("SMS_DATABASE_URL", "SMS_AMQP_URL")]
)
def test_half_an_environment_names_the_missing_half(there: str, missing: str) -> None:
    with pytest.raises(ServicesError, match=f"{there} is set, {missing} is not"):
        given_urls({there: AMQP})


def test_a_broker_that_is_away_is_named_without_its_password(postgresql: str) -> None:
    with pytest.raises(ServicesError, match=r"SMS_AMQP_URL: RabbitMQ at 127\.0\.0\.1:1 .*Connection refused") as caught:
        check_urls(Services(AMQP, postgresql))

    assert "tell-no-one" not in str(caught.value)


def test_a_database_that_refuses_is_named_without_its_password(services: tuple[str, str], postgresql: str) -> None:
    refused = re.sub(r"sms:\w+@", "sms:tell-no-one@", postgresql)

    with pytest.raises(ServicesError, match="password authentication failed for user") as caught:
        check_urls(Services(services[0], refused))

    assert "tell-no-one" not in str(caught.value)


@pytest.mark.parametrize(
    "password", ["tell@no-one", "tell/no-one", "12/no-one", "tell?no-one", "tell#no-one", "1#no-one"]
)
def test_a_password_that_breaks_its_url_is_not_shown(password: str) -> None:
    with pytest.raises(ServicesError, match="SMS_DATABASE_URL is not a URL of the form postgresql://") as caught:
        check_urls(Services(AMQP, f"postgresql://sms:{password}@db.example.com/sms"))

    assert "tell" not in str(caught.value)
    assert "no-one" not in str(caught.value)


def test_a_url_of_a_wrong_scheme_is_an_error_with_the_right_form() -> None:
    with pytest.raises(ServicesError, match="SMS_AMQP_URL is not a URL of the form amqp://"):
        check_urls(Services("https://example.com", DATABASE))
