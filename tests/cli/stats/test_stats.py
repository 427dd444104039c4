"""`stats` at one look, as a table and as JSON, and again and again until Ctrl-C."""

import re
from datetime import UTC, timedelta
from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from tests.cli.conftest import Command
from tests.steps.ledger import planned
from tests.support.crm import event, execute, row
from worker.cli.stats.commands import Fitted, follow
from worker.cli.stats.screen import Frame, amount_of
from worker.cli.terminal import Exit, stop
from worker.core.clock.kyiv_time import KYIV
from worker.core.spending.cost_estimate import Spent
from worker.steps.ingest.plan import Intake
from worker.steps.monitoring.overview import SpentToday, overview
from worker.store.db.postgres import Pool, transaction

KEYS = {
    *("at", "queues", "queues_fault", "lanes", "events_per_s", "texts_per_s", "states", "states_since", "paused"),
    *("accounts", "dead_letters", "schedulers", "scheduler_lag_s", "scheduler_latest_task", "failing_tasks"),
    "outcomes_oldest_s",
}
NIGHT = "UPDATE notifications SET state = 'postponed', reason = 'quiet_hours', due_at = now() + interval '9 hours'"


@pytest.fixture
def waiting(shop: Command, intake: Intake) -> Command:
    """A text that waits for the morning, of an account with a budget."""
    planned(intake, event("order.created"))
    execute(intake.pool, NIGHT)
    execute(intake.pool, "UPDATE accounts SET daily_budget = 100")
    return shop


def test_json_has_stable_keys_and_codes(waiting: Command) -> None:
    result = waiting("stats", "--json")

    assert (result.code, result.json.keys()) == (0, KEYS)
    assert (result.json["queues"], result.json["queues_fault"].startswith("RabbitMQ: ")) == (None, True)
    [wait] = result.json["accounts"]["acme"]["waits"]
    assert (wait["waits_for"], wait["texts"], wait["first_goes_at"] > result.json["at"]) == ("quiet_hours", 1, True)
    oldest = result.json["lanes"]["urgent"]["oldest"]
    assert (oldest["account"], oldest["trigger"], oldest["waits_for"]) == ("acme", "order_created", "quiet_hours")
    assert result.json["accounts"]["acme"]["spent_today"][0]["uah_max"] == "100.00"


def test_a_look_says_in_words_what_waits_for_what(waiting: Command) -> None:
    output = waiting("stats", COLUMNS="200").out

    assert "1 waits\n" in output
    assert "people may be written to (20" in output
    assert "Europe/Kyiv)" in output
    assert "0.00 of 100.00 UAH" in output
    assert "no scheduler runs: nothing that waits goes on" in output


def test_a_look_at_a_narrow_terminal_keeps_every_figure(waiting: Command) -> None:
    output = waiting("stats", COLUMNS="80").out

    assert max(map(len, output.splitlines())) <= 80
    assert "people may be written to (20" in " ".join(output.split())


def test_queues_are_shown_with_who_consumes_them(waiting: Command, amqp_url: str) -> None:
    waiting("check", SMS_AMQP_URL=amqp_url)  # declares them

    result = waiting("stats", "--json", SMS_AMQP_URL=amqp_url)

    assert result.json["queues"]["sms.urgent"] == {"messages": 0, "consumers": 0}


def test_a_pause_is_shown_in_the_look(waiting: Command) -> None:
    waiting("--by", "Олена", "pause", "acme")

    value = waiting("stats", "--json").json
    output = waiting("stats", COLUMNS="200").out

    assert [(item["account"], item["scope"], item["by"]) for item in value["paused"]] == [("acme", "hand", "Олена")]
    assert value["accounts"]["acme"]["waits"][0]["waits_for"] == "by_hand"
    assert "once a person resumes it" in output


def test_what_a_crm_waits_to_hear_is_shown(shop: Command, pool: Pool) -> None:
    execute(
        pool,
        "INSERT INTO outcomes (account, type, at, facts)"
        " VALUES ('acme', 'account.paused', now() - interval '6 minutes', '{}')",
    )

    assert 360 <= shop("stats", "--json").json["outcomes_oldest_s"]["acme"] < 460
    assert re.search(r"What CRMs wait to hear.*acme\s+.*6 min", shop("stats", COLUMNS="200").out, re.DOTALL)


def test_a_balance_says_when_turbosms_was_asked_for_it(shop: Command, pool: Pool) -> None:
    (at,) = row(pool, "SELECT date_trunc('hour', now())")
    execute(pool, "INSERT INTO balances (account, at, balance) VALUES ('acme', %s, 200)", at)

    account = shop("stats", "--json").json["accounts"]["acme"]
    output = shop("stats", COLUMNS="300").out

    assert (account["balance"], account["balance_at"]) == ("200.0000", at.astimezone(UTC).isoformat())
    assert f"200 UAH as of {at.astimezone(KYIV):%Y-%m-%d %H}:00:00 Europe/Kyiv" in output
    assert "200 грн станом на " in shop("stats", "--lang", "uk", COLUMNS="300").out


def test_an_account_that_is_not_there_is_exit_code_3(shop: Command) -> None:
    assert shop("stats", "--account", "acne", "--once").code == 3


def test_it_looks_again_until_ctrl_c(acme_pool: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    looks: list[Frame] = []

    def look() -> Frame:
        with transaction(acme_pool) as connection:
            looks.append(Frame(overview(connection), {"sms.urgent": (len(looks), 1)}, {}, KYIV))
        return looks[-1]

    def wait(seconds: float) -> None:
        assert seconds >= 2
        if len(looks) == 3:
            raise KeyboardInterrupt

    follow(look, 2.0, wait)

    assert len(looks) == 3
    assert looks[2].view.at - looks[0].view.at < timedelta(minutes=1)
    assert "sms.urgent" in capsys.readouterr().out


def test_a_look_that_fails_says_why_and_the_next_one_is_shown(
    acme_pool: Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    looks: list[int] = []

    def look() -> Frame:
        looks.append(len(looks))
        if len(looks) == 2:
            raise stop("PostgreSQL does not answer: it restarts.", Exit.AWAY)
        with transaction(acme_pool) as connection:
            return Frame(overview(connection), {f"queue-{len(looks)}": (0, 1)}, {}, KYIV)

    def shown_after(number: int) -> tuple[str, str]:
        """What stands there when Ctrl-C comes after so many looks."""

        def wait(_seconds: float) -> None:
            if len(looks) == number:
                raise KeyboardInterrupt

        looks.clear()
        follow(look, 2.0, wait)
        return capsys.readouterr()

    assert shown_after(2) == ("PostgreSQL does not answer: it restarts.", "")
    out, err = shown_after(3)
    assert ("queue-3" in out, "PostgreSQL" in out, err) == (True, False, "")


def test_a_terminal_that_is_too_low_says_how_much_is_not_seen() -> None:
    more = "… 2 more lines: make the terminal higher, or add --once"
    for height, lines in ((3, ["1", "2", more]), (4, ["1", "2", "3", "4"])):
        output = StringIO()
        Console(file=output, width=80, height=height).print(Fitted(Text("1\n2\n3\n4")))

        assert [line.rstrip() for line in output.getvalue().splitlines()] == lines


def test_texts_are_added_up_by_what_became_of_them(waiting: Command, intake: Intake) -> None:
    planned(intake, event("order.created"), event("invoice.overdue"))
    execute(
        intake.pool, "UPDATE notifications SET state = 'skipped', reason = 'x', due_at = NULL WHERE trigger LIKE 'inv%'"
    )

    rows = waiting("stats", "texts", "--by", "trigger", "--json").json
    table = waiting("stats", "texts", "--by", "account,trigger,day", COLUMNS="200").out

    figures = [(row["trigger"], row["texts"], row["waiting"], row["not_sent"]) for row in rows]
    assert figures == [("invoice_overdue_notice", 1, 0, 1), ("order_created", 2, 2, 0)]
    assert table.splitlines()[-1].split()[:2] == ["together", "3"]


def test_a_report_of_a_wrong_span_or_part_is_wrong_usage(shop: Command) -> None:
    assert shop("stats", "texts", "--since", "2026-11-02", "--until", "2026-11-01").code == 2
    assert shop("stats", "texts", "--by", "moon").code == 2
    assert shop("stats", "texts", "--account", "acne").code == 3


def test_what_was_spent_at_an_unknown_price_is_not_called_nothing() -> None:
    assert amount_of(SpentToday(None, Spent(segments=5), None)) == "5 segments, their price not known"
