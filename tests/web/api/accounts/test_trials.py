"""What may stand in a text, how one reads and what the linter says, with nothing saved and nobody written to."""

import re
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


PHONES = [code for code, shortcode in SHORTCODES.items() if shortcode.value_type == "phone"]
#: Every way to a phone that a text has: shortcodes of phones, others that hold one, a value that the CRM words; some of
#: them cut, for the text is long.
EVERY_PHONE = "; ".join(
    [
        *(f"9{{{code}}}" for code in PHONES),
        "{customers_dopolnitelnye_kontakty}; {customers_dopolnitelnye_kontakty:short}; {kod}",
        "х" * 700,
    ]
)


def with_phones(intake: Intake) -> dict[str, Any]:
    """An event with as many phones, none of which is anybody else's."""
    numbers = (f"06712345{nth}" for nth in range(10, 99))
    sections = {SHORTCODES[code].sources[0].section.name for code in PHONES}
    data: dict[str, Any] = {name: {"id": "7", "phonenumber": next(numbers)} for name in sorted(sections)}
    contacts = f"Ірина Петрівна, {next(numbers)}, 044 234 56 78"
    own = {"kod": f"дзвоніть {next(numbers)}"}
    body = event(
        "order.created",
        **data,
        recipients=[person("order")],
        order={"id": "7", "number": "A-77", "version": 1},
        entity={"extra_contacts": contacts},
        shortcodes=own,
    )
    accept(intake, [delivery(body)])
    return body


def test_a_callers_text_shows_no_phone_whole(api: Api, intake: Intake) -> None:
    with_phones(intake)
    for key in ("acme", "acme-phones"):
        [shown] = post(api, "/preview", key=key, name="order_created", text=EVERY_PHONE).json()["items"]

        assert (shown["event"] is not None, shown["phone"]) == (True, "+38067***4567")
        assert shown["text"].count("9067***4") + shown["text"].count("9067***5") == len(PHONES)
        assert "Ірина Петрівна, 067***45" in shown["text"]
        assert re.findall(r"\d[\d ]{6,}\d", shown["text"]) == []
    assert rows(intake.pool, "SELECT * FROM audit") == []


def test_phones_are_whole_for_a_key_that_may_see_them_and_asks(api: Api, intake: Intake) -> None:
    body = with_phones(intake)
    refused = post(api, "/preview", name="order_created", text=EVERY_PHONE, phones=True)
    asked: dict[str, Any] = {"name": "order_created", "text": "{client_phonenumber}", "phones": True}
    [shown] = post(api, "/preview", key="acme-phones", **asked).json()["items"]
    [sample] = post(api, "/preview", key="acme-phones", **asked, samples=True).json()["items"]

    assert refused.status_code == 403
    assert (shown["text"], shown["phone"]) == (body["data"]["client"]["phonenumber"], "+380671234567")
    assert (sample["text"], sample["phone"]) == ("+380441234567", None)
    assert rows(intake.pool, "SELECT done_by, subject, after FROM audit WHERE action = 'phones_seen'") == [
        ("key/2 CRM", "preview order_created", {"event": body["id"]})
    ]


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


def test_all_texts_are_linted_page_by_page(api: Api) -> None:
    whole = post(api, "/lint").json()["items"]
    pages = [post(api, "/lint", limit=15).json()]
    while pages[-1]["next"]:
        pages.append(post(api, "/lint", limit=15, cursor=pages[-1]["next"]).json())

    assert len(pages) > 1
    assert [item for page in pages for item in page["items"]] == whole
    assert post(api, "/lint", cursor="AAAA").json()["errors"][0]["field"] == "cursor"


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
