import csv
import re
import resource
import signal
import stat
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Command
from tests.support.crm import delivery, event, execute, person
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture
def texts(shop: Command, intake: Intake, pool: Pool) -> Command:
    for name in ("Олена", FORMULA):
        accept(intake, [delivery(event("order.created", recipients=[person("order", firstname=name)]))])
    execute(pool, "UPDATE notifications SET text = '-2+3; «Їжак»\n' || text")
    return shop


def read_csv(text: str, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(keepends=True), delimiter=separator))


def cells(file: Path) -> list[tuple[str, str]]:
    """Type and value of each cell of a workbook's first sheet."""
    with zipfile.ZipFile(file) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (written by us)
    return [(cell.get("t", "n"), "".join(cell.itertext())) for cell in sheet.iter(CELL)]


@contextmanager
def limited(size: int) -> Generator[None]:
    """Let no file grow beyond so many bytes, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_csv_has_a_row_for_each_text_and_no_formula(texts: Command) -> None:
    done = texts("history", "export", "--account", "acme", "--phones")
    newest, oldest = read_csv(done.out)

    assert (newest["whom"], oldest["whom"]) == (f"'{FORMULA} Дем'янюк", "Олена Дем'янюк")
    assert newest["phone"] == "'+380671234567"
    assert newest["text"].startswith("'-2+3; «Їжак»\nЗамовлення")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", newest["created (Europe/Kyiv)"])
    assert "2 texts were exported" in done.err


def test_a_csv_file_says_its_encoding_and_keeps_phones_masked(texts: Command, tmp_path: Path) -> None:
    file = tmp_path / "листи.csv"

    assert texts("history", "export", "--account", "acme", "--out", str(file), "--separator", ";").code == 0
    whole = file.read_bytes()
    assert whole.startswith(b"\xef\xbb\xbf")
    assert read_csv(whole.decode("utf-8-sig"), ";")[0]["phone"] == "'+38067***4567"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_workbook_keeps_phones_and_formulas_as_text(texts: Command, tmp_path: Path) -> None:
    file = tmp_path / "letters.xlsx"

    assert texts("history", "export", "--account", "acme", "--phones", "-o", str(file)).code == 0
    found = cells(file)
    assert ("inlineStr", "+380671234567") in found
    assert ("inlineStr", f"{FORMULA} Дем'янюк") in found
    assert not any(kind == "str" for kind, _ in found)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.xlsx"]


def test_an_export_has_what_the_filters_find(texts: Command) -> None:
    assert [row["whom"] for row in read_csv(texts("history", "export", "-a", "acme", "-s", "олена").out)] == [
        "Олена Дем'янюк"
    ]


def test_headings_and_words_are_ukrainian_on_request(texts: Command) -> None:
    heading, row, *_ = texts("--lang", "uk", "history", "export", "--account", "acme").out.splitlines()

    assert "телефон" in heading
    assert "заплановано" in row


def test_an_export_that_cannot_be_written_leaves_nothing(
    texts: Command, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for name, code, text in (
        ("letters.pdf", 2, "ends neither in .xlsx nor in .csv"),
        ("nowhere/letters.csv", 2, "there is no folder"),
    ):
        with subtests.test(name):
            refused = texts("history", "export", "--out", str(tmp_path / name), COLUMNS="300")

            assert (refused.code, text in refused.err) == (code, True)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_the_old_file_stays(texts: Command, pool: Pool, tmp_path: Path) -> None:
    execute(pool, "UPDATE notifications SET text = repeat('Їжак ', 2000)")
    for name in ("letters.csv", "letters.xlsx"):
        (tmp_path / name).write_text("old")
        long = "history", "export", "--account", "acme", "--out", str(tmp_path / name), "--yes"
        with limited(4096):
            refused = texts(*long)

        assert (refused.code, "could not be written" in refused.err) == (1, True)
        assert (tmp_path / name).read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letters.csv", "letters.xlsx"]
