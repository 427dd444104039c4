"""Triggers 1 to 9 of the settings page: invoices, proposals and contracts."""

from __future__ import annotations

from datetime import timedelta

from worker.core.contract.facts import YES
from worker.core.contract.record_statuses import spellings
from worker.core.triggers.trigger import DAY, Trigger, Unless

SETTLED = Unless("status", spellings("invoice", "paid", "cancelled", "draft", "refunded"), "invoice_settled")
UNREMINDED = Unless("cancel_overdue_reminders", YES, "reminders_cancelled")
DRAFT = Unless("status", spellings("proposal", "draft"), "proposal_draft")
DECIDED = Unless("status", spellings("proposal", "accepted", "declined", "cancelled"), "proposal_decided")
ENDED = Unless("status", spellings("contract", "ended"), "contract_ended")
HIDDEN = Unless("not_visible_to_client", YES, "contract_hidden")
BINNED = Unless("trash", YES, "contract_hidden")
CLIENT_SIDE = frozenset({"proposal", "contact", "lead"})
CONTACTS = frozenset({"contact"})
STAFF = frozenset({"staff"})

SALES: tuple[Trigger, ...] = (
    Trigger(
        id="invoice_overdue_notice",
        event="invoice.overdue",
        record="invoice",
        label="Повідомлення про прострочений рахунок",
        hears=CONTACTS,
        kind="transactional",
        lane="normal",
        window="day",
        life=2 * DAY,
        dedupe=("invoice.id", "notice.day"),
        sections=("clients", "invoice", "requisites", "company"),
        texts={
            "uk": "[{contact_firstname}, ]рахунок {invoice_number} прострочено. "
            "До сплати {invoice_amount_due}[: {invoice_link}]",
            "en": "[{contact_firstname}, ]invoice {invoice_number} is overdue. "
            "To pay {invoice_amount_due}[: {invoice_link}]",
        },
        deadline="invoice.duedate",
        is_of_the_past=True,
        dated="invoice.date",
        unless=(SETTLED, UNREMINDED),
        asks_for=("amount_due", "total"),
    ),
    Trigger(
        id="invoice_payment_recorded",
        event="invoice.payment_recorded",
        record="invoice",
        label="Записано оплату за рахунком",
        hears=CONTACTS,
        kind="transactional",
        lane="normal",
        window="day",
        life=DAY,
        dedupe=("payment.id",),
        sections=("clients", "invoice", "requisites", "company", "payment"),
        texts={
            "uk": "Оплату за рахунком {invoice_number} отримано. Дякуємо![ Залишок: {invoice_left}]",
            "en": "Payment for invoice {invoice_number} received. Thank you![ Left to pay: {invoice_left}]",
        },
        muted="payment.do_not_notify",
    ),
    Trigger(
        id="proposal_expiration_reminder",
        event="proposal.overdue",
        record="proposal",
        label="Нагадування про прострочену пропозицію",
        hears=CLIENT_SIDE,
        kind="transactional",
        lane="normal",
        window="day",
        life=2 * DAY,
        dedupe=("proposal.id", "last.day", "offset_minutes"),
        sections=("clients", "leads", "proposals", "company"),
        texts={
            "uk": "[{contact_firstname}, ]пропозиція {proposal_number}[ діє до {proposal_valid_till}]"
            "[ діє лише сьогодні, {proposal_last_day}][ прострочена (діяла до {proposal_expired})][: {proposal_link}]",
            "en": "[{contact_firstname}, ]proposal {proposal_number}[ is valid till {proposal_valid_till}]"
            "[ ends today, {proposal_last_day}][ has expired (was valid till {proposal_expired})][: {proposal_link}]",
        },
        until="deadline",
        deadline="proposal.open_till",
        dated="proposal.datecreated",
        unless=(DRAFT, DECIDED),
        falls_back=True,
    ),
    Trigger(
        id="position_status_sent",
        event="position.status_changed",
        record="position.entity_type",
        label="Статус позиції змінено на «Надіслано»",
        hears=CLIENT_SIDE | {"order"},
        kind="transactional",
        lane="normal",
        window="day",
        life=DAY,
        dedupe=("position.entity_type", "record.id", "position.status_to", "record.change"),
        sections=("proposals", "orders", "clients", "leads", "company"),
        texts={
            "uk": "Надіслали вам[ пропозицію {proposal_number}][: {proposal_link}]"
            "[ замовлення №{stock_orders_number_order_id}][, ТТН {stock_orders_ttn}]",
            "en": "We have sent you[ proposal {proposal_number}][: {proposal_link}]"
            "[ order {stock_orders_number_order_id}][, waybill {stock_orders_ttn}]",
        },
        becomes="sent",
        falls_back=True,
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
        unless=(DRAFT,),
        falls_back=True,
    ),
    Trigger(
        id="proposal_comment_to_staff",
        event="proposal.comment_added",
        record="proposal",
        label="Новий коментар до пропозиції (для співробітників)",
        hears=STAFF,
        kind="staff",
        lane="normal",
        window="day",
        life=timedelta(hours=12),
        dedupe=("comment.id",),
        sections=("proposals", "staff"),
        texts={
            "uk": "Клієнт[ {proposal_proposal_to}] прокоментував пропозицію {proposal_number}",
            "en": "Client[ {proposal_proposal_to}] commented on proposal {proposal_number}",
        },
        when=("comment.author", "client"),
    ),
    Trigger(
        id="contract_comment_to_customer",
        event="contract.comment_added",
        record="contract",
        label="Новий коментар до договору (для клієнта)",
        hears=CONTACTS,
        kind="transactional",
        lane="normal",
        window="day",
        life=DAY,
        dedupe=("comment.id",),
        sections=("clients", "contract", "requisites", "company"),
        texts={
            "uk": "[{contact_firstname}, ]нова відповідь щодо договору[ «{contract_name}»][: {contract_link}]",
            "en": "[{contact_firstname}, ]new reply on contract[ «{contract_name}»][: {contract_link}]",
        },
        when=("comment.author", "staff"),
        unless=(HIDDEN, BINNED),
    ),
    Trigger(
        id="contract_comment_to_staff",
        event="contract.comment_added",
        record="contract",
        label="Новий коментар до договору (для співробітників)",
        hears=STAFF,
        kind="staff",
        lane="normal",
        window="day",
        life=timedelta(hours=12),
        dedupe=("comment.id",),
        sections=("contract", "clients", "staff"),
        texts={
            "uk": "Клієнт[ {client_company}] прокоментував договір[ «{contract_name}»]",
            "en": "Client[ {client_company}] commented on contract[ «{contract_name}»]",
        },
        when=("comment.author", "client"),
    ),
    Trigger(
        id="contract_expiration_reminder",
        event="contract.overdue",
        record="contract",
        label="Нагадування про прострочений договір",
        hears=CONTACTS,
        kind="transactional",
        lane="normal",
        window="day",
        life=2 * DAY,
        dedupe=("contract.id", "last.day", "offset_minutes"),
        sections=("clients", "contract", "company"),
        texts={
            "uk": "[{contact_firstname}, ]договір[ «{contract_name}»][ діє до {contract_valid_till}]"
            "[ діє лише сьогодні, {contract_last_day}][ прострочений (діяв до {contract_expired})][: {contract_link}]",
            "en": "[{contact_firstname}, ]contract[ «{contract_name}»][ is valid till {contract_valid_till}]"
            "[ ends today, {contract_last_day}][ has expired (was valid till {contract_expired})][: {contract_link}]",
        },
        until="deadline",
        deadline="contract.dateend",
        dated="contract.datecreated",
        unless=(HIDDEN, BINNED, ENDED),
    ),
)
