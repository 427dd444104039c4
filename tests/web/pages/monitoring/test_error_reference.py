"""Довідка помилок: every code of ours and of TurboSMS, found by words."""

from tests.web.pages.conftest import Browser
from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.core.receipts.reason_labels import REASONS
from worker.turbosms.codes import CODES

HERE = "/a/acme/errors"


def test_every_code_stands_there(admin: Browser) -> None:
    page = admin.read(HERE)

    known = [*REASONS, *DEAD_LETTERS, *(f"{code.number} {code.name}" for code in CODES.values())]
    assert [code for code in known if f"{code}</td>" not in page] == []


def test_words_find_what_has_all_of_them(admin: Browser) -> None:
    page = admin.read(HERE, q="STOP-list phone")

    assert ("suppressed</td>" in page, "not_json</td>" in page) == (True, False)
    assert "No error has these words." in admin.read(HERE, q="<script>" + "x" * 10_000)
