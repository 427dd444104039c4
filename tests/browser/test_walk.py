"""Somebody who has never seen the product does all of it in the browser alone, in Ukrainian."""

import csv
import io
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Seats
from tests.support.crm import delivery, event, execute, person, rows
from tests.support.simulated_provider import Provider
from tests.web.pages.conftest import Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.upkeep.fill_search_index import fill_search_index

TOKEN = "token-from-the-cabinet"


def button(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


def says(page: Page, text: str) -> None:
    expect(page.locator("#notice")).to_contain_text(text)


def connects(page: Page) -> None:
    menu(page, "Підключення TurboSMS")
    page.get_by_label("Токен API").fill(TOKEN)
    page.locator("form", has=page.get_by_label("Токен API")).get_by_role("button").click()
    says(page, "TurboSMS приймає його; на рахунку 500,00 грн")
    page.get_by_label("Ваш телефон").fill("067 123 45 67")
    button(page, "Надіслати SMS")
    says(page, "SMS у дорозі")


def writes_an_event(page: Page) -> None:
    menu(page, "Події")
    order = page.get_by_role("row", name="Сповіщення про створення нового замовлення")
    order.get_by_role("button", name="Вимкнути").click()
    says(page, "Вимкнено")
    order.get_by_role("button", name="Увімкнути").click()
    says(page, "Увімкнено")
    page.get_by_role("link", name="Сповіщення про створення нового замовлення").click()
    text = page.get_by_label("Текст SMS")
    text.fill("Ваше замовлення прийнято, ми вже готуємо його до відправлення. Деталі: ")
    expect(page.locator("#look")).to_contain_text("0,78 грн")
    text.press("End")
    page.get_by_role("button", name="Деталі доставки (у рядок)").click()
    expect(page.locator("#look")).to_contain_text("1,56 грн")
    button(page, "Зберегти")
    says(page, "Збережено: версія 2")


def adds_a_template(page: Page) -> None:
    menu(page, "Настроювані шаблони")
    page.get_by_role("link", name="Створити шаблон SMS").click()
    page.get_by_label("Назва").fill("Осінь")
    page.get_by_label("Опис").fill("Знижки для постійних")
    page.get_by_label("Виберіть розділ зі списку").select_option("clients")
    page.get_by_label("Текст SMS").fill("Вітаємо, {contact_firstname|друже}! Знижки до неділі.")
    button(page, "Зберегти")
    says(page, "Збережено: Осінь")


def sends_to_two(page: Page, folder: Path) -> None:
    table = folder / "люди.csv"
    table.write_text("телефон;ім'я\n0671234567;Олена\n0501112233;Юрій\nабищо;Ніхто\n", encoding="cp1251")
    menu(page, "Надіслати")
    page.get_by_label("Таблиця, Excel або CSV").set_input_files(table)
    page.locator("form", has=page.get_by_label("Таблиця")).get_by_role("button", name="Далі").click()
    expect(page.get_by_role("main")).to_contain_text("A4")
    page.get_by_label("Настроюваний шаблон").select_option("Осінь")
    button(page, "Далі: перегляд")
    expect(page.get_by_role("main")).to_contain_text("Вітаємо, Олена! Знижки до неділі.")
    button(page, "Надіслати 2 SMS за 1,56 грн")
    says(page, "2 SMS у дорозі")


def finds_and_exports(page: Page) -> None:
    menu(page, "Історія SMS")
    page.get_by_role("link", name="клієнт 5").first.click()
    page.get_by_label("Пошук").fill("ЗАМОВЛЕННЯ")
    button(page, "Знайти")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Вид файлу").select_option("csv")
    with page.expect_download() as started:
        button(page, "Експорт")
    content = started.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(content), delimiter=";"))) == 3


def learns_why(page: Page) -> None:
    page.get_by_role("row", name="міський або службовий номер").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("Чому так")
    expect(page.locator(".timeline")).to_contain_text("міський або службовий номер")


def stops_birthdays(page: Page) -> None:
    menu(page, "Паузи")
    page.get_by_label("Що", exact=True).select_option(label="Привітання з днем народження")
    button(page, "Зупинити")
    says(page, "Зупинено: Привітання з днем народження")


def test_the_whole_walk(seats: Seats, site: Site, intake: Intake, provider: Provider, tmp_path: Path) -> None:
    provider.account(token=TOKEN, balance="500")
    execute(site.pool, "UPDATE accounts SET window_opens = 0, window_closes = 1440, segment_price = 0.78")
    admin = seats.sit()
    admin.go("/a/acme/triggers")
    page = admin.page

    connects(page)
    writes_an_event(page)
    adds_a_template(page)
    sends_to_two(page, tmp_path)
    for phone in ("067 123 45 67", "044 123 45 67"):
        people = [person("order", phone=phone, firstname="Олена")]
        accept(intake, [delivery(event("order.created", recipients=people, client={"id": "5"}))])
    execute(site.pool, "UPDATE notifications SET created_at = created_at - interval '2 minutes'")
    fill_search_index(site.pool)
    finds_and_exports(page)
    learns_why(page)
    stops_birthdays(page)

    texts = rows(site.pool, "SELECT phone, text FROM notifications WHERE trigger = 'sms_send_requested' ORDER BY 1, 2")
    assert texts == [
        ("+380501112233", "Вітаємо, Юрій! Знижки до неділі."),
        ("+380671234567", "Perfectum SMS: підключення працює."),
        ("+380671234567", "Вітаємо, Олена! Знижки до неділі."),
    ]
