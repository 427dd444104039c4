"""Of the exact report: what Viber saved, what went by SMS after all and why, and the dearest texts."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from worker.core.history.sentences.reason import words_of
from worker.core.sending.nudge import text_id
from worker.core.sending.state_labels import CHANNEL_LABELS
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, of_pair
from worker.steps.history.why import codes_of_reasons
from worker.steps.monitoring.reports import Span
from worker.store.db.postgres import Connection
from worker.store.spending import prices, single_texts
from worker.store.spending.single_texts import ByViber, FellBack, Period, SingleText
from worker.web.pages.page import Visit


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    trigger: str
    channel: str
    segments: int
    price: Decimal | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Singles:
    """`saved` is None where nobody knows what an SMS costs, or nothing went by Viber alone."""

    viber: ByViber
    saved: Decimal | None
    fell_back: FellBack
    fallen: list[Row]
    dearest: list[Row]


def singles_of(connection: Connection, visit: Visit, span: Span) -> Singles:
    since = datetime.combine(span.first, time(), visit.zone)
    until = datetime.combine(span.last + timedelta(days=1), time(), visit.zone)
    period = Period(visit.account, since, until)
    viber = single_texts.by_viber(connection, period)
    segment = prices.prices_of(connection, visit.account).sms.amount
    fell_back = single_texts.fell_back(connection, period)
    return Singles(
        viber,
        None if segment is None or not viber.texts else viber.saved(segment),
        fell_back,
        [row_of(text, why=why_by_sms(text)) for text in fell_back.newest],
        [row_of(text) for text in single_texts.dearest(connection, period)],
    )


def row_of(text: SingleText, *, why: str = "") -> Row:
    trigger = BY_ID[text.trigger].label if text.trigger in BY_ID else text.trigger
    channel = _(CHANNEL_LABELS.get(text.channel, text.channel))
    return Row(text_id(text.notification_id), trigger, channel, text.segments, text.price, why)


def why_by_sms(text: SingleText) -> str:
    if text.fallback is None:
        return _("Viber did not reach the person, so TurboSMS sent an SMS")
    return of_pair(words_of("undelivered", text.fallback, codes_of_reasons([text.fallback])))
