"""The triggers of the settings page as data: what each listens to, who hears it, when it is too late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from worker.core.contract import TYPES


@dataclass(frozen=True, slots=True)
class Unless:
    """A fact of the record that makes a text untrue: never sent, with this reason."""

    field: str
    values: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """When this event, tell these people.

    Attributes:
        hears: kinds of recipients.
        kind: `transactional`, `staff` or `marketing`.
        window: `day` waits for the account's hours, `now` does not.
        life: from the event to the moment when the text is too old.
        until: path of a moment after which the text is senseless, such as `booking.start`.
        dedupe: paths of the business identity and its bucket; `event.day` is the account's date of the event.
        when: a path and the value it must have.
    """

    id: str
    event: str
    record: str
    label: str
    hears: frozenset[str]
    kind: str
    lane: str
    window: str
    life: timedelta
    dedupe: tuple[str, ...]
    sections: tuple[str, ...]
    texts: Mapping[str, str]
    when: tuple[str, str] | None = None
    until: str | None = None
    unless: tuple[Unless, ...] = ()


DAY = timedelta(days=1)
SETTLED = Unless("status", frozenset({"paid", "cancelled", "draft"}), "invoice_settled")
ORDER_CANCELLED = Unless("status", frozenset({"cancelled"}), "order_cancelled")
BOOKING_CANCELLED = Unless("status", frozenset({"cancelled"}), "booking_cancelled")
CLIENT_SIDE = frozenset({"proposal", "contact", "lead"})

TRIGGERS: tuple[Trigger, ...] = (
    Trigger(
        id="invoice_overdue_notice",
        event="invoice.overdue",
        record="invoice",
        label="Повідомлення про прострочений рахунок",
        hears=frozenset({"contact"}),
        kind="transactional",
        lane="normal",
        window="day",
        life=2 * DAY,
        dedupe=("invoice.id", "event.day"),
        sections=("clients", "invoice", "requisites", "company"),
        texts={
            "uk": "[{contact_firstname}, ]рахунок {invoice_number} прострочено. "
            "До сплати {invoice_amount_due}[: {invoice_link}]",
            "en": "[{contact_firstname}, ]invoice {invoice_number} is overdue. "
            "To pay {invoice_amount_due}[: {invoice_link}]",
        },
        unless=(SETTLED,),
    ),
    Trigger(
        id="invoice_payment_recorded",
        event="invoice.payment_recorded",
        record="invoice",
        label="Записано оплату за рахунком",
        hears=frozenset({"contact"}),
        kind="transactional",
        lane="normal",
        window="day",
        life=DAY,
        dedupe=("payment.id",),
        sections=("clients", "invoice", "requisites", "company", "payment"),
        texts={
            "uk": "Оплату за рахунком {invoice_number} отримано.[ Залишок: {invoice_amount_due}]",
            "en": "Payment for invoice {invoice_number} received.[ Left to pay: {invoice_amount_due}]",
        },
    ),
    Trigger(
        id="proposal_comment_to_customer",
        event="proposal.comment_added",
        record="proposal",
        label="Новий коментар до пропозиції (для клієнта)",
        hears=CLIENT_SIDE,
        kind="transactional",
        lane="normal",
        window="day",
        life=DAY,
        dedupe=("comment.id",),
        sections=("proposals", "clients", "leads", "company"),
        texts={
            "uk": "Нова відповідь у пропозиції {proposal_number}[: {proposal_link}]",
            "en": "New reply in proposal {proposal_number}[: {proposal_link}]",
        },
        when=("comment.author", "staff"),
    ),
    Trigger(
        id="proposal_comment_to_staff",
        event="proposal.comment_added",
        record="proposal",
        label="Новий коментар до пропозиції (для співробітників)",
        hears=frozenset({"staff"}),
        kind="staff",
        lane="normal",
        window="day",
        life=DAY / 2,
        dedupe=("comment.id",),
        sections=("proposals", "staff"),
        texts={
            "uk": "Клієнт[ {proposal_proposal_to}] прокоментував пропозицію {proposal_number}",
            "en": "Client[ {proposal_proposal_to}] commented on proposal {proposal_number}",
        },
        when=("comment.author", "client"),
    ),
    Trigger(
        id="order_created",
        event="order.created",
        record="order",
        label="Сповіщення про створення нового замовлення",
        hears=frozenset({"order"}),
        kind="transactional",
        lane="urgent",
        window="now",
        life=DAY,
        dedupe=("order.id",),
        sections=("orders", "clients", "company"),
        texts={
            "uk": "Замовлення №{stock_orders_number_order_id} прийнято. Дякуємо![ {company_name}]",
            "en": "Order {stock_orders_number_order_id} received. Thank you![ {company_name}]",
        },
        unless=(ORDER_CANCELLED,),
    ),
    Trigger(
        id="order_approved",
        event="order.approved",
        record="order",
        label="Сповіщення про узгодження замовлення",
        hears=frozenset({"order"}),
        kind="transactional",
        lane="urgent",
        window="day",
        life=DAY,
        dedupe=("order.id", "order.change"),
        sections=("orders", "clients", "company"),
        texts={
            "uk": "Замовлення №{stock_orders_number_order_id} узгоджено.[ {stock_orders_delivery_method}]",
            "en": "Order {stock_orders_number_order_id} is approved.[ {stock_orders_delivery_method}]",
        },
        unless=(ORDER_CANCELLED,),
    ),
    Trigger(
        id="order_cancelled",
        event="order.cancelled",
        record="order",
        label="Сповіщення про скасування замовлення",
        hears=frozenset({"order"}),
        kind="transactional",
        lane="urgent",
        window="day",
        life=DAY,
        dedupe=("order.id", "order.change"),
        sections=("orders", "clients", "company"),
        texts={
            "uk": "Замовлення №{stock_orders_number_order_id} скасовано.[ {company_name}]",
            "en": "Order {stock_orders_number_order_id} is cancelled.[ {company_name}]",
        },
    ),
    Trigger(
        id="booking_form_submitted",
        event="booking.submitted",
        record="booking",
        label="Сповіщення про успішне заповнення форми «Журналу запису» (для клієнта)",
        hears=frozenset({"booking"}),
        kind="transactional",
        lane="urgent",
        window="now",
        life=timedelta(hours=1),
        dedupe=("booking.id",),
        sections=("booking", "clients", "company"),
        texts={
            "uk": "Заявку на {booking_date} {booking_time} отримали, чекайте підтвердження.[ {company_name}]",
            "en": "We have your request for {booking_date} {booking_time}; please wait for confirmation.",
        },
        until="booking.start",
        unless=(BOOKING_CANCELLED,),
    ),
    Trigger(
        id="booking_confirmed",
        event="booking.confirmed",
        record="booking",
        label="Сповіщення про підтвердження запису «Журналу запису» (для клієнта)",
        hears=frozenset({"booking"}),
        kind="transactional",
        lane="urgent",
        window="day",
        life=30 * DAY,
        dedupe=("booking.id", "booking.start"),
        sections=("booking", "clients", "company"),
        texts={
            "uk": "Запис підтверджено: {booking_date} о {booking_time}[, {booking_branch}]",
            "en": "Booking confirmed: {booking_date} at {booking_time}[, {booking_branch}]",
        },
        until="booking.start",
        unless=(BOOKING_CANCELLED,),
    ),
)

BY_ID: Mapping[str, Trigger] = MappingProxyType({trigger.id: trigger for trigger in TRIGGERS})
BY_EVENT: Mapping[str, tuple[Trigger, ...]] = MappingProxyType(
    {name: tuple(trigger for trigger in TRIGGERS if trigger.event == name) for name in TYPES}
)
