"""TurboSMS answers about a text once its person is forgotten."""

from tests.steps.ledger import planned, states
from tests.steps.privacy.everything_kept import columns_with
from tests.steps.receipts.receipts import callback
from tests.support.crm import SALT, event, execute, person, rows
from tests.support.simulated_provider import Provider
from worker import failpoint
from worker.core.triggers.recipients import key_of
from worker.failpoint import Boundary
from worker.steps.ingest.plan import Intake
from worker.steps.privacy.erase import erase
from worker.steps.receipts.callbacks import record_callbacks
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.db.postgres import transaction

PHONE, OTHER = "+380671234567", "+380501112233"
GIVEN_UP = """
UPDATE notifications SET state = 'unconfirmed', reason = 'key_expired', due_at = NULL WHERE state = 'sending';
UPDATE attempts SET settled_at = now(), outcome = 'unconfirmed', body = NULL, post_until = NULL
"""
MESSAGES = """
SELECT n.phone, p.message_id FROM provider_messages AS p
INNER JOIN notifications AS n ON p.month = n.month AND p.notification = n.id
WHERE n.recipient_key = %s
"""


def test_a_late_answer_to_her_leaves_its_id_and_no_phone(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Привіт!'")
    people = [person("contact", phone, id=phone[-2:], firstname="Октавіана") for phone in (PHONE, OTHER)]
    waiting = planned(intake, event("invoice.overdue", recipients=people))

    def forget_meanwhile(boundary: Boundary) -> None:
        if boundary == "answered":
            execute(intake.pool, GIVEN_UP)
            erase(intake.pool, PHONE, None, salt=SALT, by="Олена")

    failpoint.arm(forget_meanwhile)
    try:
        send(sender, waiting)
    finally:
        failpoint.arm(failpoint.nothing)

    assert rows(intake.pool, "SELECT cardinality(row_ids) FROM attempts") == [(2,)]
    sent = {message["recipient"]: message["message_id"] for message in provider.messages()}
    assert rows(intake.pool, MESSAGES, key_of(PHONE, salt=SALT)) == [(None, sent[PHONE[1:]])]
    assert record_callbacks(intake.pool, "acme", [callback(sent[PHONE[1:]])]) == ("recorded",)
    assert sorted(states(intake)) == [("accepted", None), ("delivered", None)]
    with transaction(intake.pool) as connection:
        assert columns_with(connection, PHONE, [], []) == []
