"""A reminder that waits for its hour is checked again at its claim, and is cancelled with a reason."""

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.schedules.almanac import DAY, HOUR, KYIV, Almanac, contact, meeting
from tests.support.crm import SECRET, delivery, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import clock, transaction
from worker.turbosms.client import TurboSms


@pytest.fixture
def today(almanac: Almanac) -> Almanac:
    """The calendar's clock shows PostgreSQL's own time, for claims know no other."""
    with transaction(almanac.pool) as connection:
        almanac.now = clock(connection).astimezone(KYIV)
    almanac.has_recipient = True
    return almanac


@pytest.fixture
def sender(today: Almanac, provider: Provider) -> Generator[Sender]:
    client = TurboSms(provider.url, deadline_s=3)
    with ThreadPoolExecutor(2) as posts:
        yield Sender(today.pool, today.cache, client, Seal([SECRET]), posts, unreported, lambda: False)
    client.close()


def unreported(_name: str, _facts: Mapping[str, object]) -> None:
    """No alert is looked at."""


def claimed(almanac: Almanac, sender: Sender) -> tuple[str, str | None]:
    """A worker claims whatever waits; how the only row ends."""
    send(sender, [(month, number) for month, number in rows(almanac.pool, "SELECT month, id FROM notifications")])
    state, reason = row(almanac.pool, "SELECT state, reason FROM notifications")
    return state, reason


def reminded(almanac: Almanac) -> None:
    """The reminder of a meeting in two hours is planned."""
    almanac.now -= HOUR
    almanac.publish("meeting.saved", meeting(almanac.now + 3 * HOUR))
    almanac.tick()
    almanac.now += HOUR
    assert almanac.tick() == ["meeting.reminder_due"]
    assert row(almanac.pool, "SELECT state FROM notifications") == ("planned",)


def cancelled(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(almanac.now + 2 * HOUR, version=2, status="cancelled"))


def moved(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(almanac.now + DAY, version=2))


def deleted(almanac: Almanac) -> None:
    almanac.publish("meeting.deleted", {"id": "1", "version": 2})


def opted_out(almanac: Almanac) -> None:
    execute(
        almanac.pool,
        "INSERT INTO suppressions (account, recipient_key, reason, source, since) "
        "SELECT account, recipient_key, 'asked', 'crm', now() FROM notifications",
    )


def begun(almanac: Almanac) -> None:
    execute(almanac.pool, "UPDATE notifications SET expires_at = now()")


def renamed(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(almanac.now + 2 * HOUR, version=2, subject="Інша назва"))


@pytest.mark.parametrize(
    ("change", "end"),
    [
        (cancelled, ("cancelled", "meeting_cancelled")),
        (moved, ("cancelled", "record_moved")),
        (deleted, ("cancelled", "record_deleted")),
        (opted_out, ("cancelled", "suppressed")),
        (begun, ("expired", "too_late")),
        (renamed, ("accepted", None)),
    ],
)
def test_a_reminder_is_asked_again_at_its_claim(
    today: Almanac, sender: Sender, change: Callable[[Almanac], None], end: tuple[str, str | None]
) -> None:
    reminded(today)
    change(today)

    assert claimed(today, sender) == end


def test_no_overdue_notice_goes_once_the_payment_is_committed(today: Almanac, sender: Sender) -> None:
    due = (today.now - DAY).date().isoformat()
    invoice = {"id": "9", "version": 1, "number": "9", "status": "unpaid", "duedate": due}
    today.now -= DAY
    today.publish("invoice.saved", invoice)
    today.tick()
    today.now += DAY
    today.goes_on(DAY)
    assert [item.type for item in today.wire] == ["invoice.overdue"]

    paid = {"id": "9", "version": 2, "number": "9", "status": "paid"}
    payment = event("invoice.payment_recorded", invoice=paid, recipients=[person()])
    payment["data"]["payment"]["do_not_notify"] = True
    today.accept(delivery(payment))

    send(sender, [(month, number) for month, number in rows(today.pool, "SELECT month, id FROM notifications")])
    assert row(today.pool, "SELECT state, reason FROM notifications WHERE trigger = 'invoice_overdue_notice'") == (
        "cancelled",
        "invoice_settled",
    )


def test_a_birthday_waits_for_the_hours_of_its_own_person(almanac: Almanac) -> None:
    """Nine o'clock of a person in New York is theirs, and the account's hours are asked of that clock too."""
    execute(almanac.pool, "UPDATE accounts SET window_opens = 540, window_closes = 1200")
    almanac.has_recipient = True
    zone = {"timezone": "America/New_York"}
    almanac.publish("contact.saved", {**contact("12-02"), **zone}, people=[person(consent=True, **zone)])

    moments = almanac.goes_on(3 * DAY)

    assert [at.hour for at in moments] == [14]
    assert row(almanac.pool, "SELECT state, zone FROM notifications") == ("planned", "America/New_York")
