import pytest

from tests.cli.conftest import Command
from tests.support.crm import execute, row, rows
from worker.store.db.postgres import Pool

PAUSES = 'SELECT account, scope FROM pauses ORDER BY account NULLS FIRST, scope COLLATE "C"'


def test_pause_says_what_stands_still_and_how_to_go_on(backlog: Command, pool: Pool) -> None:
    result = backlog("pause", "acme", "--trigger", "order_created", "--why", "wrong price")

    assert (result.code, rows(pool, PAUSES)) == (0, [("acme", "hand/trigger/order_created")])
    for words in [
        "trigger order_created of acme is paused until a person resumes it",
        "No request to TurboSMS begins later than two seconds from now.",
        "Waiting: 3 texts of acme, made ",
        " UAH at most",
        "perfectum-sms resume acme --trigger order_created",
    ]:
        assert words in result.err


@pytest.mark.parametrize(
    ("what", "scope"),
    [
        (["acme"], ("acme", "hand")),
        (["--everything"], (None, "hand")),
        (["--trigger", "contact_birthday"], (None, "hand/trigger/contact_birthday")),
        (["acme", "--lane", "bulk"], ("acme", "hand/lane/bulk")),
        (["--channel", "viber"], (None, "hand/channel/viber")),
    ],
)
def test_what_is_paused_is_resumed_by_the_same_words(
    backlog: Command, pool: Pool, what: list[str], scope: tuple[str | None, str]
) -> None:
    paused = backlog("pause", *what, "--json").json
    held = rows(pool, PAUSES)
    resumed = backlog("resume", *what, "--yes", "--json").json

    assert (held, rows(pool, PAUSES)) == ([scope], [])
    assert (paused["account"], paused["scope"]) == scope
    assert resumed["waiting"] == paused["waiting"]
    assert rows(pool, "SELECT action, account FROM audit ORDER BY id") == [("pause", scope[0]), ("resume", scope[0])]


def test_resume_asks_and_a_dry_run_changes_nothing(backlog: Command, pool: Pool) -> None:
    backlog("pause", "acme")

    dry = backlog("resume", "acme", "--dry-run")
    asked = backlog("resume", "acme")

    assert (dry.code, asked.code, rows(pool, PAUSES)) == (0, 2, [("acme", "hand")])
    assert dry.err.startswith("Would go on: 4 texts of acme, made ")
    assert "Repeat with --yes." in asked.err


def test_pauses_lists_those_of_people_and_those_by_themselves(backlog: Command, pool: Pool) -> None:
    execute(pool, "INSERT INTO pauses (account, reason, since, paused_by) VALUES ('acme', 'money', now(), 'provider')")
    backlog("--by", "Олена", "pause", "--lane", "bulk", "--until", "2h", "--why", "night")
    backlog("pause", "acme")

    listed = backlog("pauses", "--json").json

    assert [(item["account"], item["scope"], item["note"]) for item in listed] == [
        (None, "hand/lane/bulk", "night"),
        ("acme", "hand", None),
        ("acme", "account", None),
    ]
    assert [(item["reason"], item["code"], item["next_probe"]) for item in listed] == [
        ("by_hand", None, None),
        ("by_hand", None, None),
        ("money", None, None),
    ]
    table = backlog("pauses").out
    assert (listed[0]["by"], listed[0]["until"] is None, listed[1]["until"]) == ("Олена", False, None)
    assert ("a person paused it" in table, "every account" in table, "lane bulk" in table) == (True, True, True)
    assert backlog("account", "list", "--json").json[0]["paused"] == "by_hand, money"
    assert ["by hand, money" in backlog("account", *words).out for words in (["list"], ["show", "acme"])] == [True] * 2


def test_what_a_person_paused_outlasts_account_resume(backlog: Command, pool: Pool) -> None:
    backlog("pause", "acme", "--lane", "bulk")

    result = backlog("account", "resume", "acme")

    assert (result.code, rows(pool, PAUSES)) == (0, [("acme", "hand/lane/bulk")])
    assert "What a person paused still waits" in result.err
    assert "perfectum-sms resume acme --lane bulk" in backlog("account", "show", "acme").err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["pause"], 2, "Say what"),
        (["pause", "acmee"], 3, "did you mean acme?"),
        (["pause", "acme", "--trigger", "contact_birthdey"], 3, "did you mean contact_birthday?"),
        (["pause", "acme", "--lane", "slow"], 2, "--lane"),
        (["pause", "--everything", "acme"], 2, "give it alone"),
        (["pause", "acme", "--lane", "bulk", "--channel", "sms"], 2, "Give one of"),
        (["pause", "acme", "--until", "yesterday"], 2, "--until: yesterday is no moment"),
        (["pause", "acme", "--until", "2020-01-01 09:00"], 2, "is past"),
        (["resume", "acme"], 3, "acme is not paused by hand. No person has paused anything."),
        (["resume", "--everything"], 3, "Everything is not paused by hand."),
    ],
)
def test_a_wrong_pause_is_refused_and_changes_nothing(
    shop: Command, pool: Pool, arguments: list[str], code: int, words: str
) -> None:
    result = shop(*arguments, COLUMNS="300", NO_COLOR="1", TERM="dumb")

    assert (result.code, words in result.err) == (code, True), result.err
    assert row(pool, "SELECT count(*) FROM pauses") == (0,)
