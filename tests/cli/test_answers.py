import pytest
from typer.testing import CliRunner

from worker.cli.terminal import is_wanted


@pytest.mark.parametrize(
    ("typed", "otherwise", "wanted"),
    [
        ("y", False, True),
        ("так", False, True),
        ("Т", False, True),
        ("", False, False),
        ("", True, True),
        ("ні", True, False),
        ("н", True, False),
        ("maybe\nno", True, False),
    ],
)
def test_a_question_takes_an_answer_in_either_language(typed: str, wanted: bool, otherwise: bool) -> None:  # noqa: FBT001
    with CliRunner().isolation(input=f"{typed}\n"):
        assert is_wanted("Надіслати?", otherwise=otherwise) is wanted
