"""What a text gains, and what events had no value for."""

import orjson
import pytest

from tests.core.examples import NOW, account, published
from tests.support.crm import Json, person, routing_key
from worker.core.authoring.carried import absent, gained
from worker.core.authoring.template_scope import of_custom, of_trigger
from worker.core.triggers.catalogue import BY_ID

ORDER = of_trigger(BY_ID["order_created"])
CODES = ["stock_orders_firstname", "stock_orders_ttn", "stock_orders_email"]
NAMED = published("order.created", recipients=[person("order", firstname="Олена")])
BY_MAIL = published("order.created", recipients=[person("order", email="o@example.com")])


def bodies(*events: Json) -> list[tuple[bytes, str]]:
    return [(orjson.dumps(each), routing_key(each)) for each in events]


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("", "{b} {a} {b:short|x} [{c}]", ["b", "a", "c"]),
        ("{a}", "{a|слово}", []),
        ("{a} {b}", "{b}", []),
        ("", "{ {", []),
    ],
)
def test_a_text_gains_each_shortcode_that_it_had_not(before: str, after: str, codes: list[str]) -> None:
    assert gained(before, after) == codes


def test_what_one_of_the_events_carried_is_not_absent() -> None:
    assert absent(bodies(NAMED, BY_MAIL), CODES, ORDER, account(), now=NOW) == ["stock_orders_ttn"]
    assert absent(bodies(NAMED), CODES, ORDER, account(), now=NOW) == CODES[1:]


def test_a_trigger_that_is_off_is_asked_all_the_same() -> None:
    assert absent(bodies(NAMED), CODES, ORDER, account(switches={}), now=NOW) == CODES[1:]


@pytest.mark.parametrize(
    "torn", [[], [(b"{", "acme.order.created")], bodies(published("order.created", recipients=[]))]
)
def test_of_events_that_concern_nobody_nothing_is_known(torn: list[tuple[bytes, str]]) -> None:
    assert absent(torn, CODES, ORDER, account(), now=NOW) == []


def test_a_custom_template_is_judged_by_events_that_name_it() -> None:
    asked = published("sms.send_requested", recipients=[person(firstname="Олена")], template="Знижка")
    del asked["data"]["text"]
    codes = ["contact_firstname", "contact_title"]

    assert absent(bodies(asked), codes, of_custom("Знижка", "clients"), account(), now=NOW) == ["contact_title"]
    assert absent(bodies(asked), codes, of_custom("Інша", "clients"), account(), now=NOW) == []
