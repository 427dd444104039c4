"""Alerts are raised at most once an hour; whoever has the salt of recipient keys plans their SMS."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from worker.core.clock.timeouts import NUDGE_WAIT
from worker.core.contract.event import short_hash
from worker.core.planning.draft import Draft
from worker.core.spending.alert import ALERT, LIFE, AccountAlert, account_alert_of, text_of
from worker.core.texts.render import Written
from worker.core.texts.segments import segments
from worker.core.triggers.match import RecordRef
from worker.core.triggers.recipient_key import key_of
from worker.steps.effects import Alert
from worker.store.db.postgres import Connection, Pool, clock, transaction
from worker.store.ingest import trial_send
from worker.store.spending import alerts
from worker.store.spending.alerts import UnsentAlert


def ring(connection: Connection, account_alerts: Iterable[AccountAlert], *, now: datetime) -> list[Alert]:
    wanted = list(account_alerts)
    news = alerts.ring(connection, wanted, now=now)
    return [
        (alert.base_name, {"account": alert.account, **alert.facts})
        for alert in wanted
        if (alert.account, alert.name) in news
    ]


def ring_on(connection: Connection, raised: Sequence[Alert], *, now: datetime) -> None:
    if raised:
        by_name = {
            alert.name: alert
            for event, facts in raised
            if (alert := account_alert_of(event, facts, subject=now.isoformat()))
        }
        alerts.ring(connection, by_name.values(), now=now)


def plan_alert_sms(pool: Pool, salt_of: Callable[[Connection], bytes]) -> list[Alert]:
    with transaction(pool) as connection:
        now, unsent = clock(connection), alerts.unsent_alerts(connection)
        salt = salt_of(connection) if unsent else b""
        return [alert for unsent_alert in unsent if (alert := settle(connection, unsent_alert, salt=salt, now=now))]


def settle(connection: Connection, alert: UnsentAlert, *, salt: bytes, now: datetime) -> Alert | None:
    outcome = outcome_of(alert, now=now)
    if outcome == "planned" and alert.phone:
        trial_send.plan(connection, draft_of(alert, alert.phone, salt=salt, now=now), now=now)
    alerts.save_sms_outcome(connection, alert.alert, outcome)
    if outcome in {"planned", "no_phone"}:
        return None
    return "alert.unsent", {"account": alert.alert.account, "alert": alert.alert.name, "reason": outcome}


def outcome_of(alert: UnsentAlert, *, now: datetime) -> str:
    """Decide about an alert's SMS.

    Without money nothing can be sent: it would only wait, and come when all is well again.
    """
    if alert.phone is None:
        return "no_phone"
    if alert.is_paused:
        return "account_paused"
    return "too_late" if alert.at + LIFE <= now else "planned"


def draft_of(alert: UnsentAlert, phone: str, *, salt: bytes, now: datetime) -> Draft:
    account_alert, text = alert.alert, text_of(alert.alert, alert.account_name, alert.locale)
    dedupe, key = f"{account_alert.name}|{alert.at.isoformat()}", key_of(phone, salt=salt)
    return Draft(
        key=short_hash(account_alert.account.encode(), ALERT.encode(), dedupe.encode(), key, b"sms"),
        account=account_alert.account,
        trigger=ALERT,
        dedupe_key=dedupe,
        channel="sms",
        recipient_key=key,
        recipient_kind="staff",
        recipient_id="alert_phone",
        client_id=None,
        phone=phone,
        message_class="staff",
        lane="urgent",
        locale=alert.locale,
        zone=alert.zone,
        sender=alert.sender,
        viber=None,
        template=0,
        template_version=0,
        written=Written(text, segments(text), (), 0, 0),
        record=RecordRef("", "", None, now),
        state="planned",
        reason=None,
        due_at=now + NUDGE_WAIT,
        expires_at=alert.at + LIFE,
    )
