"""`make screenshots`: pictures of eight pages for the README, in Ukrainian, over what a day of a small shop leaves."""

from pathlib import Path

import pytest

from tests.browser.conftest import Seats
from tests.support.crm import delivery, event, execute, person
from tests.web.pages.conftest import Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

FOLDER = Path(__file__).parents[2] / ".github/screenshots"
PAGES = {
    "connection": "/a/acme/connection",
    "events": "/a/acme/triggers",
    "event": "/a/acme/triggers/order_created",
    "shortcodes": "/a/acme/shortcodes",
    "templates": "/a/acme/templates",
    "client": "/a/acme/clients/5/sms",
    "send": "/a/acme/send",
    "overview": "/a/acme/overview",
}
PEOPLE = {"Олена": "0671234567", "Юрій": "0501112233", "Ганна": "0441234567", "Максим": "0931112233"}


@pytest.mark.long
def test_pictures_are_taken(seats: Seats, site: Site, intake: Intake) -> None:
    for number, (name, phone) in enumerate(PEOPLE.items(), 1041):
        order = {"id": str(number), "number": str(number), "version": 1}
        people = [person("order", id=str(number), phone=phone, firstname=name)]
        accept(intake, [delivery(event("order.created", recipients=people, order=order, client={"id": "5"}))])
    execute(site.pool, "UPDATE accounts SET segment_price = 0.78, name = 'Крамниця'")
    for text in ("Вітаємо, {contact_firstname|друже}! Знижки до неділі.", "Ми переїхали: вул. Зелена, 20."):
        execute(
            site.pool,
            "WITH added AS (INSERT INTO templates (account, name, section, missing) VALUES ('acme', %s, 'clients', "
            "'fail') RETURNING id) INSERT INTO template_versions (template, version, text, author, created_at) "
            "SELECT id, 1, %s, 'Олена', now() FROM added",
            text.split("!")[0].split(":")[0],
            text,
        )
    admin = seats.sit(width=1100)
    FOLDER.mkdir(exist_ok=True)
    for name, path in PAGES.items():
        admin.go(path)
        admin.page.wait_for_load_state("load")
        admin.page.screenshot(path=FOLDER / f"{name}.png")

    assert {path.stem for path in FOLDER.glob("*.png")} == PAGES.keys()
