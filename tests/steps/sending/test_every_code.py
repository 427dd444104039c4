from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest

from tests.steps.ledger import planned, repeat_all, sweep
from tests.support.crm import add_account, event, execute, person, rows
from tests.support.http_client import NO_CERTIFICATES
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.effects import Alert
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.turbosms.codes import CODES

Alerts = list[Alert]
Table = dict[int, "Seen"]
Asked = Callable[[Table], Table]

REFUSED = {
    107: "required_viber_session",
    201: "required_message_text",
    202: "required_message_recipient",
    204: "required_message_button",
    205: "required_message_button_caption",
    206: "required_message_button_action",
    304: "invalid_message_text",
    305: "invalid_phone",
    307: "invalid_message_id",
    402: "not_allowed_message_image",
    403: "not_allowed_start_time",
    404: "not_allowed_number_stoplist",
    406: "not_allowed_recipient_country",
    408: "not_allowed_message_button_text_length",
    410: "not_allowed_message_transaction_content",
    411: "not_allowed_message_data",
    412: "not_allowed_message_text",
    413: "not_allowed_message_text_length",
    414: "not_allowed_message_id",
    416: "not_allowed_message_transaction_pattern",
    417: "not_allowed_file_id",
    418: "not_allowed_file_empty",
    419: "not_allowed_file_type",
    420: "not_allowed_file_size",
    422: "not_allowed_session_outbox_limit",
    423: "not_allowed_file_name_length",
    424: "not_allowed_permission",
}
#: Refused with an alert: our own fault, or a code that no table lists.
LOUD = {
    104: "required_content",
    300: "invalid_request",
    303: "invalid_start_time",
    306: "invalid_ttl",
    308: "invalid_file_id",
    309: "invalid_sender_id",
    310: "invalid_chat_id",
    311: "invalid_session_id",
    312: "invalid_page",
    313: "invalid_rows",
    405: "not_allowed_recipients_limit",
    409: "not_allowed_message_ttl",
    502: "failed_parse_body",
    210: "unknown_code",
    430: "unknown_code",
    799: "unknown_code",
}
PAUSING = {
    203: "money",
    **dict.fromkeys((103, 105, 106, 301), "token"),
    **dict.fromkeys((200, 302, 400, 401, 415, 421, 425, 426), "sender"),
}
LATER = {503: "failed_sms_send", 504: "failed_viber_send", 505: "failed_save_image", 506: "failed_save_file"}
DOUBTFUL = (500, 501, 950, 999)
#: Without rows, or in a row without an id, they are about no message.
WELL = (0, 1, 800, 801, 802, 803, 850)


@dataclass(frozen=True, slots=True)
class Seen:
    """The outcome of a text: its row, its attempt, its account, and its alerts."""

    state: str
    reason: str | None = None
    is_settled: bool = True
    pause: str | None = None
    slowdown: float = 1.0
    alerts: tuple[str, ...] = ()


KEPT = Seen("sending", is_settled=False, alerts=("attempt.in_doubt",))
KEPT_LOUD = replace(KEPT, alerts=("attempt.in_doubt", "provider.unexpected"))
REPEATED = {407: Seen("unconfirmed", "recipient_repeat"), 507: Seen("unconfirmed", "repeat")}

FIRST_TRY = {
    **{code: Seen("refused", reason) for code, reason in REFUSED.items()},
    **{code: Seen("refused", reason, alerts=("provider.unexpected",)) for code, reason in LOUD.items()},
    **{
        code: Seen("postponed", reason, pause=f"account {reason} {code}", alerts=("account.paused",))
        for code, reason in PAUSING.items()
    },
    **{code: Seen("postponed", reason) for code, reason in LATER.items()},
    427: Seen("postponed", "duplicate"),
    438: Seen("postponed", "rate_limited", slowdown=2.0, alerts=("provider.limits",)),
    **dict.fromkeys(DOUBTFUL, KEPT_LOUD),
    **REPEATED,
}
AFTER_DOUBT = {
    **dict.fromkeys((*REFUSED, *LATER), KEPT),
    **dict.fromkeys((*LOUD, *DOUBTFUL), KEPT_LOUD),
    **{
        code: replace(KEPT, pause=f"account {reason} {code}", alerts=("account.paused", "attempt.in_doubt"))
        for code, reason in PAUSING.items()
    },
    427: Seen("unconfirmed", "duplicate"),
    438: replace(KEPT, slowdown=2.0, alerts=("attempt.in_doubt", "provider.limits")),
    **REPEATED,
}
#: At the top, without rows: whom it is about cannot be known.
BARE = dict.fromkeys(WELL, KEPT)
#: In a row, without an id: it was made, and its id is lost.
NAMELESS = dict.fromkeys(set(WELL) - {0}, Seen("unconfirmed", "left_out"))


def first_of_each_kind(expected: Table) -> Table:
    """Of the codes that differ in their reason alone, the first: of each kind of ending one."""
    kinds: dict[Seen, int] = {}
    for code, after in expected.items():
        pause = after.pause and after.pause.split()[0]
        kinds.setdefault(replace(after, reason=None, pause=pause), code)
    return {code: expected[code] for code in kinds.values()}


#: Of all codes beside everything else one of each kind; `make faults` sees them all.
CODES_ASKED = pytest.mark.parametrize(
    "asked",
    [
        pytest.param(first_of_each_kind, id="one of each kind"),
        pytest.param(dict[int, Seen], id="all", marks=pytest.mark.long),
    ],
)


@pytest.fixture
def alerts() -> Alerts:
    return []


@pytest.fixture
def clerk(sender: Sender, alerts: Alerts) -> Sender:
    def report(name: str, facts: Mapping[str, object]) -> None:
        alerts.append((name, facts))

    return replace(sender, on_alert=report)


def texts(intake: Intake, codes: Iterable[int]) -> list[NotificationId]:
    """One account and one person for each code."""
    for code in codes:
        add_account(intake.pool, f"a{code}")
    return planned(intake, *(event(account=f"a{code}", recipients=[person(phone=f"067{code:07}")]) for code in codes))


def arm(provider: Provider, codes: Iterable[int], fault: str, **more: object) -> None:
    with httpx.Client(verify=NO_CERTIFICATES, base_url=provider.url) as control:
        for code in codes:
            script = {"fault": fault, "code": code, "match": {"recipient": f"38067{code:07}"}, **more}
            control.post("/_simulator/faults", json=script).raise_for_status()


def repeat_due(sender: Sender, intake: Intake) -> None:
    """Repeat what was left behind, all of it."""
    released = sweep(intake, after=timedelta(minutes=10))
    while released.handed_over:
        repeat_all(sender, released)
        released = sweep(intake)


def seen(intake: Intake, alerts: Iterable[Alert]) -> dict[int, Seen]:
    """By code, the rows of the ledger and the alerts."""
    owners = dict(rows(intake.pool, "SELECT key, account FROM attempts"))
    names: dict[object, list[str]] = defaultdict(list)
    for name, facts in alerts:
        names[facts.get("account") or owners[facts["attempt"]]].append(name)
    return {
        int(account[1:]): Seen(state, reason, is_settled, pause, slowdown, tuple(sorted(names[account])))
        for account, state, reason, is_settled, pause, slowdown in rows(intake.pool, LEDGER)
    }


LEDGER = """
SELECT
    n.account, n.state, n.reason, a.settled_at IS NOT NULL,
    (SELECT concat_ws(' ', p.scope, p.reason, p.code) FROM pauses AS p WHERE p.account = n.account), r.slowdown
FROM notifications AS n
INNER JOIN attempts AS a ON n.account = a.account
INNER JOIN rate_limits AS r ON n.account = r.account
"""


def test_the_tables_here_speak_of_every_code() -> None:
    assert set(CODES) <= set(FIRST_TRY | BARE)
    assert FIRST_TRY.keys() == AFTER_DOUBT.keys()


@CODES_ASKED
@pytest.mark.parametrize(
    ("fault", "table"), [("code", FIRST_TRY | BARE), ("row_code", FIRST_TRY | NAMELESS)], ids=["whole", "row"]
)
def test_each_code_settles_a_first_attempt(
    intake: Intake,
    clerk: Sender,
    provider: Provider,
    alerts: Alerts,
    *,
    fault: str,
    table: Table,
    asked: Asked,
) -> None:
    expected = asked(table)
    notification_ids = texts(intake, expected)
    arm(provider, expected, fault)

    send(clerk, notification_ids)

    assert seen(intake, alerts) == expected
    assert provider.messages() == []


@CODES_ASKED
def test_no_code_of_a_repeat_settles_a_post_whose_answer_was_lost(
    intake: Intake, clerk: Sender, provider: Provider, alerts: Alerts, asked: Asked
) -> None:
    expected = asked(AFTER_DOUBT | BARE)
    notification_ids = texts(intake, expected)
    arm(provider, expected, "reset_after")
    arm(provider, expected, "code")
    send(clerk, notification_ids)
    alerts.clear()

    repeat_due(clerk, intake)
    assert seen(intake, alerts) == expected

    execute(intake.pool, "DELETE FROM pauses")
    repeat_due(clerk, intake)
    states = {code: item.state for code, item in seen(intake, ()).items()}
    assert states == {code: "unconfirmed" if after.is_settled else "accepted" for code, after in expected.items()}
    assert len(provider.messages()) == len(expected)


@CODES_ASKED
def test_a_row_code_settles_a_lost_post_only_once_it_is_remembered(
    intake: Intake, clerk: Sender, provider: Provider, alerts: Alerts, asked: Asked
) -> None:
    expected = asked(AFTER_DOUBT | NAMELESS)
    notification_ids = texts(intake, expected)
    arm(provider, expected, "reset_before")
    arm(provider, expected, "row_code")
    send(clerk, notification_ids)
    alerts.clear()

    repeat_due(clerk, intake)
    assert seen(intake, alerts) == expected

    execute(intake.pool, "DELETE FROM pauses")
    repeat_due(clerk, intake)
    at_first = FIRST_TRY | NAMELESS
    remembered = {code: at_first[code] for code, after in expected.items() if not after.is_settled}
    results = {code: item for code, item in seen(intake, ()).items() if code in remembered}
    assert {code: (result.state, result.reason, result.pause) for code, result in results.items()} == {
        code: (item.state, item.reason, item.pause) for code, item in remembered.items()
    }
    assert provider.messages() == []
