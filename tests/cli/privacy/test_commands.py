import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.crm import delivery, event, row, rows
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

PHONE = "067 123 45 67"


@pytest.fixture
def known(shop: Command, intake: Intake) -> Command:
    accept(intake, [delivery(event())])
    return shop


def test_an_erasure_asks_and_says_what_it_did(known: Command, pool: Pool) -> None:
    asked = known("privacy", "erase", PHONE)
    done = known("privacy", "erase", PHONE, "--yes")

    assert (asked.code, "+38067***4567" in asked.err, "--yes" in asked.err) == (2, True, True)
    assert (done.code, "Nothing of them is left." in done.err) == (0, True), done.err
    assert "texts: made anonymous: 1" in done.err
    assert row(pool, "SELECT state, reason, phone, text FROM notifications") == ("cancelled", "erased", None, "")


def test_an_export_is_a_file_for_its_owner_alone(known: Command, tmp_path: Path) -> None:
    out = tmp_path / "olena.json"

    result = known("privacy", "export", PHONE, "--out", str(out))

    assert result.code == 0, result.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(out.read_text())["texts"][0]["phone"] == "+380671234567"
    assert "1234567" not in result.err


def test_an_export_that_cannot_be_written_is_an_error(known: Command, tmp_path: Path) -> None:
    result = known("privacy", "export", PHONE, "--out", "/dev/full", "--yes")
    nowhere = known("privacy", "export", PHONE, "--out", str(tmp_path / "none" / "olena.json"))

    assert (result.code, "could not be written" in result.err) == (1, True)
    assert (nowhere.code, "there is no folder" in nowhere.err) == (2, True)


def test_an_export_replaces_a_file_that_others_read_only_if_agreed(known: Command, tmp_path: Path) -> None:
    out = tmp_path / "olena.json"
    out.write_text("old")
    out.chmod(0o644)

    asked = known("privacy", "export", PHONE, "--out", str(out))
    untouched = out.read_text()
    done = known("privacy", "export", PHONE, "--out", str(out), "--yes")

    assert (asked.code, untouched, done.code) == (2, "old", 0), done.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(out.read_text())["phone"] == "+380671234567"
    assert [*tmp_path.iterdir()] == [out]


def test_a_wrong_phone_or_account_is_named_and_changes_nothing(
    known: Command, pool: Pool, subtests: pytest.Subtests
) -> None:
    for options, code, text in (
        (("erase", "12345", "--yes"), 2, "PHONE: no mobile number (bad_phone); write it as 067 123 45 67."),
        (("erase", f"{PHONE}, 050 111 22 33", "--yes"), 2, "several numbers"),
        (("erase", PHONE, "-a", "acmee", "--yes"), 3, "did you mean acme?"),
        (("export", PHONE, "-a", "acmee"), 3, "did you mean acme?"),
        (("retention", "set", "textss", "90"), 2, "did you mean texts?"),
        (("retention", "set", "audit", "30", "--yes"), 2, "365 to 3650"),
        (("retention", "set", "texts", "30"), 2, "--yes"),
    ):
        with subtests.test(" ".join(options)):
            result = known("privacy", *options)

            assert (result.code, text in result.err, result.out) == (code, True, "")
    assert rows(pool, "SELECT FROM erasures UNION ALL SELECT FROM retention UNION ALL SELECT FROM audit") == []


def test_retention_is_shown_set_and_noted(known: Command) -> None:
    known("--by", "Олена", "privacy", "retention", "set", "texts", "180", "--yes")

    shown = {item["kind"]: item["days"] for item in known("privacy", "retention", "--json").json}
    [noted] = known("audit", "--action", "retention", "--json").json
    assert (shown["texts"], shown["bodies"]) == (180, 90)
    assert (noted["by"], noted["before"], noted["after"]) == ("Олена", {"days": 365}, {"days": 180})


def test_erasures_are_listed_and_noted_by_the_key_of_the_phone(known: Command) -> None:
    known("privacy", "erase", PHONE, "--yes")

    [listed] = known("privacy", "erasures", "--all", "--json").json
    notes = known("audit", "--action", "privacy_erase", "--json").json
    assert listed["finished_at"] is not None
    assert known("privacy", "erasures", "--json").json == []
    assert len(notes) == 2
    assert "1234567" not in str(notes) + str(listed)
