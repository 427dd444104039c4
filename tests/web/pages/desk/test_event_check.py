"""Перевірка події: judged field by field, and nothing of it kept."""

import orjson
import pytest

from tests.support.crm import rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.core.authoring.event_examples import shown
from worker.core.contract.event_types import TYPES

HERE = "/a/acme/events/check"


@pytest.mark.parametrize("event_type", sorted(TYPES))
def test_an_example_of_each_type_is_right(admin: Browser, event_type: str) -> None:
    assert '"source": "/accounts/acme"' in admin.read(HERE, type=event_type).replace("&#34;", '"')
    assert "would be accepted" in admin.post(HERE, {"body": orjson.dumps(shown(event_type)).decode()}).text


def test_a_fault_stands_with_its_field_and_the_fix(site: Site, admin: Browser) -> None:
    body = {**shown("order.created"), "time": "yesterday"}

    page = admin.post(HERE, {"body": orjson.dumps(body).decode()}).text

    assert ('<td class="mono">time</td>' in page, "refused" in page) == (True, True)
    assert rows(site.pool, "SELECT id FROM events UNION ALL SELECT id FROM dead_letters") == []


@pytest.mark.parametrize("body", ["{", "[]", "null", "<script>alert(1)</script>", "\u202e", "x" * 10_000, "[" * 5_000])
def test_whatever_is_pasted_is_only_judged(site: Site, body: str) -> None:
    response = site.sign_in(AUDITOR).post(HERE, {"body": body})

    assert (response.status_code, "<script>alert" in response.text, "refused" in response.text) == (200, False, True)


def test_an_empty_box_is_said(admin: Browser) -> None:
    assert admin.post(HERE, {"body": " "}).status_code == 422
    assert "<textarea" in admin.read(HERE, type="nothing")
