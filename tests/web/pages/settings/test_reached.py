"""Хто отримав би: the newest events of a week, with the words that are typed."""

from tests.support.crm import delivery, event, execute, person, rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

HERE = "/a/acme/triggers/order_created/reached"


def ordered(intake: Intake, number: int, phone: str | None = None) -> None:
    order = {"id": str(number), "number": f"A-{number}", "version": 1}
    people = [person("order", phone=phone or f"067 123 45 6{number}")]
    accept(intake, [delivery(event("order.created", recipients=people, order=order))])


def test_each_text_of_a_week_is_shown_with_what_is_typed(site: Site, intake: Intake, admin: Browser) -> None:
    assert "No event of the last 7 days" in admin.read(HERE)
    execute(site.pool, "UPDATE triggers SET switched_on = false WHERE trigger = 'order_created'")
    execute(site.pool, "UPDATE accounts SET segment_price = 1.28")
    for number in (1, 2):
        ordered(intake, number)
    ordered(intake, 3, phone="044 1")

    page = admin.read(HERE, text="Готово, {stock_orders_number_order_id}")

    assert "3 events were looked at." in page
    assert "2 texts would have gone: 2.56 UAH" in " ".join(page.split())
    assert all(words in page for words in ("Готово, A-1", "Готово, A-2", "+380671234561", "would not have gone"))
    assert rows(site.pool, "SELECT * FROM notifications") == []


def test_who_sees_no_phones_sees_neither_texts_nor_phones(site: Site, intake: Intake) -> None:
    ordered(intake, 1)

    page = site.sign_in(AUDITOR).read(HERE)

    assert ("A-1" in page, "671234561" in page, "would have gone" in page) == (False, False, True)


def test_what_has_no_text_of_its_own_has_no_such_page(admin: Browser) -> None:
    assert admin.get("/a/acme/triggers/nothing/reached").status_code == 404
    assert admin.get("/a/acme/triggers/sms_send_requested/reached").status_code == 404
    assert admin.get(HERE, params={"text": "{wrong" * 200, "locale": "xx"}).status_code == 200
