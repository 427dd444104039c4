"""Triggers 14 to 19 of the settings page: orders and the booking journal."""

from datetime import timedelta

from worker.core.contract.data import Booking, Order
from worker.core.contract.record_statuses import spellings
from worker.core.triggers.trigger import DAY, Trigger, Unless

ORDER_CANCELLED = Unless(Order.status, spellings("order", "cancelled"), "order_cancelled")
BOOKING_CANCELLED = Unless(Booking.status, spellings("booking", "cancelled"), "booking_cancelled")
BUYER = frozenset({"order"})
GUEST = frozenset({"booking"})

SERVICE: tuple[Trigger, ...] = (
    Trigger(
        id="order_created",
        event="order.created",
        label="Сповіщення про створення нового замовлення",
        recipient_kinds=BUYER,
        window="now",
        dedupe=("record.id",),
        sections=("orders", "clients", "company"),
        texts={
            "uk": "Замовлення №{stock_orders_number_order_id} прийнято. Дякуємо![ {company_name}]",
            "en": "Order {stock_orders_number_order_id} received. Thank you![ {company_name}]",
        },
        unless=(ORDER_CANCELLED,),
        falls_back=True,
    ),
    Trigger(
        id="order_approved",
        event="order.approved",
        label="Сповіщення про узгодження замовлення",
        recipient_kinds=BUYER,
        dedupe=("record.id", "record.change"),
        sections=("orders", "clients", "company"),
        texts={
            "uk": "Замовлення №{stock_orders_number_order_id} узгоджено.[ {stock_orders_delivery_method}]",
            "en": "Order {stock_orders_number_order_id} is approved.[ {stock_orders_delivery_method}]",
        },
        unless=(ORDER_CANCELLED,),
        falls_back=True,
    ),
    Trigger(
        id="order_cancelled",
        event="order.cancelled",
        label="Сповіщення про скасування замовлення",
        recipient_kinds=BUYER,
        dedupe=("record.id", "record.change"),
        sections=("orders", "clients", "company"),
        texts={
            "uk": "Замовлення №{stock_orders_number_order_id} скасовано.[ {company_name}]",
            "en": "Order {stock_orders_number_order_id} is cancelled.[ {company_name}]",
        },
        falls_back=True,
    ),
    Trigger(
        id="booking_form_submitted",
        event="booking.submitted",
        label="Сповіщення про успішне заповнення форми «Журналу запису» (для клієнта)",
        recipient_kinds=GUEST,
        window="now",
        life=timedelta(hours=1),
        dedupe=("record.id",),
        sections=("booking", "clients", "company"),
        texts={
            "uk": "Заявку на {booking_date} о {booking_time} отримали, чекайте підтвердження.[ {company_name}]",
            "en": "We have your request for {booking_date} {booking_time}; please wait for confirmation.",
        },
        until="booking.start",
        unless=(BOOKING_CANCELLED,),
        falls_back=True,
    ),
    Trigger(
        id="booking_confirmed",
        event="booking.confirmed",
        label="Сповіщення про підтвердження запису «Журналу запису» (для клієнта)",
        recipient_kinds=GUEST,
        life=30 * DAY,
        dedupe=("record.id", "booking.start"),
        sections=("booking", "clients", "company"),
        texts={
            "uk": "Запис підтверджено: {booking_date} о {booking_time}[, {booking_branch}]",
            "en": "Booking confirmed: {booking_date} at {booking_time}[, {booking_branch}]",
        },
        until="booking.start",
        unless=(BOOKING_CANCELLED,),
        falls_back=True,
    ),
    Trigger(
        id="booking_reminder",
        event="booking.reminder_due",
        label="Нагадування про запис у «Журналі запису»",
        recipient_kinds=GUEST,
        life=30 * DAY,
        dedupe=("record.id", "booking.start", "offset"),
        sections=("booking", "clients", "company"),
        texts={
            "uk": "Чекаємо вас {booking_date} о {booking_time}[, {booking_branch}][. {company_name}]",
            "en": "We expect you on {booking_date} at {booking_time}[, {booking_branch}][. {company_name}]",
        },
        until="booking.start",
        unless=(BOOKING_CANCELLED,),
        falls_back=True,
    ),
)
