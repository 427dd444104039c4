"""Texts of the key's account: the linter's gate, authors and versions, and who was first."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.crm import add_account, row, rows
from tests.web.api.conftest import Api
from worker.store.db.postgres import Pool

PATH = "/templates/order_created"
CUSTOM = "/templates/Знижка%20до%20свята"
TEXT = "Замовлення {stock_orders_number_order_id} прийнято."


def write(api: Api, path: str = PATH, *, key: str = "acme", etag: str | None = None, **fields: Any) -> Any:
    headers = {"If-Match": etag} if etag else {}
    return api.ask("PUT", path, key=key, json=fields, headers=headers)


def etag_of(api: Api, path: str = PATH) -> str:
    return api.get(path).headers["etag"]


def test_texts_of_triggers_and_custom_ones_are_listed_apart(api: Api) -> None:
    write(api, CUSTOM, text="Вам −10 %", section="clients", description="До свят")
    custom = api.read("/templates", of="custom")["items"]
    of_triggers = api.read("/templates", of="trigger", locale="uk")["items"]

    assert [(item["name"], item["section"], item["missing"]) for item in custom] == [
        ("Знижка до свята", "clients", "fail")
    ]
    assert api.read("/templates", section="clients")["items"] == custom
    assert api.read("/templates", section="invoice")["items"] == []
    assert {item["is_custom"] for item in of_triggers} == {False}
    assert "order_created" in {item["name"] for item in of_triggers}


def test_each_change_is_a_version_with_the_key_as_its_author(api: Api, acme_pool: Pool) -> None:
    first = api.get(PATH)
    saved = write(api, etag=first.headers["etag"], text=f"  {TEXT}\n", missing="fail")

    assert saved.status_code == 200, saved.text
    body = saved.json()
    assert (body["text"], body["version"], body["author"], body["missing"]) == (TEXT, 2, "key/1 CRM", "fail")
    assert (body["report"]["is_refused"], body["report"]["typical"]["segments"]) == (False, 1)
    assert saved.headers["etag"] == etag_of(api) != first.headers["etag"]
    versions = api.read("/template-versions/order_created")["items"]
    assert [(item["version"], item["text"], item["author"]) for item in versions] == [
        (2, TEXT, "key/1 CRM"),
        (1, first.json()["text"], "perfectum-sms"),
    ]
    assert row(acme_pool, "SELECT done_by, action, subject FROM audit") == ("key/1 CRM", "template", "order_created")


def test_the_same_text_again_is_no_new_version(api: Api) -> None:
    first = write(api, etag=etag_of(api), text=TEXT)
    again = write(api, etag=first.headers["etag"], text=TEXT)

    assert (again.status_code, again.json()["version"], again.headers["etag"]) == (200, 2, first.headers["etag"])
    assert again.headers["etag"] == etag_of(api)


def test_what_the_linter_refuses_is_not_saved_and_named_by_place(api: Api, acme_pool: Pool) -> None:
    response = write(api, etag=etag_of(api), text="Дякуємо,\n{stock_orders_numbr}!", missing="fail")
    [wrong] = response.json()["errors"]

    assert (response.status_code, wrong["field"]) == (400, "text")
    assert wrong["problem"].startswith("line 2, column 1: ")
    assert (api.read(PATH)["version"], api.read(PATH)["missing"]) == (1, "drop")
    assert rows(acme_pool, "SELECT * FROM audit") == []


def test_the_second_of_two_admins_is_told_who_was_first(api: Api) -> None:
    etag = etag_of(api)
    first = write(api, etag=etag, text=TEXT)
    second = write(api, etag=etag, text="Інше.")
    blind = write(api, text="Інше.")

    assert [answer.status_code for answer in (first, second, blind)] == [200, 412, 428]
    assert "key/1 CRM saved version 2" in second.json()["detail"]
    assert second.headers["etag"] == first.headers["etag"]
    assert api.read(PATH)["text"] == TEXT
    assert write(api, etag="*", text="Інше.").status_code == 200
    assert api.ask("GET", PATH, headers={"If-None-Match": etag_of(api)}).status_code == 304


def test_of_two_who_save_at_the_same_moment_one_is_told(api: Api) -> None:
    etag = etag_of(api)
    with ThreadPoolExecutor(4) as threads:
        saving = [threads.submit(write, api, etag=etag, text=f"Інше {nth}.") for nth in range(4)]
        answers = [each.result() for each in saving]

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert len(api.read("/template-versions/order_created")["items"]) == 2


def test_a_text_is_added_in_another_language(api: Api) -> None:
    added = write(api, f"{PATH}?locale=en", text="{stock_orders_number_order_id}: received")

    assert (added.status_code, added.json()["locale"], added.json()["version"]) == (201, "en", 1)
    assert api.read(PATH, locale="en")["text"] == "{stock_orders_number_order_id}: received"
    assert api.get(PATH, locale="pl").status_code == 404


def test_a_custom_template_is_added_described_and_asked_for(api: Api) -> None:
    added = write(api, CUSTOM, text="Вам −10 %: {contact_firstname}", section="clients", missing="drop")
    viber = {"ttl": 600, "button": {"caption": "Взяти", "link": "https://acme.ua/"}}
    changed = write(
        api, CUSTOM, etag=added.headers["etag"], text=added.json()["text"], description="До свят", viber=viber
    )
    kept = write(api, CUSTOM, etag=changed.headers["etag"], text="Вам −15 %").json()

    assert added.status_code == 201
    assert (changed.json()["description"], changed.json()["viber"], changed.json()["version"]) == ("До свят", viber, 1)
    assert (kept["viber"], kept["description"], kept["missing"], kept["version"]) == (viber, "До свят", "drop", 2)
    assert write(api, CUSTOM, etag="*", text="Вам −15 %", viber=None).json()["viber"] == {}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    (CUSTOM, {"text": "Вам −10 %"}, "section"),
    (CUSTOM, {"text": "Вам −10 %", "section": "clinets"}, "section"),
    (CUSTOM, {"text": " ", "section": "clients"}, "text"),
    (CUSTOM, {"text": "x", "section": "clients", "viber": {"ttl": 5}}, "viber"),
    (CUSTOM, {"text": "x", "section": "clients", "txt": "x"}, "txt"),
    (CUSTOM, {"text": "x", "section": "clients", "viber": {"picture": "https://a/\0"}}, "viber.picture"),
    (PATH, {"text": TEXT, "section": "clients"}, "section"),
    (PATH, {"text": TEXT, "description": "x"}, "description"),
    (PATH, {"text": TEXT, "missing": "maybe"}, "missing"),
    (PATH, {}, "text"),
    (f"{PATH}?locale=zz", {"text": TEXT}, "locale"),
    ("/templates/sms_send_requested", {"text": "x"}, "name"),
    (PATH, {"text": TEXT, "viber": {"button": {"caption": "Так", "link": "{nothing}"}}}, "viber.button.link"),
]


def test_a_wrong_field_is_named_and_nothing_is_saved(api: Api, acme_pool: Pool, subtests: pytest.Subtests) -> None:
    for path, fields, named in WRONG:
        with subtests.test(str(fields)):
            etag = None if path == CUSTOM or "sms_send" in path else etag_of(api)
            response = write(api, path, etag=etag, **fields)

            assert response.status_code == 400, response.text
            assert [wrong["field"] for wrong in response.json()["errors"]] == [named]
    assert rows(acme_pool, "SELECT * FROM audit") == []


def test_texts_and_versions_are_read_page_by_page(api: Api) -> None:
    for nth in range(4):
        write(api, f"/templates/Н{nth}", text=f"Текст {nth}", section="clients")
        write(api, etag="*", text=f"Замовлення {nth}")

    for path, named in (("/templates", {"of": "custom"}), ("/template-versions/order_created", {})):
        whole = api.read(path, **named)
        pages = [api.read(path, **named, limit=2)]
        while pages[-1]["next"]:
            pages.append(api.read(path, **named, limit=2, cursor=pages[-1]["next"]))

        assert [item["text"] for page in pages for item in page["items"]] == [item["text"] for item in whole["items"]]
        assert ([len(page["items"]) for page in pages][:2], whole["next"]) == ([2, 2], None)
    elsewhere = api.read("/templates", of="custom", limit=2)["next"]
    wrong = [
        api.get("/templates", of="trigger", cursor=elsewhere),
        api.get("/template-versions/order_created", cursor=elsewhere),
        api.get("/templates", cursor="ключ"),
    ]
    assert [(answer.status_code, answer.json()["errors"][0]["field"]) for answer in wrong] == [(400, "cursor")] * 3


def test_another_section_comes_with_the_text_that_it_needs(api: Api) -> None:
    added = write(api, CUSTOM, text="Вам, {contact_firstname}", section="clients")
    text = "Рахунок {invoice_number}"
    refusals = [
        write(api, CUSTOM, etag=added.headers["etag"], **fields).json()["errors"][0]["field"]
        for fields in (
            {"text": text, "section": "orders"},
            {"text": "Вам, {contact_firstname}", "section": "company"},
        )
    ]
    moved = write(api, CUSTOM, etag=added.headers["etag"], text=text, section="invoice")

    assert refusals == ["text", "text"]
    assert moved.status_code == 200, moved.text
    assert (moved.json()["section"], moved.json()["text"], moved.json()["version"]) == ("invoice", text, 2)


def test_a_version_longer_than_any_is_refused(api: Api) -> None:
    response = write(api, etag='"' + "x" * 200, text=TEXT)

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "If-Match")


def test_another_accounts_text_is_as_none(api: Api, acme_pool: Pool) -> None:
    add_account(acme_pool, "beta")
    write(api, CUSTOM, text="Вам −10 %", section="clients")

    assert api.get(CUSTOM, key="beta").status_code == 404
    assert api.get(CUSTOM.replace("/templates", "/template-versions"), key="beta").status_code == 404
    assert api.get(CUSTOM, key="beta").json()["detail"] == "The account has no text Знижка до свята."
    assert api.read("/templates", key="beta", of="custom")["items"] == []


def test_a_key_without_the_scope_may_not(api: Api) -> None:
    for method, path in (("GET", "/templates"), ("GET", PATH), ("PUT", PATH)):
        assert api.ask(method, path, key="acme-none", json={"text": TEXT}).status_code == 403


def test_what_is_tidied_away_counts_for_the_length_too(api: Api) -> None:
    text = "\u001e" + "т" * 20_000

    response = api.ask("PUT", "/templates/Осінь", json={"text": text, "section": "clients"})

    assert response.status_code == 400
    assert "20000" in response.text
