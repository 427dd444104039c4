"""Triggers 1 to 9 of the settings page: invoices, proposals and contracts."""

from datetime import timedelta

from worker.core.contract.data import Contract, Invoice, Proposal
from worker.core.contract.facts import YES
from worker.core.contract.record_statuses import spellings
from worker.core.triggers.trigger import DAY, Trigger, Unless

SETTLED = Unless(Invoice.status, spellings("invoice", "paid", "cancelled", "draft", "refunded"), "invoice_settled")
UNREMINDED = Unless(Invoice.cancel_overdue_reminders, YES, "reminders_cancelled")
DRAFT = Unless(Proposal.status, spellings("proposal", "draft"), "proposal_draft")
DECIDED = Unless(Proposal.status, spellings("proposal", "accepted", "declined", "cancelled"), "proposal_decided")
ENDED = Unless(Contract.status, spellings("contract", "ended"), "contract_ended")
HIDDEN = Unless(Contract.not_visible_to_client, YES, "contract_hidden")
BINNED = Unless(Contract.trash, YES, "contract_hidden")
CLIENT_SIDE = frozenset({"proposal", "contact", "lead"})
CONTACTS = frozenset({"contact"})
STAFF = frozenset({"staff"})

SALES: tuple[Trigger, ...] = (
    Trigger(
        id="invoice_overdue_notice",
        event="invoice.overdue",
        label="Повідомлення про прострочений рахунок",
        recipient_kinds=CONTACTS,
        life=2 * DAY,
        dedupe=("record.id", "notice.day"),
        sections=("clients", "invoice", "requisites", "company"),
        texts={
            "uk": "[{contact_firstname}, ]рахунок {invoice_number} прострочено. "
            "До сплати {invoice_amount_due}[: {invoice_link}]",
            "en": "[{contact_firstname}, ]invoice {invoice_number} is overdue. "
            "To pay {invoice_amount_due}[: {invoice_link}]",
        },
        deadline=Invoice.duedate,
        is_of_the_past=True,
        dated=Invoice.date,
        unless=(SETTLED, UNREMINDED),
        asks_for=(Invoice.amount_due, Invoice.total),
    ),
    Trigger(
        id="invoice_payment_recorded",
        event="invoice.payment_recorded",
        label="Записано оплату за рахунком",
        recipient_kinds=CONTACTS,
        dedupe=("payment.id",),
        sections=("clients", "invoice", "requisites", "company", "payment"),
        texts={
            "uk": "Оплату за рахунком {invoice_number} отримано. Дякуємо![ Залишок: {invoice_left}]",
            "en": "Payment for invoice {invoice_number} received. Thank you![ Left to pay: {invoice_left}]",
        },
        muted=lambda data: data.payment.do_not_notify,
    ),
    Trigger(
        id="proposal_expiration_reminder",
        event="proposal.overdue",
        label="Нагадування про прострочену пропозицію",
        recipient_kinds=CLIENT_SIDE,
        life=2 * DAY,
        dedupe=("record.id", "last.day", "offset_minutes"),
        sections=("clients", "leads", "proposals", "company"),
        texts={
            "uk": "[{contact_firstname}, ]пропозиція {proposal_number}[ діє до {proposal_valid_till}]"
            "[ діє лише сьогодні, {proposal_last_day}][ прострочена (діяла до {proposal_expired})][: {proposal_link}]",
            "en": "[{contact_firstname}, ]proposal {proposal_number}[ is valid till {proposal_valid_till}]"
            "[ ends today, {proposal_last_day}][ has expired (was valid till {proposal_expired})][: {proposal_link}]",
        },
        until="deadline",
        deadline=Proposal.open_till,
        dated=Proposal.datecreated,
        unless=(DRAFT, DECIDED),
        falls_back=True,
    ),
    Trigger(
        id="position_status_sent",
        event="position.status_changed",
        label="Статус позиції змінено на «Надіслано»",
        recipient_kinds=CLIENT_SIDE | {"order"},
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
        label="Новий коментар до пропозиції (для клієнта)",
        recipient_kinds=CLIENT_SIDE,
        dedupe=("comment.id",),
        sections=("proposals", "clients", "leads", "company"),
        texts={
            "uk": "Нова відповідь у пропозиції {proposal_number}[: {proposal_link}]",
            "en": "New reply in proposal {proposal_number}[: {proposal_link}]",
        },
        commented_by="staff",
        unless=(DRAFT,),
        falls_back=True,
    ),
    Trigger(
        id="proposal_comment_to_staff",
        event="proposal.comment_added",
        label="Новий коментар до пропозиції (для співробітників)",
        recipient_kinds=STAFF,
        message_class="staff",
        life=timedelta(hours=12),
        dedupe=("comment.id",),
        sections=("proposals", "staff"),
        texts={
            "uk": "Клієнт[ {proposal_proposal_to}] прокоментував пропозицію {proposal_number}",
            "en": "Client[ {proposal_proposal_to}] commented on proposal {proposal_number}",
        },
        commented_by="client",
    ),
    Trigger(
        id="contract_comment_to_customer",
        event="contract.comment_added",
        label="Новий коментар до договору (для клієнта)",
        recipient_kinds=CONTACTS,
        dedupe=("comment.id",),
        sections=("clients", "contract", "requisites", "company"),
        texts={
            "uk": "[{contact_firstname}, ]нова відповідь щодо договору[ «{contract_name}»][: {contract_link}]",
            "en": "[{contact_firstname}, ]new reply on contract[ «{contract_name}»][: {contract_link}]",
        },
        commented_by="staff",
        unless=(HIDDEN, BINNED),
    ),
    Trigger(
        id="contract_comment_to_staff",
        event="contract.comment_added",
        label="Новий коментар до договору (для співробітників)",
        recipient_kinds=STAFF,
        message_class="staff",
        life=timedelta(hours=12),
        dedupe=("comment.id",),
        sections=("contract", "clients", "staff"),
        texts={
            "uk": "Клієнт[ {client_company}] прокоментував договір[ «{contract_name}»]",
            "en": "Client[ {client_company}] commented on contract[ «{contract_name}»]",
        },
        commented_by="client",
    ),
    Trigger(
        id="contract_expiration_reminder",
        event="contract.overdue",
        label="Нагадування про прострочений договір",
        recipient_kinds=CONTACTS,
        life=2 * DAY,
        dedupe=("record.id", "last.day", "offset_minutes"),
        sections=("clients", "contract", "company"),
        texts={
            "uk": "[{contact_firstname}, ]договір[ «{contract_name}»][ діє до {contract_valid_till}]"
            "[ діє лише сьогодні, {contract_last_day}][ прострочений (діяв до {contract_expired})][: {contract_link}]",
            "en": "[{contact_firstname}, ]contract[ «{contract_name}»][ is valid till {contract_valid_till}]"
            "[ ends today, {contract_last_day}][ has expired (was valid till {contract_expired})][: {contract_link}]",
        },
        until="deadline",
        deadline=Contract.dateend,
        dated=Contract.datecreated,
        unless=(HIDDEN, BINNED, ENDED),
    ),
)
