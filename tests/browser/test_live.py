"""Live numbers: they follow what happens without a reload, until somebody pauses them."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Eyes
from tests.support.crm import delivery, event, person
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.pages import live


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.1)


def planned(intake: Intake, number: str) -> None:
    order = {"id": number, "number": f"A-{number}", "version": 1}
    accept(intake, [delivery(event("order.created", recipients=[person("order")], order=order))])


def test_numbers_follow_what_happens_and_stand_still_when_paused(intake: Intake, admin: Eyes) -> None:
    admin.go("/a/acme/overview")
    waiting = admin.page.locator(".figure").first
    expect(waiting).to_contain_text("0")

    planned(intake, "1")
    expect(waiting).to_contain_text("1")
    admin.page.get_by_role("button", name="Зупинити оновлення").click()
    planned(intake, "2")
    planned(intake, "3")
    admin.page.wait_for_timeout(1_000)
    expect(waiting).to_contain_text("1")

    admin.page.get_by_role("button", name="Оновлювати далі").click()
    planned(intake, "4")
    expect(waiting).to_contain_text("4")
    assert admin.violations() == []
