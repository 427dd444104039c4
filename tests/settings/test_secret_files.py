from pathlib import Path

import pytest

from worker.settings.environment import FILES, Settings, foreign, load

URLS = {"SMS_AMQP_URL": "amqp://u:p@localhost:5672/sms", "SMS_DATABASE_URL": "postgresql://u:p@localhost/sms"}
KEY = "hunter2-hunter2-hunter2"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    return path


def fault(**more: str) -> str:
    loaded = load({**URLS, **more})
    assert not isinstance(loaded, Settings)
    [only] = loaded
    return str(only)


def test_a_secret_is_read_from_its_file_without_the_line_end(file: Path) -> None:
    loaded = load({**URLS, "SMS_SECRET_KEY_FILE": str(file)})

    assert isinstance(loaded, Settings)
    assert loaded.secret_keys == (KEY,)


def test_a_secret_given_twice_is_refused(file: Path) -> None:
    text = fault(SMS_SECRET_KEY=KEY, SMS_SECRET_KEY_FILE=str(file))

    assert text == ("SMS_SECRET_KEY_FILE is set, and SMS_SECRET_KEY too. Set SMS_SECRET_KEY or the file that holds it.")


def test_a_file_that_cannot_be_had_is_named_with_its_variable(tmp_path: Path, subtests: pytest.Subtests) -> None:
    wrong: dict[str, tuple[bytes | None, str]] = {
        "missing": (None, "is not there"),
        "empty": (b" \n", "is empty"),
        "binary": (b"\xff\xfe", "cannot be read"),
        "long": (b"k" * 70_000, "is too long for a secret"),
    }
    for name, (content, problem) in wrong.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with subtests.test(name):
            text = fault(SMS_SECRET_KEY_FILE=str(path))
            assert text.startswith(f"SMS_SECRET_KEY_FILE names {path}, which {problem}.")


def test_a_folder_in_place_of_a_file_is_said(tmp_path: Path) -> None:
    assert "cannot be read" in fault(SMS_SECRET_KEY_FILE=str(tmp_path))


def test_names_of_files_are_ours() -> None:
    assert foreign(dict.fromkeys(FILES, "/run/secrets/x")) == []
