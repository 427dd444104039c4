"""«Чому?»: one text's story, and what can be done about it."""

import pytest

from tests.support.crm import add_account, delivery, event, execute, person, row, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

DELIVERED = "UPDATE notifications SET state = 'delivered', due_at = NULL, attempt = 'x', attempt_month = month"


def planned(intake: Intake, phone: str = "067 123 45 67", account: str = "acme") -> str:
    """The address of a text."""
    body = event("order.created", account=account, recipients=[person("order", phone=phone, firstname="Олена")])
    accept(intake, [delivery(body)])
    newest = "SELECT to_char(month, 'YYYY-MM/') || id FROM notifications ORDER BY id DESC LIMIT 1"
    return f"/a/acme/texts/{row(intake.pool, newest)[0]}"


def test_a_text_that_did_not_go_says_why_and_what_to_do(intake: Intake, admin: Browser) -> None:
    page = admin.read(planned(intake, "044 123 45 67"))

    assert "a landline or service number takes no SMS" in page
    assert "What can be done" in page


def test_a_text_that_waits_is_taken_back(site: Site, intake: Intake, admin: Browser) -> None:
    there = planned(intake)

    assert "it does not go" in admin.read(admin.post(f"{there}/cancel").headers["location"])

    assert rows(site.pool, "SELECT state FROM notifications") == [("cancelled",)]
    assert admin.user
    assert row(site.pool, "SELECT done_by FROM audit WHERE action = 'cancel'") == (admin.user.as_operator,)


def test_a_text_is_sent_again_once_as_a_text_of_its_own(site: Site, intake: Intake, admin: Browser) -> None:
    there = planned(intake)
    admin.post(f"{there}/cancel")

    again = admin.post(f"{there}/resend")

    assert again.headers["location"] != there
    assert "It goes again" in admin.read(again.headers["location"])
    assert "sent again already" in admin.read(admin.post(f"{there}/resend").headers["location"])
    assert len(rows(site.pool, "SELECT * FROM notifications")) == 2


def test_what_may_have_arrived_goes_again_only_where_that_is_agreed_to(
    site: Site, intake: Intake, admin: Browser
) -> None:
    there = planned(intake)
    execute(site.pool, DELIVERED)

    assert "It waits no more: delivered" in admin.read(admin.post(f"{there}/cancel").headers["location"])
    assert admin.post(f"{there}/resend").status_code == 409
    assert admin.post(f"{there}/resend", {"twice": "on"}).status_code == 303


def test_another_accounts_text_is_not_there(site: Site, intake: Intake, admin: Browser) -> None:
    add_account(site.pool, "beta")
    there = planned(intake, account="beta")

    assert admin.get(there).status_code == 404
    assert [admin.post(f"{there}/{action}").status_code for action in ("cancel", "resend")] == [404, 404]


@pytest.mark.parametrize(
    "address", ["2026-13/1", "2026-11/0", "2026-11/x", "0001-01/1", f"2026-11/{'9' * 30}", "2026-11/7"]
)
def test_what_is_no_text_is_not_there(admin: Browser, address: str) -> None:
    assert admin.get(f"/a/acme/texts/{address}").status_code == 404


def test_an_operator_takes_back_but_spends_nothing_and_reads_nothing(site: Site, intake: Intake) -> None:
    there, operator = planned(intake), site.sign_in(OPERATOR)

    page = operator.read(there)

    assert ("+380671234567" in page, "Олена" in page, "+38067***4567" in page) == (False, False, True)
    assert operator.post(f"{there}/resend").status_code == 403
    assert operator.post(f"{there}/cancel").status_code == 303
    assert site.sign_in(AUDITOR).post(f"{there}/cancel").status_code == 403
