"""What may stand in a text, how one reads and what the linter says, with nothing saved and nobody written to."""

from typing import Any

import pytest

from tests.support.crm import add_account, delivery, event, execute, person, rows
from tests.web.api.conftest import Api
from worker.core.texts.shortcodes import SHORTCODES
from worker.core.triggers.catalogue import BY_ID
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool


def post(api: Api, path: str, *, key: str = "acme", language: str = "en", **body: Any) -> Any:
    return api.ask("POST", path, key=key, json=body, headers={"Accept-Language": language})


def test_shortcodes_are_listed_of_a_trigger_or_a_section(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, "UPDATE accounts SET custom_shortcodes = '{customers_kod}'")
    every, of_invoice = api.read("/shortcodes")["items"], api.read("/shortcodes", section="invoice")["items"]
    of_trigger = {item["section"] for item in api.read("/shortcodes", trigger="booking_confirmed")["items"]}

    assert len(every) == len(SHORTCODES) + 1
    number = next(item for item in of_invoice if item["code"] == "{invoice_number}")
    assert (number["label"], number["type"], number["sample"]) == ("Номер рахунку", "text", "INV-000901")
    assert of_trigger == {*BY_ID["booking_confirmed"].sections, "custom"}
    assert [item["code"] for item in api.read("/shortcodes", section="custom")["items"]] == ["{customers_kod}"]


def test_a_trigger_or_section_that_there_is_not_is_named(api: Api) -> None:
    for name, value in (("trigger", "order_craeted"), ("section", "invoces"), ("sectoin", "invoice")):
        response = api.get("/shortcodes", **{name: value})

        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, name)


def test_a_text_reads_with_the_values_of_the_last_event(api: Api, intake: Intake) -> None:
    body = event("order.created", recipients=[person("order")], order={"id": "7", "number": "A-77", "version": 1})
    accept(intake, [delivery(body)])
    [shown] = post(api, "/preview", name="order_created").json()["items"]

    assert ("A-77" in shown["text"], shown["event"], shown["phone"]) == (True, body["id"], "+38067***4567")
    assert (shown["channel"], shown["state"], shown["size"]["segments"]) == ("sms", "planned", 1)
    given = post(api, "/preview", name="order_created", text="№ {stock_orders_number_order_id}").json()
    assert [item["text"] for item in given["items"]] == ["№ A-77"]
    assert len(rows(intake.pool, "SELECT * FROM notifications")) == 1


def test_a_text_reads_with_samples_and_its_price(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, "UPDATE accounts SET segment_price = 0.95")
    shown = post(api, "/preview", text="Вітаємо, {contact_firstname}!", section="clients").json()

    assert [(item["text"], item["event"], item["size"]["price"]) for item in shown["items"]] == [
        ("Вітаємо, Олена!", None, "0.95")
    ]
    assert shown["report"]["is_refused"] is False


def test_the_linter_names_each_place_in_the_language_asked_for(api: Api) -> None:
    wanted = {"name": "order_created", "text": "Дякуємо,\n{stock_orders_numbr}!"}
    [linted] = post(api, "/lint", **wanted).json()["items"]
    [in_ukrainian] = post(api, "/lint", language="uk", **wanted).json()["items"]

    [finding] = [item for item in linted["report"]["findings"] if item["is_error"]]
    assert (finding["code"], finding["start"], finding["end"]) == ("unknown_shortcode", 9, 29)
    assert (finding["line"], finding["column"]) == (2, 1)
    assert linted["report"]["is_refused"] is True
    assert "шорткод" in in_ukrainian["report"]["findings"][0]["message"].lower()
    assert "шорткод" not in finding["message"].lower()


def test_texts_that_are_kept_are_linted_too(api: Api) -> None:
    every = post(api, "/lint").json()["items"]
    one = post(api, "/lint", name="order_created").json()["items"]

    assert "order_created" in {item["name"] for item in every}
    assert [item for item in every if item["name"] == "order_created"] == one
    assert {item["report"]["is_refused"] for item in every} == {False}


@pytest.mark.parametrize("path", ["/preview", "/lint"])
def test_a_text_of_nobody_is_told(api: Api, acme_pool: Pool, path: str) -> None:
    add_account(acme_pool, "beta")
    api.ask("PUT", "/templates/Осінь", key="beta", json={"text": "Осінь", "section": "clients"})

    assert post(api, path, key="beta", name="Осінь").status_code == 200
    assert post(api, path, name="Осінь").status_code == 404
    assert post(api, path, text="Осінь").json()["errors"][0]["field"] == "name"
    assert post(api, path, name="Осінь", txt="x").json()["errors"][0]["field"] == "txt"


def test_a_key_without_the_scope_may_not(api: Api) -> None:
    for method, path in (("GET", "/shortcodes"), ("POST", "/preview"), ("POST", "/lint")):
        assert api.ask(method, path, key="acme-none", json={}).status_code == 403
