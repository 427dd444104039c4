import csv

import pytest

from tests.cli.conftest import Command
from worker.store.audit.audit import note
from worker.store.db.postgres import Pool, transaction


@pytest.fixture
def noted(shop: Command, pool: Pool) -> Command:
    with transaction(pool) as connection:
        note(connection, "Олена", "trigger", "contact_birthday", account="acme", after={"switched_on": False})
        note(connection, "=cmd()", "settings", "beta", account="beta")
    return shop


def test_the_audit_answers_who_switched_a_trigger_off(noted: Command) -> None:
    [found] = noted("audit", "--account", "acme", "--action", "trigger", "--subject", "birthday", "--json").json

    assert (found["by"], found["after"]) == ("Олена", {"switched_on": False})


def test_a_table_has_times_with_their_zone_and_what_differs(noted: Command) -> None:
    shown = noted("audit", "--account", "acme").out

    assert all(part in shown for part in ("Олена", "Europe/Kyiv", "switched_on=false"))


def test_an_export_is_a_sheet_without_formulas(noted: Command) -> None:
    rows = [*csv.DictReader(noted("audit", "--csv").out.splitlines())]

    assert [(row["by"], row["subject"]) for row in rows] == [("'=cmd()", "beta"), ("Олена", "contact_birthday")]


def test_an_unknown_value_of_a_filter_is_an_error(noted: Command, subtests: pytest.Subtests) -> None:
    for options, code, text in (
        (("--action", "triger"), 2, "did you mean trigger?"),
        (("--since", "last week"), 2, "--since, --until: last week"),
        (("--since", "1d", "--until", "2d"), 2, "--since 1d is after --until 2d."),
        (("--account", "acmee"), 3, "did you mean acme?"),
        (("--csv", "--json"), 2, "not both"),
    ):
        with subtests.test(" ".join(options)):
            result = noted("audit", *options, COLUMNS="300")

            assert (result.code, text in result.err, result.out) == (code, True, "")


def test_a_removed_account_still_has_its_notes(noted: Command) -> None:
    assert [found["subject"] for found in noted("audit", "--account", "beta", "--json").json] == ["beta"]


def test_moments_of_what_was_done_are_in_the_zone_that_is_shown(shop: Command) -> None:
    shop("pause", "acme", "--until", "2036-12-01 09:00")

    assert "until=2036-12-01 09:00:00 Europe/Kyiv" in shop("audit", "--account", "acme").out
    assert "until=2036-12-01 07:00:00 UTC" in shop("audit", "--account", "acme", "--utc").out
