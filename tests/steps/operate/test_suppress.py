from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.steps.ledger import planned, states
from tests.steps.sending.channels import VIBER, go_by
from tests.support.crm import SALT, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, WAITING_FOR_A_LOCK, wait_until
from worker.core.triggers.recipient_key import key_of
from worker.steps.ingest.plan import Intake
from worker.steps.operate import suppress as at_test
from worker.steps.operate.suppress import Suppressed, suppress
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.consent import suppressions
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import clock, transaction

PHONE, OTHER = "+380671234567", "+380501112233"
ACCEPTED, PLANNED = ("accepted", None), ("planned", None)
CANCELLED, SKIPPED = ("cancelled", "suppressed"), ("skipped", "suppressed")
REFUSED_ADVERTISING = """
INSERT INTO suppressions
SELECT DISTINCT account, recipient_key, 'x', 'x', now(), 'marketing' FROM notifications
"""
REFUSED = ("refused", "not_allowed_number_stoplist")


def stop(intake: Intake, *scopes: str, phone: str = PHONE) -> Suppressed:
    entries = [Entry(key_of(phone, salt=SALT), phone, scope, "asked", "operator", "anna") for scope in scopes]
    with transaction(intake.pool) as connection:
        return suppress(connection, "acme", entries, by="anna")


def sale() -> dict[str, object]:
    return event("sms.send_requested", text="Знижка", template=None, marketing=True, recipients=[person(consent=True)])


def test_suppression_cancels_waiting_texts_and_skips_new_texts(intake: Intake) -> None:
    planned(intake, event("order.created"))
    execute(intake.pool, "UPDATE notifications SET state = 'postponed', reason = 'quiet_hours'")
    planned(intake, event("order.created", recipients=[person("order", phone=OTHER)]))
    planned(intake, event("order.created"))

    done = stop(intake, "all")

    assert done == Suppressed(new=1, widened=0, known=0, cancelled=2, on_the_way=0)
    planned(intake, event("order.created"))
    assert states(intake) == [CANCELLED, PLANNED, CANCELLED, SKIPPED]
    assert rows(intake.pool, "SELECT from_state, actor FROM transitions WHERE to_state = 'cancelled' ORDER BY id") == [
        ("postponed", "operator/anna"),
        ("planned", "operator/anna"),
    ]


def test_suppression_of_marketing_leaves_transactional_texts(intake: Intake, sender: Sender) -> None:
    notification_ids = planned(intake, sale(), event("order.created"))

    assert stop(intake, "marketing").cancelled == 1
    notification_ids += planned(intake, sale(), event("order.created"))
    send(sender, notification_ids)

    assert Counter(states(intake)) == {CANCELLED: 1, ACCEPTED: 2, SKIPPED: 1}


def test_the_list_is_asked_again_at_the_claim_by_its_scope(intake: Intake, sender: Sender) -> None:
    notification_ids = planned(intake, sale(), event("order.created"))
    execute(intake.pool, REFUSED_ADVERTISING)

    send(sender, notification_ids)

    assert Counter(states(intake)) == {CANCELLED: 1, ACCEPTED: 1}


def test_a_wider_scope_of_suppression_replaces_a_narrower_scope(intake: Intake) -> None:
    suppressed = [
        stop(intake, *scopes) for scopes in (("marketing",), ("marketing",), ("marketing", "all"), ("marketing",))
    ]

    assert [(item.new, item.widened, item.known) for item in suppressed] == [(1, 0, 0), (0, 0, 1), (0, 1, 0), (0, 0, 1)]
    assert row(intake.pool, "SELECT scope, phone, added_by FROM suppressions") == ("all", PHONE, "anna")


def test_a_text_on_its_way_to_turbosms_is_counted_and_not_cancelled(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("reset_after", times=2)
    send(sender, planned(intake, event("order.created")))

    assert stop(intake, "all") == Suppressed(new=1, widened=0, known=0, cancelled=0, on_the_way=1)
    assert states(intake) == [("sending", None)]


def test_a_phone_that_is_erased_is_still_stopped(intake: Intake) -> None:
    stop(intake, "all")
    with transaction(intake.pool) as connection:
        key = key_of(PHONE, salt=SALT)
        assert suppressions.erase(connection, "acme", key)
        assert not suppressions.erase(connection, "acme", key)

    planned(intake, event("order.created"))

    assert row(intake.pool, "SELECT phone FROM suppressions") == (None,)
    assert states(intake) == [SKIPPED]


@pytest.mark.parametrize("channel", ["sms", "viber_then_sms"])
def test_a_stop_list_refusal_suppresses_the_phone_and_its_texts(
    intake: Intake, sender: Sender, provider: Provider, channel: str
) -> None:
    execute(intake.pool, "UPDATE accounts SET viber_sender = %s", VIBER)
    go_by(intake, channel)
    provider.stop(PHONE)
    refused = planned(intake, event("order.created"))
    planned(intake, event("order.created"))
    planned(intake, event("order.created", recipients=[person("order", phone=OTHER)]))

    send(sender, refused)
    planned(intake, event("order.created"))

    assert states(intake) == [REFUSED, CANCELLED, PLANNED, SKIPPED]
    kept = "SELECT scope, source, reason, phone FROM suppressions"
    assert row(intake.pool, kept) == ("all", "provider", "not_allowed_number_stoplist", PHONE)
    assert row(intake.pool, "SELECT actor FROM transitions WHERE to_state = 'cancelled'") == ("provider",)


def test_a_person_stopped_on_viber_alone_gets_sms(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE accounts SET viber_sender = %s", VIBER)
    go_by(intake, "viber")
    provider.stop(PHONE)
    send(sender, planned(intake, event("order.created")))
    go_by(intake, "viber_then_sms")

    planned(intake, event("order.created"))

    assert states(intake) == [REFUSED, PLANNED]
    assert row(intake.pool, "SELECT channel, viber_fallback FROM notifications WHERE state = 'planned'") == (
        "sms",
        "no_viber",
    )
    assert rows(intake.pool, "SELECT * FROM suppressions") == []


def test_two_lists_of_the_same_people_never_wait_for_each_other(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_test, "CHUNK", 1)
    entries = [Entry(key_of(phone, salt=SALT), phone, "all", "x", "import") for phone in (PHONE, OTHER)]
    low, high = sorted(entries, key=lambda entry: entry.recipient_key)

    def others() -> Suppressed:
        with transaction(intake.pool) as connection:
            return suppress(connection, "acme", [high, low], by="boris")

    def is_waiting() -> bool:
        return row(intake.pool, WAITING_FOR_A_LOCK) == (1,)

    with ThreadPoolExecutor(1) as thread:
        with transaction(intake.pool) as connection:
            now = clock(connection)
            suppressions.add(connection, "acme", [low], now=now)
            second = thread.submit(others)
            wait_until(is_waiting, "the second list waits for the first")
            suppressions.add(connection, "acme", [high], now=now)
        assert second.result(PATIENCE_S) == Suppressed(new=0, widened=0, known=2, cancelled=0, on_the_way=0)
