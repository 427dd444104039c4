"""What TurboSMS reports of messages when it is asked (`message/status`, `message/details`): pure, total over any bytes.

A row of `status` is about the channel that a message went by (`type`); one of `details` has a block for each channel
of it, and alone has price and segments.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import orjson

from worker.core.planning.channel import SMS, VIBER
from worker.core.receipts.channel_status import is_known, status_of
from worker.core.receipts.receipt import StatusReport
from worker.turbosms.client import NoReply, Reply
from worker.turbosms.codes import CodeClass, code_in
from worker.turbosms.local_time import local_time

#: Ids of one question; client libraries know of this limit, and TurboSMS's own pages name none.
IDS_AT_MOST = 100

UNANSWERED = "unanswered"

#: What rows may come to: the first half a message, the rest something besides; and a whole question.
OUTCOMES = (
    *("reported", "unreported", "unknown_id", "left_out", "unreadable", "refused"),
    *("not_asked", "twice", "contradicting", "unknown_status"),
    UNANSWERED,
)

_Json = None | bool | int | float | str | list["_Json"] | dict[str, "_Json"]
_Outcome = tuple[StatusReport, ...] | str
_HTTP_OK = 200
_REJECTED = re.compile(r"\w{1,64}", re.ASCII)
_PRICE_MAX = Decimal(100_000)
_SEGMENTS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Reports:
    """What one question came to.

    Attributes:
        reports: by message id as it was asked for; empty for a message that has not set out.
        unknown_ids: ids that TurboSMS does not know as this account's (414) or at all (307).
        counts: rows by OUTCOMES.
        unknown: statuses outside the provider's list.
        fault: why there are no rows, in one word.
        is_refused: TurboSMS refuses the question as a whole.
        is_limited: it asks for a slower pace (438).
    """

    reports: Mapping[str, tuple[StatusReport, ...]] = field(default_factory=dict[str, tuple[StatusReport, ...]])
    unknown_ids: frozenset[str] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    unknown: frozenset[str] = frozenset()
    fault: str | None = None
    is_refused: bool = False
    is_limited: bool = False


def question(messages: Collection[str]) -> bytes:
    """Encode a question for messages by their ids.

    Raises:
        ValueError: there are none, or too many.
    """
    if not 0 < len(messages) <= IDS_AT_MOST:
        raise ValueError(f"one question is for 1 to {IDS_AT_MOST} messages")
    return orjson.dumps({"messages": list(messages)})


def reports_of(reply: Reply | NoReply, asked: Collection[str]) -> Reports:
    """Interpret a reply about the messages that were asked for; it never raises."""
    match reply:
        case NoReply(reason=reason):
            return Reports(fault=reason)
        case Reply(status=status) if status != _HTTP_OK:
            return Reports(fault=f"http_{status}")
        case Reply(body=body):
            try:
                return _read(orjson.loads(body), asked)
            except orjson.JSONDecodeError:
                return Reports(fault="not_json")


def _read(value: _Json, asked: Collection[str]) -> Reports:
    code = code_in(value)
    if code is None or not isinstance(value, dict):
        return Reports(fault="no_envelope")
    if code.code_class in {CodeClass.OK, CodeClass.PARTIAL}:
        return _sorted_out(_rows_in(value.get("response_result")), asked)
    is_refused = code.code_class in {CodeClass.BUG, CodeClass.PERMANENT, CodeClass.UNKNOWN_CODE}
    return Reports(fault=code.reason, is_refused=is_refused, is_limited=code.code_class is CodeClass.RATE)


def _sorted_out(rows: Iterable[Mapping[str, _Json]], asked: Collection[str]) -> Reports:
    """Group rows by the ids that were asked for; of several rows of one, those that report anything count."""
    names = {name.lower(): name for name in asked}
    outcomes_by_id: dict[str, list[_Outcome]] = defaultdict(list)
    strangers = 0
    for row in rows:
        message_id = names.get(str(row.get("message_id")).lower())
        if message_id is None:
            strangers += 1
        else:
            outcomes_by_id[message_id].append(_outcome(row))
    reports_by_id = {
        key: tuple(dict.fromkeys(_reports(outcomes)))
        for key, outcomes in outcomes_by_id.items()
        if not _silence(outcomes)
    }
    silent = {key: silence for key, outcomes in outcomes_by_id.items() if (silence := _silence(outcomes))}
    unknown = frozenset(
        report.status for reports in reports_by_id.values() for report in reports if not is_known(report.status)
    )
    counts = Counter("reported" if reports else "unreported" for reports in reports_by_id.values())
    counts += Counter(silent.values())
    counts += Counter(_repetition(outcomes) for outcomes in outcomes_by_id.values() if len(outcomes) > 1)
    counts += Counter(left_out=len(names.keys() - map(str.lower, outcomes_by_id)), not_asked=strangers)
    counts += Counter(unknown_status=len(unknown))
    return Reports(reports_by_id, frozenset(key for key, why in silent.items() if why == "unknown_id"), counts, unknown)


def _reports(outcomes: Iterable[_Outcome]) -> Iterator[StatusReport]:
    for outcome in outcomes:
        if not isinstance(outcome, str):
            yield from outcome


def _silence(outcomes: Sequence[_Outcome]) -> str | None:
    """Why no row of a message reports anything, by the first; None where one does."""
    whys = [outcome for outcome in outcomes if isinstance(outcome, str)]
    return whys[0] if len(whys) == len(outcomes) else None


def _repetition(outcomes: Sequence[_Outcome]) -> str:
    return "twice" if len(set(outcomes)) == 1 else "contradicting"


def _outcome(row: Mapping[str, _Json]) -> _Outcome:
    code = code_in(row)
    if code is None:
        return "unreadable"
    if code.code_class not in {CodeClass.OK, CodeClass.PARTIAL}:
        return "unknown_id" if code.number in {307, 414} else "refused"
    blocks = {way: block for way in (SMS, VIBER) if isinstance(block := row.get(way), dict)}
    if blocks:
        reports = [_report(way, block) for way, block in blocks.items()]
        return tuple(item for item in reports if item) or "unreadable"
    if row.get("status") is None:
        return ()
    channel = str(row.get("type")).lower()
    report = _report(channel if channel in {SMS, VIBER} else None, row)
    return (report,) if report else "unreadable"


def _report(channel: str | None, block: Mapping[str, _Json]) -> StatusReport | None:
    """The report of one channel; None without a status that is a word."""
    status = block.get("status")
    if not isinstance(status, str) or not status.strip():
        return None
    rejected = block.get("rejected_status")
    return StatusReport(
        channel,
        status_of(status),
        rejected if isinstance(rejected, str) and _REJECTED.fullmatch(rejected) else None,
        local_time(block.get("sent")),
        local_time(block.get("updated")),
        _price(block.get("price")),
        _segments(block.get("segments")),
    )


def _rows_in(result: _Json) -> Iterator[Mapping[str, _Json]]:
    if isinstance(result, dict):
        result = [result] if "message_id" in result else list(result.values())
    if isinstance(result, list):
        yield from (row for row in result if isinstance(row, dict))


def _price(written: _Json) -> Decimal | None:
    """Hryvnias with at most four decimals; None for anything else."""
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    try:
        amount = Decimal(str(written))
    except InvalidOperation:
        return None
    return round(amount, 4) if amount.is_finite() and 0 <= amount < _PRICE_MAX else None


def _segments(written: _Json) -> int | None:
    text = str(written) if isinstance(written, int | str) and not isinstance(written, bool) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) and int(text) <= _SEGMENTS_MAX else None
