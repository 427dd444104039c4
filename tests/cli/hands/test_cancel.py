import pytest

from tests.cli.conftest import Command
from tests.store.history.population import populated
from tests.support.crm import execute, rows
from worker.store.db.postgres import Pool

STATES = "SELECT trigger, state, count(*)::int FROM notifications GROUP BY 1, 2 ORDER BY 1, 2"
WAITING = [("invoice_payment_recorded", "planned", 1), ("order_created", "planned", 3)]


def test_a_triggers_backlog_is_shown_asked_about_and_cancelled(backlog: Command, pool: Pool) -> None:
    asked = backlog("cancel", "--account", "acme", "--trigger", "order_created")
    done = backlog("cancel", "--account", "acme", "--trigger", "order_created", "--since", "1h", "--yes")

    assert (asked.code, done.code) == (2, 0)
    for words in ["3 texts of acme, made ", " UAH at most", "3 order_created", "Repeat with --yes."]:
        assert words in asked.err
    assert "Cancelled: 3." in done.err
    assert rows(pool, STATES) == [WAITING[0], ("order_created", "cancelled", 3)]


def test_a_dry_run_asks_nothing_and_changes_nothing(backlog: Command, pool: Pool) -> None:
    result = backlog("cancel", "--account", "acme", "--dry-run", "--json")

    assert (result.code, result.json["cancelled"], result.json["dry_run"]) == (0, 4, True)
    assert result.json["found"]["texts"] == 4
    assert rows(pool, STATES) == WAITING


def test_texts_are_cancelled_by_their_numbers_once(backlog: Command, pool: Pool) -> None:
    number = str(rows(pool, "SELECT id FROM notifications ORDER BY id")[0][0])

    first, second = backlog("cancel", number, "--yes"), backlog("cancel", number, "--yes")

    assert (first.code, second.code) == (0, 1)
    assert "Nothing of that waits." in second.err
    assert sum(count for _, state, count in rows(pool, STATES) if state == "cancelled") == 1


def test_keywords_find_the_wrong_texts(backlog: Command, pool: Pool) -> None:
    execute(pool, "UPDATE notifications SET text = 'Ціна 0 грн' WHERE trigger = 'invoice_payment_recorded'")

    result = backlog("cancel", "--account", "acme", "--search", "ціна грн", "--yes")

    assert "Cancelled: 1." in result.err
    assert rows(pool, STATES) == [("invoice_payment_recorded", "cancelled", 1), WAITING[1]]


def test_what_was_not_searched_is_said_to_be_left_alone(shop: Command, pool: Pool) -> None:
    populated(pool, left_out=5_000)

    cancelled = shop("cancel", "--account", "acme", "--search", "ґанока", "--dry-run")
    resent = shop("resend", "--account", "acme", "--search", "ґанока")

    said = "Not searched yet, so left out: texts planned from 2035-"
    assert (said in cancelled.err, said in resent.err) == (True, True)


def test_a_filter_that_finds_nothing_says_so(backlog: Command) -> None:
    result = backlog("cancel", "--account", "acme", "--phone", "0509998877", "--yes")

    assert (result.code, result.err) == (0, "Nothing of that waits.\n")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "Name texts by their numbers"),
        (["7", "--trigger", "order_created"], 2, "Name texts by their numbers"),
        (["2020-01/7"], 3, "There is no notification 2020-01/7."),
        (["--account", "acmee"], 3, "did you mean acme?"),
        (["--trigger", "order_createt"], 2, "did you mean order_created?"),
        (["--account", "acme", "--channel", "mail"], 2, "--channel mail is none"),
        (["--account", "acme", "--person", "Olena"], 2, "write it as contact:17"),
        (["--account", "acme", "--phone", "12"], 2, "--phone"),
        (["--account", "acme", "--since", "soon"], 2, "soon is no moment"),
    ],
)
def test_a_wrong_choice_is_refused_and_changes_nothing(
    backlog: Command, pool: Pool, arguments: list[str], code: int, words: str
) -> None:
    result = backlog("cancel", *arguments, "--yes", COLUMNS="300", NO_COLOR="1", TERM="dumb")

    assert (result.code, words in result.err) == (code, True), result.err
    assert rows(pool, STATES) == WAITING
