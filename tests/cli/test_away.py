"""What PostgreSQL says is shown, with what to do, in the language spoken; a password never is."""

from urllib.parse import urlsplit

from tests.cli.conftest import Command


def with_password(url: str, *, path: str = "", query: str = "") -> str:
    """The address with a password that opens nothing, another database, or parameters."""
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(
        netloc=f"{parts.username}:{parts.password}@{where}", path=path or parts.path, query=query
    ).geturl()


def test_the_sentence_of_postgresql_is_shown(run: Command) -> None:
    nowhere = with_password(run.environ["SMS_DATABASE_URL"], path="/nowhere")

    english = run("account", "list", SMS_DATABASE_URL=nowhere)
    ukrainian = run("account", "list", "--lang", "uk", SMS_DATABASE_URL=nowhere)

    assert (english.code, ukrainian.code) == (4, 4)
    assert 'database "nowhere" does not exist' in english.err
    assert "createdb" in english.err
    assert "PostgreSQL не відповідає" in ukrainian.err
    assert "Створіть її: createdb" in ukrainian.err
    for result in (english, ukrainian):
        assert (str(urlsplit(nowhere).password) in result.err, "Traceback" in result.err) == (False, False)


def test_what_tls_says_is_shown(run: Command) -> None:
    asked = with_password(run.environ["SMS_DATABASE_URL"], query="sslmode=require")

    result = run("account", "list", SMS_DATABASE_URL=asked)

    assert (result.code, "server does not support SSL" in result.err, "Fix sslmode" in result.err) == (4, True, True), (
        result.err
    )
