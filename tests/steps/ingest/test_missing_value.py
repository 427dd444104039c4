import pytest

from tests.steps.ledger import accept_batch, states
from tests.support.crm import Json, add_account, delivery, event, execute, row, rows
from worker.steps.ingest.plan import Intake
from worker.steps.operate.replay import CannotBeReplayed, Outcome, RefusedAgain, Replay, Replayed, replay

TEXT = "Рахунок {invoice_number}: {invoice_link}"
LINK = "https://acme.ua/i/5"


@pytest.fixture
def strict(intake: Intake) -> Intake:
    execute(intake.pool, "UPDATE templates SET missing = 'fail'")
    execute(intake.pool, "UPDATE template_versions SET text = %s", TEXT)
    return intake


def overdue(**fields: object) -> Json:
    invoice = {"id": "901", "number": "INV-901", "notice_date": "2026-11-24", **fields}
    return event("invoice.overdue", invoice=invoice)


def replay_newest(intake: Intake) -> Outcome:
    [number] = row(intake.pool, "SELECT max(id) FROM dead_letters")
    return replay(intake, number, Replay("test"))


def test_a_text_with_a_hole_is_not_sent_and_somebody_must_look(strict: Intake) -> None:
    accepted = accept_batch(strict, delivery(overdue()))

    assert (accepted.failed, accepted.planned, accepted.nudges) == (1, 0, ())
    assert states(strict) == [("failed", "missing_value")]
    [(letter_kind, reason, detail, notification)] = rows(
        strict.pool, "SELECT kind, reason, detail, notification FROM dead_letters"
    )
    assert (letter_kind, reason) == ("job", "missing_value")
    assert "invoice_overdue_notice: no value for {invoice_link}." in detail
    assert row(strict.pool, "SELECT id FROM notifications") == (notification,)
    assert rows(strict.pool, "SELECT from_state, to_state, reason FROM transitions") == [
        (None, "failed", "missing_value")
    ]


def test_a_missing_value_holds_no_other_event_back(strict: Intake) -> None:
    accepted = accept_batch(strict, delivery(overdue()), delivery(overdue(id="902", link=LINK)))

    assert (accepted.failed, accepted.planned) == (1, 1)


def test_by_default_the_hole_is_closed_and_the_text_goes(intake: Intake) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = %s", TEXT)

    accept_batch(intake, delivery(overdue()))

    assert rows(intake.pool, "SELECT state, text FROM notifications") == [("planned", "Рахунок INV-901")]


def test_the_same_fact_published_with_its_value_goes_after_all(strict: Intake) -> None:
    accept_batch(strict, delivery(overdue()))

    again = accept_batch(strict, delivery(overdue()))
    accepted = accept_batch(strict, delivery(overdue(link=LINK)))

    assert (again.planned, accepted.planned) == (0, 1)
    assert rows(strict.pool, "SELECT state, reason, text FROM notifications") == [
        ("planned", None, f"Рахунок INV-901: {LINK}")
    ]
    assert rows(strict.pool, "SELECT times FROM dead_letters") == [(1,)]
    outcome = replay_newest(strict)
    assert outcome == CannotBeReplayed("its notification is planned, no longer failed; drop the letter")


def test_a_replay_renders_the_text_with_the_corrected_template(strict: Intake) -> None:
    accept_batch(strict, delivery(overdue()))

    refused = replay_newest(strict)
    execute(strict.pool, "UPDATE template_versions SET text = 'Рахунок {invoice_number}[: {invoice_link}]'")
    replayed = replay_newest(strict)

    assert isinstance(refused, RefusedAgain)
    assert "{invoice_link}" in refused.detail
    assert replayed == Replayed({"planned": 1})
    assert rows(strict.pool, "SELECT state, text, due_at <= now() FROM notifications") == [
        ("planned", "Рахунок INV-901", True)
    ]
    assert row(strict.pool, "SELECT state, closed_by FROM dead_letters") == ("replayed", "test")


def test_a_replay_takes_the_channel_that_is_set_now(strict: Intake) -> None:
    accept_batch(strict, delivery(overdue()))
    execute(strict.pool, "UPDATE accounts SET viber_sender = 'Acme', viber_instead = TRUE")
    execute(strict.pool, "UPDATE template_versions SET text = 'Рахунок {invoice_number}'")

    assert replay_newest(strict) == Replayed({"planned": 1})
    assert rows(strict.pool, "SELECT state, channel FROM notifications") == [("planned", "viber_then_sms")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE triggers SET switched_on = FALSE", "its trigger is off"),
        ("UPDATE triggers SET channel = 'viber'", "its trigger is off or goes another way"),
        ("UPDATE template_versions SET text = '[{invoice_link}]'", "it would be skipped now (blank_text)"),
        ("UPDATE events SET body = 'x'", "its trigger is off"),
    ],
)
def test_a_replay_that_cannot_be_has_a_reason(strict: Intake, change: str, why: str) -> None:
    accept_batch(strict, delivery(overdue()))
    execute(strict.pool, change)

    outcome = replay_newest(strict)

    assert isinstance(outcome, CannotBeReplayed)
    assert outcome.why.startswith(why)
    assert states(strict) == [("failed", "missing_value")]


def test_a_suppressed_recipient_with_a_missing_value_is_skipped(strict: Intake) -> None:
    accept_batch(strict, delivery(overdue(link=LINK)))
    stop = "INSERT INTO suppressions SELECT account, recipient_key, 'asked', 'test', now() FROM notifications"
    execute(strict.pool, stop)

    accept_batch(strict, delivery(overdue(id="902")))

    assert states(strict)[-1] == ("skipped", "suppressed")
    assert rows(strict.pool, "SELECT id FROM dead_letters") == []


def test_cleaned_and_cut_values_are_counted(intake: Intake) -> None:
    add_account(intake.pool, "beta")

    accepted = accept_batch(
        intake,
        delivery(overdue(number="<b>INV-901</b>")),
        delivery({**overdue(number="9" * 20_000), "source": "/accounts/beta"}),
    )

    assert (accepted.cleaned, accepted.cut) == (1, 1)
    assert (accepted.counts["cleaned"], accepted.counts["cut"]) == (1, 1)
