"""The words that CRMs use for the statuses of their records, and what each of them means to the rules.

Of invoices, proposals and tasks the numbers are the ancestor's (Perfex CRM). A status that has no meaning here
forbids nothing, and is reported.
"""

import re
from collections.abc import Mapping

from worker.core.contract.facts import code

_JOINTS = re.compile(r"(?<=\w)[\s_\-‐-―]+(?=\w)")
_CANCELLED = (
    "cancelled, canceled, cancel, cancelation, cancellation, annulled, void, voided, withdrawn, скасовано, скасований,"
    "скасована, скасовані, скасування, анульовано, анульований, анульована, відмінено, відмінений, відмінена,"
    "відкликано, відкликана, отменено, отменен, отменён, отменена, аннулировано, аннулирован"
)
_DECLINED = (
    "declined, rejected, refused, denied, відхилено, відхилений, відхилена, відмовлено, відмова, отклонено, отклонен,"
    "отклонён, отклонена, отказ"
)
_DRAFT = "draft, чернетка, чорновик, черновик"
_DONE = (
    "complete, completed, done, finished, closed, завершено, завершений, завершена, завершене, виконано, виконаний,"
    "виконана, виконане, закрито, закритий, закрита, завершен, завершён, завершена, выполнено, выполнен, закрыто"
)
_NEW = "new, created, нове, новий, нова, створено, новый, новая, новое"
_IN_PROGRESS = "in progress, processing, started, ongoing, в роботі, у роботі, виконується, в обробці, в работе"
_SENT = "sent, надіслано, надісланий, надіслана, відправлено, відправлений, відправлена, отправлено, отправлен"
_MOVED = (
    "rescheduled, moved, postponed, перенесено, перенесений, перенесена, відкладено, відкладений, перенесено, перенесен"
)
_MISSED = "no show, noshow, missed, не прийшов, не прийшла, не з'явився, неявка, не пришел, не пришёл"
_EXPIRED = "expired, прострочено, прострочений, прострочена, закінчився, просрочено, просрочен, истек, истёк"

_TABLE: Mapping[str, Mapping[str, str]] = {
    "invoice": {
        "unpaid": "1, unpaid, not paid, open, issued, pending, не сплачено, не сплачений, не оплачено, не оплачений,"
        f"виставлено, виставлений, не оплачен, выставлен, {_NEW}, {_SENT}",
        "paid": "2, paid, fully paid, paid in full, settled, closed, сплачено, сплачений, сплачено повністю, оплачено,"
        "оплачений, оплачено повністю, повністю сплачено, повністю оплачено, оплачен, оплата отримана",
        "partially_paid": "3, partially paid, partial, partly paid, part paid, частково сплачено, частково сплачений,"
        "частково оплачено, частково оплачений, частично оплачено, частично оплачен",
        "overdue": f"4, overdue, past due, late, протерміновано, протермінований, {_EXPIRED}",
        "cancelled": f"5, {_CANCELLED}, {_DECLINED}",
        "draft": f"6, {_DRAFT}",
        "refunded": "refunded, written off, credited, повернено, повернуто, списано, возвращено, списан",
    },
    "proposal": {
        "open": f"1, open, opened, pending, viewed, відкрито, відкрита, переглянуто, {_NEW}",
        "declined": f"2, {_DECLINED}",
        "accepted": "3, accepted, approved, signed, won, прийнято, прийнята, погоджено, узгоджено, підписано, принято",
        "sent": f"4, {_SENT}",
        "revised": "5, revised, changed, переглянута, змінено, виправлено, пересмотрено",
        "draft": f"6, {_DRAFT}",
        "cancelled": _CANCELLED,
        "expired": _EXPIRED,
    },
    "contract": {
        "draft": _DRAFT,
        "active": f"active, signed, open, valid, підписано, підписаний, діє, діючий, чинний,активний, подписан, {_NEW}",
        "unsigned": f"unsigned, not signed, pending, не підписано, не підписаний, не подписан, {_SENT}",
        "expired": _EXPIRED,
        "ended": f"terminated, ended, розірвано, розірваний, припинено, расторгнут, {_CANCELLED}, {_DECLINED}, {_DONE}",
    },
    "order": {
        "new": f"pending, unpaid, paid, оплачено, не оплачено, очікує, {_NEW}, {_IN_PROGRESS}, {_DRAFT}",
        "approved": "approved, confirmed, accepted, узгоджено, погоджено, підтверджено, прийнято, согласовано, принято",
        "shipped": f"shipped, in transit, в дорозі, у дорозі, доставляється, в пути, {_SENT}",
        "delivered": f"delivered, received, доставлено, отримано, получено, {_DONE}",
        "cancelled": f"{_CANCELLED}, {_DECLINED}",
        "returned": "returned, refunded, повернено, повернення, возврат, возвращено",
    },
    "booking": {
        "submitted": "submitted, pending, requested, unconfirmed, not confirmed, awaiting, waiting, заявка, очікує,"
        f"очікує підтвердження, не підтверджено, ожидает, не подтверждено, {_NEW}",
        "confirmed": "confirmed, approved, accepted, booked, scheduled, upcoming, active, підтверджено, підтверджений,"
        f"підтверджена, прийнято, заплановано, подтверждено, подтвержден, {_IN_PROGRESS}",
        "visited": f"visited, arrived, прийшов, прийшла, відбувся, пришел, пришёл, {_DONE}",
        "cancelled": f"{_CANCELLED}, {_DECLINED}",
        "no_show": _MISSED,
        "rescheduled": _MOVED,
    },
    "meeting": {
        "planned": "planned, scheduled, upcoming, confirmed, accepted, pending, open, active, заплановано, запланована,"
        f"планується, підтверджено, запланировано, запланирована, {_NEW}, {_IN_PROGRESS}",
        "held": f"held, visited, відбулася, відбулось, проведено, состоялась, проведена, {_DONE}",
        "cancelled": f"{_CANCELLED}, {_DECLINED}",
        "no_show": f"{_MISSED}, не відбулася, не відбулась, не состоялась",
        "rescheduled": _MOVED,
    },
    "task": {
        "not_started": f"1, not started, open, pending, todo, to do, не розпочато, не почато, не начато, {_NEW}",
        "awaiting_feedback": "2, awaiting feedback, waiting, on hold, очікує відповіді, очікує відгуку, ожидает ответа",
        "testing": "3, testing, review, in review, тестування, перевірка, на перевірці, тестирование",
        "in_progress": f"4, {_IN_PROGRESS}",
        "done": f"5, {_DONE}",
        "cancelled": f"{_CANCELLED}, {_DECLINED}",
    },
    "staff_reminder": {
        "planned": f"planned, pending, active, open, заплановано, активне, {_NEW}",
        "done": f"notified, виконано, {_DONE}",
        "cancelled": _CANCELLED,
    },
}


def folded(value: object) -> str:
    """A status, or a flag, as rules compare it: in any case, without spaces, underscores and dashes."""
    return _JOINTS.sub("", code(value).casefold())


STATUSES: Mapping[str, Mapping[str, frozenset[str]]] = {
    record_kind: {name: frozenset(map(folded, text.split(","))) for name, text in meanings.items()}
    for record_kind, meanings in _TABLE.items()
}
_MEANT = {
    record_kind: {spelling: name for name, spellings in meanings.items() for spelling in spellings}
    for record_kind, meanings in STATUSES.items()
}


def spellings(record_kind: str, *meanings: str) -> frozenset[str]:
    return frozenset[str]().union(*(STATUSES[record_kind][name] for name in meanings))


def meaning(record_kind: str, status: object) -> str | None:
    return _MEANT.get(record_kind, {}).get(folded(status))


def is_unknown(record_kind: str, status: object) -> bool:
    return record_kind in STATUSES and folded(status) not in {"", "false"} and meaning(record_kind, status) is None
