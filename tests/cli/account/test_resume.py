from datetime import timedelta

import pytest

from tests.cli.conftest import Command
from tests.support.crm import add_account, delivery, event, execute, row, rows
from worker.core.sending.pause import Stop, of_person, of_trigger
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.sending import contact_log, pauses, rate_limiter

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
BIRTHDAY = of_trigger("order_created")
MONEY = Stop("account", "money", "provider", 203)
STOPS = [
    MONEY,
    Stop("provider", "provider_failing", "breaker"),
    Stop(BIRTHDAY, "runaway", "runaway_guard"),
    Stop(of_person(KEY), "runaway", "runaway_guard"),
    Stop("viber", "viber_sender", "provider", 401),
]
EVERYTHING = ["account", of_person(KEY), "provider", BIRTHDAY, "viber"]


@pytest.fixture
def still(run: Command, pool: Pool) -> Command:
    """An account with every kind of pause."""
    add_account(pool)
    halt(pool, *STOPS)
    return run


def halt(pool: Pool, *stops: Stop) -> None:
    with transaction(pool) as connection:
        for stop in stops:
            pauses.pause(connection, "acme", stop, now=clock(connection))


def paused_scopes(pool: Pool) -> list[str]:
    return [item[0] for item in rows(pool, 'SELECT scope FROM pauses ORDER BY scope COLLATE "C"')]


COUNT = "INSERT INTO hourly_volumes VALUES ('acme', %s, date_trunc('hour', clock_timestamp(), 'UTC'), %s)"
COUNTED = "SELECT trigger, sent FROM hourly_volumes ORDER BY trigger"


def test_every_pause_is_shown_with_its_reason_and_origin(still: Command) -> None:
    shown = still("account", "show", "acme", "--json").json["pauses"]

    assert [(item["scope"], item["reason"], item["code"], item["by"]) for item in shown] == [
        ("account", "money", 203, "provider"),
        (of_person(KEY), "runaway", None, "runaway_guard"),
        ("provider", "provider_failing", None, "breaker"),
        (BIRTHDAY, "runaway", None, "runaway_guard"),
        ("viber", "viber_sender", 401, "provider"),
    ]
    assert [item["next_probe"] is None for item in shown] == [False, True, False, True, True]
    assert all(item["since"] for item in shown)
    assert "not enough money" in shown[0]["detail"]
    assert "TurboSMS does not take the Viber sender (401: the sender is not active now)" in shown[-1]["detail"]


def test_a_table_of_pauses_shows_how_to_resume_them(still: Command) -> None:
    shown = still("account", "show", "acme", COLUMNS="140")

    assert "TurboSMS fails or crawls" in shown.out
    assert f"person/{KEY.hex()[:12]} " in shown.out
    assert shown.out.count("a person resumes it") == 3
    assert "perfectum-sms account resume acme --scope" in shown.err


def test_an_account_that_sends_shows_no_pause(run: Command, pool: Pool) -> None:
    add_account(pool)

    shown = run("account", "show", "acme", "--json").json

    assert (shown["paused"], shown["pauses"]) == (None, [])
    assert "resume" not in run("account", "show", "acme").err


def test_the_list_of_accounts_shows_pauses_in_100_columns(still: Command, pool: Pool) -> None:
    add_account(pool, "other")

    output = still("account", "list", COLUMNS="100").out

    assert [item["paused"] for item in still("account", "list", "--json").json] == [
        "money, provider, viber, 2 runaways",
        None,
    ]
    assert max(len(line) for line in output.splitlines()) <= 100
    for text in ("acme", "ТОВ Ромашка", "DemoShop", "0:00-24:00", "money, TurboSMS, Viber, 2 runaways"):
        assert text in output


def test_resuming_an_account_resumes_all_its_scopes(still: Command, pool: Pool) -> None:
    result = still("account", "resume", "acme")

    assert (result.code, paused_scopes(pool)) == (0, [])
    assert len(result.err.splitlines()) == len(STOPS)
    assert result.err.count("goes on:") == len(STOPS)


@pytest.mark.parametrize("scope", EVERYTHING)
def test_resuming_a_scope_leaves_the_other_pauses(still: Command, pool: Pool, scope: str) -> None:
    result = still("account", "resume", "acme", "--scope", scope)

    assert (result.code, result.err.count("goes on:")) == (0, 1)
    assert paused_scopes(pool) == [name for name in EVERYTHING if name != scope]


def test_a_person_is_named_by_the_first_digits_of_their_key(still: Command, pool: Pool) -> None:
    still("account", "resume", "acme", "--scope", f"person/{KEY.hex()[:12]}")

    assert of_person(KEY) not in paused_scopes(pool)


def test_too_few_digits_of_a_key_resume_nobody(still: Command, pool: Pool) -> None:
    halt(pool, Stop(of_person(OTHER), "runaway", "runaway_guard"))

    result = still("account", "resume", "acme", "--scope", "person/0")

    assert (result.code, "more of the key" in result.err) == (2, True)
    assert {of_person(KEY), of_person(OTHER)} <= set(paused_scopes(pool))


def test_a_resumed_trigger_counts_its_running_hour_anew(still: Command, pool: Pool) -> None:
    for trigger, sent in (("order_created", 70), ("booking_confirmed", 5)):
        execute(pool, COUNT, trigger, sent)

    still("account", "resume", "acme", "--scope", BIRTHDAY)

    assert rows(pool, COUNTED) == [("booking_confirmed", 5), ("order_created", 0)]


def test_a_resumed_provider_is_forgiven(still: Command, pool: Pool) -> None:
    with transaction(pool) as connection:
        failing = [rate_limiter.fail(connection, "acme", now=clock(connection)) for _ in range(5)]

    still("account", "resume", "acme", "--scope", "account")
    kept = row(pool, "SELECT failure_weight FROM rate_limits")
    still("account", "resume", "acme", "--scope", "provider")

    assert (failing[-1], kept, row(pool, "SELECT failure_weight FROM rate_limits")) == (5.0, (5.0,), (0.0,))


def test_a_resumed_person_has_their_running_day_before_them(still: Command, pool: Pool) -> None:
    report = "INSERT INTO contact_log VALUES ('acme', %s, '2026-01-01', %s, %s, clock_timestamp() - %s)"
    for key, number, ago in ((KEY, 1, 1), (KEY, 2, 30), (OTHER, 3, 1)):
        execute(pool, report, key, number, b"h" * 16, timedelta(hours=ago))

    still("account", "resume", "acme", "--scope", of_person(KEY))

    with transaction(pool) as connection:
        results = contact_log.recent_contacts(connection, "acme", [KEY, OTHER], now=clock(connection))
    assert {key: [item.notification_id[1] for item in reports] for key, reports in results.items()} == {
        KEY: [2],
        OTHER: [3],
    }


@pytest.mark.parametrize(("scope", "reason"), [(BIRTHDAY, "runaway"), ("viber", "viber_sender")])
def test_rows_held_by_a_resumed_scope_are_due_at_once(
    still: Command, pool: Pool, intake: Intake, scope: str, reason: str
) -> None:
    accept(intake, [delivery(event("order.created"))])
    held = "UPDATE notifications SET state = 'postponed', reason = %s, due_at = now() + interval '1 h'"
    execute(pool, held, reason)

    still("account", "resume", "acme", "--scope", scope)

    assert row(pool, "SELECT due_at <= clock_timestamp() FROM notifications") == (True,)


def test_resuming_what_is_not_paused_changes_nothing(run: Command, pool: Pool) -> None:
    add_account(pool)

    results = [run("account", "resume", "acme"), run("account", "resume", "acme", "--scope", "provider")]

    assert [result.code for result in results] == [0, 0]
    assert [result.err for result in results] == ["acme was not paused.\n", "provider was not paused.\n"]


@pytest.mark.parametrize("scope", ["everything", "person/Anna", "trigger/", "acme"])
def test_a_scope_that_cannot_be_is_wrong_usage(still: Command, pool: Pool, scope: str) -> None:
    result = still("account", "resume", "acme", "--scope", scope, NO_COLOR="1", TERM="dumb", COLUMNS="300")

    assert (result.code, "--scope" in result.err, "account, provider" in result.err) == (2, True, True)
    assert len(paused_scopes(pool)) == len(STOPS)


def test_another_accounts_pause_stays(still: Command, pool: Pool) -> None:
    add_account(pool, "other")

    still("account", "resume", "other")

    assert len(paused_scopes(pool)) == len(STOPS)
