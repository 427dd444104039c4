"""Attempts and what may be answered to them."""

from datetime import date, timedelta

from tests.core.examples import NOW
from worker.core.sending.send_result import Accepted, Later, Outcome, Paused, Refused, Repeated, Unknown
from worker.core.sending.settlement import Attempt, Row

HOUR = timedelta(hours=1)
PHONES = ["380671234567", "380501112233", "380931112233"]

OK = Accepted("0b4e7bf3-6b1b-4b3a-9c3b-3d2b4f3b0a01")
REFUSED = Refused("bad_number", 404)
LATER = Later("rate_limited", timedelta(minutes=1), 438)
PAUSED = Paused("money", 203)
DUPLICATE = Repeated("duplicate", 427)
LEFT_OUT = Repeated("left_out", 800)
UNKNOWN = Unknown("timeout")
EVERY: list[Outcome] = [OK, REFUSED, LATER, PAUSED, DUPLICATE, LEFT_OUT, UNKNOWN]
SPOKEN: list[Outcome] = [REFUSED, LATER, PAUSED]


def row(phone: str = PHONES[0], *, state: str = "sending", reason: str | None = None, hours: int = 5) -> Row:
    return Row((date(2026, 11, 1), int(phone[-4:])), f"+{phone}", state, reason, NOW + hours * HOUR)


def attempt(*rows: Row, unknown: bool = False, held: int = 1, lease: int = 1, is_settled: bool = False) -> Attempt:
    return Attempt(
        month=date(2026, 11, 1),
        key="0" * 32,
        account="acme",
        rows=rows or (row(),),
        held=held,
        lease=lease,
        unknown=unknown,
        key_expires_at=NOW + 24 * HOUR,
        is_settled=is_settled,
    )
