"""Choosing letters by filters and mending them, as a person types it."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import Command, outcomes
from tests.support.crm import Json, add_account, delivery, event, execute, row, rows
from worker.cli.dead.replaying import replay_all
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.operate.replay import Replay
from worker.store.db.postgres import Pool


@pytest.fixture
def broken(shop: Command, intake: Intake) -> Json:  # noqa: ARG001 (the account is there)
    """An event whose time lacks its offset: dead letter 1."""
    body = event("order.created")
    broken = {**body, "time": body["time"].removesuffix("+00:00")}
    accept(intake, [delivery(orjson.dumps(broken), key="acme.order.created")])
    return body


@pytest.fixture
def mended(broken: Json, tmp_path: Path) -> str:
    file = tmp_path / "mended.json"
    file.write_bytes(orjson.dumps(broken))
    return str(file)


UNKNOWN = {
    ("--reason", "nonsense"): (2, "--reason nonsense is unknown; the known ones are account_mismatch, envelope,"),
    ("--kind", "evnt"): (2, "--kind evnt is unknown; the known ones are event, job, message. Did you mean event?"),
    ("--type", "order.craeted"): (2, ". Did you mean order.created?"),
    ("--account", "acne"): (3, "--account acne is unknown; the known ones are acme. Did you mean acme?"),
    ("--since", "tuesday"): (2, "tuesday is no moment: write it as 2026-11-24"),
    ("--since", "2026-11-25", "--until", "2026-11-24"): (2, "is after --until"),
    ("--text", " "): (2, "--text is empty"),
}


@pytest.mark.usefixtures("broken")
def test_an_unknown_filter_is_an_error_with_the_known_values(run: Command, subtests: pytest.Subtests) -> None:
    for arguments, (code, text) in UNKNOWN.items():
        for command in (["list"], ["replay", "--dry-run"], ["drop", "--why", "x", "--yes"]):
            with subtests.test(" ".join(arguments), command=command[0]):
                result = run("dead", *command, *arguments)

                assert (result.code, text in result.err) == (code, True), result
    assert len(run("dead", "list", "--json").json) == 1


def test_the_number_and_the_ages_are_asked_about(run: Command, broken: Json, pool: Pool) -> None:
    execute(pool, "UPDATE dead_letters SET created_at = '2026-11-24 09:12+00', last_at = '2026-11-28 18:03+00'")

    result = run("dead", "replay", "-a", "acme")

    ages = "the oldest of 2026-11-24 11:12:00 Europe/Kyiv, the newest of 2026-11-28 20:03:00 Europe/Kyiv"
    question = f"Replay 1 letter (1 schema), {ages}?"
    assert (result.code, question in result.err) == (2, True)
    assert row(pool, "SELECT event_id, state FROM dead_letters") == (broken["id"], "open")


def test_a_replay_of_everything_must_be_asked_for(run: Command, mended: str) -> None:
    for arguments in ((), ("1", "--all"), ("1", "--reason", "schema"), ("--all", "--body", mended)):
        assert run("dead", "replay", *arguments, "--yes").code == 2


def test_a_dry_run_shows_what_would_become_of_each(run: Command, pool: Pool, mended: str) -> None:
    refused = run("dead", "replay", "--all", "--dry-run", "--json")
    taken = run("dead", "replay", "1", "--body", mended, "--dry-run", "--json")

    assert (refused.code, outcomes(refused.json)) == (1, ["would be refused again"])
    assert taken.json == [{"id": 1, "outcome": "would be replayed", "detail": "notifications: 1 planned"}]
    assert row(pool, "SELECT state, edited_by FROM dead_letters") == ("open", None)
    assert rows(pool, "SELECT id FROM events") == []


def test_a_mended_body_is_replayed_and_shown_beside_the_first(run: Command, pool: Pool, mended: str) -> None:
    result = run("--by", "Олена Коваль", "dead", "replay", "1", "--body", mended, "--json")

    assert (result.code, outcomes(result.json)) == (0, ["replayed"])
    shown = run("dead", "show", "1", "--json").json
    [body, number] = row(pool, "SELECT body, id FROM events")
    assert (shown["edited_by"], shown["event"], shown["state"]) == ("Олена Коваль", number, "replayed")
    assert bytes(body) == Path(mended).read_bytes()
    assert "\nEdited by Олена Коваль\n" in run("dead", "show", "1").out


def test_an_event_is_edited_from_a_file_and_replayed_later(run: Command, pool: Pool, mended: str) -> None:
    edited = run("dead", "edit", "1", "--file", mended)
    again = run("dead", "edit", "1", "--file", "-", given=Path(mended).read_bytes())
    replayed = run("dead", "replay", "1", "--json")

    assert (edited.code, "dead replay 1 --dry-run" in edited.err) == (0, True)
    assert (again.code, "it is that already" in again.err) == (1, True)
    assert (replayed.code, outcomes(replayed.json)) == (0, ["replayed"])
    assert row(pool, "SELECT state FROM notifications") == ("planned",)


def test_an_edit_that_would_be_refused_names_the_field(run: Command, pool: Pool, broken: Json) -> None:
    wrong = orjson.dumps({**broken, "source": "/accounts/other"})

    result = run("dead", "edit", "1", "--file", "-", given=wrong)
    large = run("dead", "edit", "1", "--file", "-", given=b"x" * 300_000)

    assert (result.code, "account_mismatch: `source` and routing key" in result.err) == (1, True)
    assert (large.code, "more than 262144 bytes" in large.err) == (2, True)
    assert row(pool, "SELECT edited_body FROM dead_letters") == (None,)


@pytest.mark.usefixtures("broken")
def test_without_a_terminal_a_file_must_be_given(run: Command) -> None:
    assert [run("dead", "edit", *arguments).code for arguments in (("1",), ("1", "--file", "/nowhere"))] == [2, 2]
    assert run("dead", "edit", "7", "--file", "/nowhere").code == 3


@pytest.mark.usefixtures("broken")
def test_a_look_at_whole_phones_is_noted(run: Command, pool: Pool) -> None:
    run("dead", "show", "1")
    run("--by", "olena", "dead", "show", "1", "--raw")

    assert rows(pool, "SELECT done_by, action, subject FROM audit") == [("olena", "phones_seen", "letter 1")]


@pytest.mark.usefixtures("broken")
def test_letters_are_dropped_by_a_filter(run: Command, pool: Pool) -> None:
    result = run("dead", "drop", "--text", "ORDER.CREATED", "--why", "a test", "--yes", "--json")

    assert (result.code, outcomes(result.json)) == (0, ["dropped"])
    assert row(pool, "SELECT state, close_reason FROM dead_letters") == ("dropped", "a test")


class Interrupted(list[int]):
    """Numbers of letters, at the second of which somebody presses Ctrl-C."""

    def __iter__(self) -> Iterator[int]:
        yield self[0]
        raise KeyboardInterrupt


def test_ctrl_c_leaves_the_rest_as_it_was(
    run: Command, pool: Pool, intake: Intake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(intake, [delivery(event("order.created")) for _ in range(2)])
    add_account(pool)
    for name, value in run.environ.items():
        monkeypatch.setenv(name, value)

    done = replay_all(Interrupted([1, 2]), Replay("olena"))

    assert [row["outcome"] for row in done] == ["replayed"]
    assert "Stopped: 1 of 2 were looked at" in capsys.readouterr().err
    assert rows(pool, "SELECT id, state FROM dead_letters ORDER BY id") == [(1, "replayed"), (2, "open")]
