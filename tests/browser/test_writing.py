"""Writing a text: it is judged while it is typed, with scripts and without, by mouse and by keys."""

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Eyes, Seats
from tests.support.crm import execute
from tests.web.pages.conftest import OPERATOR

HERE = "/a/acme/triggers/order_created"


def test_what_is_typed_is_judged_at_once_and_shortcodes_are_marked(admin: Eyes) -> None:
    admin.go(HERE)
    text = admin.page.get_by_label("Текст SMS")

    text.fill("Вітаю, {contact_fistname}!")

    expect(admin.page.locator("#look")).to_contain_text("Рядок 1, знак 8")
    expect(admin.page.locator(".mirror mark")).to_have_text("{contact_fistname}")
    assert admin.violations() == []


def test_a_shortcode_goes_where_the_cursor_is(admin: Eyes) -> None:
    admin.go(HERE)
    text = admin.page.get_by_label("Текст SMS")
    text.fill("Замовлення !")
    text.press("End")
    text.press("ArrowLeft")

    admin.page.get_by_role("button", name="№ Замовлення").click()

    expect(text).to_have_value("Замовлення {stock_orders_number_order_id}!")
    expect(admin.page.locator("#look")).to_contain_text("Замовлення 1042!")


def test_prices_and_versions_fit_a_phone(seats: Seats) -> None:
    execute(seats.site.pool, "UPDATE accounts SET segment_price = 0.78")
    admin = seats.sit(width=NARROW)

    admin.go(HERE)

    expect(admin.page.locator("#look")).to_contain_text("0,78")
    assert not admin.overflows()
    assert admin.violations() == []


def test_the_palette_of_a_template_follows_its_section(admin: Eyes) -> None:
    admin.go("/a/acme/templates/edit")

    admin.page.get_by_label("Виберіть розділ зі списку").select_option("invoice")

    expect(admin.page.locator("#palette")).to_contain_text("Номер рахунку")


def test_a_text_is_saved_without_scripts(seats: Seats) -> None:
    admin = seats.sit(scripts=False)
    admin.go(HERE)
    admin.page.get_by_label("Текст SMS").fill("Замовлення у роботі")

    admin.page.get_by_role("button", name="Перевірити").click()
    expect(admin.page.locator("#look")).to_contain_text("Замовлення у роботі")
    admin.page.get_by_role("button", name="Зберегти").click()

    expect(admin.page.get_by_role("status")).to_contain_text("Збережено: версія 2")


def test_the_second_of_two_admins_keeps_what_was_typed(seats: Seats) -> None:
    first, second = seats.sit(), seats.sit()
    for eyes, text in ((first, "Перший"), (second, "Другий")):
        eyes.go(HERE)
        eyes.page.get_by_label("Текст SMS").fill(text)

    first.page.get_by_role("button", name="Зберегти").click()
    expect(first.page.get_by_role("status")).to_contain_text("Збережено")
    second.page.get_by_role("button", name="Зберегти").click()

    expect(second.page.get_by_role("alert")).to_contain_text("Перший")
    expect(second.page.get_by_label("Текст SMS")).to_have_value("Другий")


def test_all_is_reached_by_keys(admin: Eyes) -> None:
    admin.go("/a/acme/triggers")
    keys = admin.page.keyboard

    keys.press("Tab")
    expect(admin.page.get_by_role("link", name="До вмісту")).to_be_focused()
    keys.press("Enter")
    keys.press("j")
    expect(admin.page.locator("tbody a").first).to_be_focused()
    keys.press("j")
    expect(admin.page.locator("tbody a").nth(1)).to_be_focused()
    keys.press("g")
    keys.press("k")
    admin.page.wait_for_url("**/shortcodes")
    keys.press("/")
    expect(admin.page.get_by_label("Пошук")).to_be_focused()


def test_who_may_change_nothing_finds_no_button_for_it(seats: Seats) -> None:
    operator = seats.sit(OPERATOR)

    operator.go(HERE)

    expect(operator.page.get_by_role("button", name="Зберегти")).to_have_count(0)
