"""What takes too long, or asks for too much, ends as a dead letter and costs the others nothing."""

import pytest

from tests.steps.ledger import accept_batch, reasons
from tests.support.crm import delivery, event, execute, person, row, rows
from worker.core.contract.inbound_message import POISON_AT
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db import postgres

LONG_STATEMENT = ("57014", "canceling statement due to statement timeout")
CANCELLED = ("57014", "canceling statement due to user request")
LONG_TRANSACTION = ("25P03", "terminating connection due to idle-in-transaction timeout")
SLOW = """
CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = TG_ARGV[0], MESSAGE = TG_ARGV[1];
END
$$
"""


@pytest.mark.parametrize(("ended_by", "counted"), [(LONG_STATEMENT, 1), (LONG_TRANSACTION, 1), (CANCELLED, 0)])
def test_a_suspect_that_takes_too_long_alone_is_counted(
    intake: Intake, ended_by: tuple[str, str], counted: int
) -> None:
    execute(intake.pool, SLOW)
    state, message = ended_by
    hook = f"CREATE TRIGGER slow BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION be_slow('{state}', '{message}')"
    execute(intake.pool, hook)
    inbound = delivery(event(), returns=2)

    with pytest.raises(Exception, match="due to"):
        accept(intake, [inbound])

    assert row(intake.pool, "SELECT coalesce(sum(times), 0)::integer FROM suspect_messages") == (counted,)


@pytest.mark.parametrize(("most_s", "counted"), [(0, 1), (15, 0)], ids=["too long", "soon"])
def test_a_timeout_in_ukrainian_is_recognised_by_its_duration(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, most_s: int, counted: int
) -> None:
    monkeypatch.setattr(postgres, "STATEMENT_S", most_s)
    execute(intake.pool, SLOW)
    hook = "BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION be_slow('57014', 'виконання оператора скасовано')"
    execute(intake.pool, f"CREATE TRIGGER slow {hook}")

    with pytest.raises(Exception, match="скасовано"):
        accept(intake, [delivery(event(), returns=2)])

    assert row(intake.pool, "SELECT coalesce(sum(times), 0)::integer FROM suspect_messages") == (counted,)


def test_a_suspect_that_takes_too_long_five_times_is_poison(intake: Intake) -> None:
    execute(intake.pool, SLOW)
    hook = "CREATE TRIGGER slow BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION be_slow('25P03', 'timeout')"
    execute(intake.pool, hook)
    message = delivery(event(), returns=2)
    for _ in range(POISON_AT - 1):
        with pytest.raises(Exception, match="timeout"):
            accept(intake, [message])

    accepted = accept_batch(intake, message)

    assert accepted.refused == 1
    assert reasons(intake) == ["poison"]


def test_a_time_out_while_postgresql_takes_no_writes_does_not_count(intake: Intake) -> None:
    execute(intake.pool, SLOW)
    for table in ("events", "write_checks"):
        hook = f"BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION be_slow('25P03', 'timeout')"
        execute(intake.pool, f"CREATE TRIGGER slow {hook}")

    with pytest.raises(Exception, match="timeout"):
        accept(intake, [delivery(event(), returns=2)])

    assert rows(intake.pool, "SELECT * FROM suspect_messages") == []


def test_texts_beyond_any_measure_are_refused_and_cost_the_others_nothing(intake: Intake) -> None:
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(500)]
    bomb = event("sms.send_requested", recipients=crowd, text="{a}" * 660, shortcodes={"a": "\U0001f600" * 1000})

    accepted = accept_batch(intake, delivery(event()), delivery(bomb), delivery(bomb), delivery(event()))

    assert (accepted.events, accepted.planned, accepted.refused) == (2, 2, 2)
    assert reasons(intake) == ["too_much_work"]
    assert "shorten the text" in row(intake.pool, "SELECT detail FROM dead_letters")[0]
