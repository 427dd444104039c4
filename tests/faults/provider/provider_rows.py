"""Group E: a provider that is away, slow, broken, or answers what nobody expects."""

from functools import partial

from tests.faults.harness.events import POSTED_STATES, SENT, Fate
from tests.faults.harness.row import Row, Run
from tests.faults.provider.answers import dripping, ids_given_twice, redirected, refused_in_part
from tests.faults.provider.outages import nowhere, refused, unaccepted, untrusted
from tests.faults.provider.rate_limits import outage_under_load, too_fast
from tests.faults.provider.refusals import every_code, in_want, unlisted_codes
from tests.faults.provider.viber_stopped import viber_in_want
from tests.faults.provider.wrong_answers import PATIENT, Fault, befallen
from tests.faults.receipts.hybrids import by_sms_instead, oddly_walking
from tests.faults.workers.kills import repeated_rows

#: A repeat (507) that names no rows confirms only that the message was made: its id is lost.
POSTED_OR_UNCONFIRMED = Fate(POSTED_STATES | {"unconfirmed"})

NO_ANSWER = Fault("no answer", "no_answer")
#: Above the deadline of a call here.
LATE = Fault("answer too late", "slow", {"seconds": 2.0})
RESET_AFTER = Fault("reset after acceptance", "reset_after")
RESET_BEFORE = Fault("reset before acceptance", "reset_before")
LOST_ANSWERS = (NO_ANSWER, LATE, RESET_AFTER, RESET_BEFORE)

HTTP = (
    Fault("500 executed", "http", {"status": 500, "executed": True}),
    Fault("502 not executed", "http", {"status": 502}),
    Fault("503 executed", "http", {"status": 503, "executed": True}),
    Fault("504 executed", "http", {"status": 504, "executed": True}),
)
SPOILT = (
    Fault("empty", "empty"),
    Fault("html", "html"),
    Fault("cut json", "truncated"),
    Fault("garbage", "garbage"),
    Fault("wrong types", "wrong_types"),
    Fault("null result", "null_result", fate=POSTED_OR_UNCONFIRMED),
)
#: Of three people's rows.
OTHER_ROWS = (
    Fault(
        "a row left out", "leave_out_rows", fate=POSTED_OR_UNCONFIRMED, chosen={"people": 3}, ends={"unconfirmed": 1}
    ),
    Fault("rows of others", "extra_rows", {"count": 2}, chosen={"people": 3}),
    Fault("rows reordered", "reorder_rows", chosen={"people": 3}),
    Fault("phones written otherwise", "wrong_phone_format", chosen={"people": 3}),
)
#: More than a megabyte is never read.
TOO_BIG = (Fault("300 MB", "huge", {"megabytes": 300}), Fault("gzip of 10 MB", "gzip", {"megabytes": 10}))
TOO_MANY = Fault("429", "http", {"status": 429})
MIXED = (NO_ANSWER, RESET_BEFORE, HTTP[0], SPOILT[1], TOO_MANY, OTHER_ROWS[2])


def repeats_as(shape: str, fate: Fate = SENT) -> Run:
    """Answers are lost, and a repeat (507) is answered in this shape."""
    lost = Fault(f"{shape} repeat", "reset_after", fate=fate)
    return partial(befallen, faults=(lost,), settings={"repeat_shape": shape})


ROWS: tuple[Row, ...] = (
    Row("E1", "connections are refused", refused),
    Row("E1 name", "the address is of no host", nowhere),
    Row("E2", "TLS that must not be trusted", untrusted),
    Row("E3", "nobody accepts connections", unaccepted),
    Row("E4", "the answer is lost after acceptance", partial(befallen, faults=LOST_ANSWERS), full=50, quick=20),
    Row(
        "E4 keys forgotten",
        "the same, the provider forgets keys",
        partial(
            befallen,
            faults=(NO_ANSWER,),
            settings={"keys_honoured": False, "duplicate_window_s": 0},
            bound=repeated_rows,
        ),
        full=50,
    ),
    Row("E5", "a body that drips", dripping, full=34),
    Row("E6", "HTTP 500, 502, 503, 504", partial(befallen, faults=HTTP), full=50),
    Row("E7", "438: the provider wants a slower pace", too_fast),
    Row("E7 429", "HTTP 429", partial(befallen, faults=(TOO_MANY,)), full=50),
    Row("E8", "every code of the provider's table", every_code),
    Row("E9", "bodies that are no answer", partial(befallen, faults=SPOILT), full=50),
    Row("E10", "bodies that do not end", partial(befallen, faults=TOO_BIG), full=34),
    Row(
        "E11",
        "rows left out, of others, in another order",
        partial(befallen, faults=OTHER_ROWS, waits=PATIENT),
        full=50,
    ),
    Row("E12", "an id that is another message's", ids_given_twice, full=50),
    Row("E13", "a refusal for one of two people", refused_in_part, full=100),
    Row("E14 nested", "a repeat is answered with the whole first answer", repeats_as("nested"), full=50),
    Row("E14 null", "a repeat is answered with nothing", repeats_as("null", POSTED_OR_UNCONFIRMED), full=50),
    Row("E15", "redirects 301 and 307", redirected, full=50),
    Row("E16", "999 and codes that nobody lists", unlisted_codes, full=50),
    Row("E17", "no money, a revoked token, a blocked account, an inactive sender", in_want, full=4),
    Row("E17 viber", "a Viber sender that is not active, not ours, or for tests only", viber_in_want),
    Row("E18", "Viber undelivered, SMS instead", by_sms_instead, full=20, quick=2),
    Row("E19", "statuses unknown, never final, going backwards", oddly_walking, full=20),
    Row("E20", "an outage under load, and the rush after it", outage_under_load),
    Row(
        "E mixed", "lost answers, broken bodies and odd rows at once", partial(befallen, faults=MIXED), full=20, quick=8
    ),
)
