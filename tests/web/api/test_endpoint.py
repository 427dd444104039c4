"""What an endpoint gets for what it declares: bodies, headers, versions, paths; and how each fault is answered."""

import socket
from collections.abc import Generator
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
import pytest
import structlog

from tests.support.http_client import is_cut_off
from tests.support.waiting import PATIENCE_S, wait_until
from tests.web.api.conftest import Api, bearer, served
from worker.store.db.postgres import Pool, transaction
from worker.web.api import door, service
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, InHeader, Words, about
from worker.web.api.openapi import document
from worker.web.api.problems import CHANGED, Problem


class Named(Fields):
    name: Annotated[Words, about("Which.")]
    if_match: Annotated[str | None, InHeader("If-Match"), about("The version that was read.")] = None


class Change(Fields):
    text: Annotated[Words, about("The new text.")]
    times: Annotated[int, about("How often.", ge=1)] = 1


@endpoint("GET", "/things/{name:path}", scope="read", tag="things", answer=dict[str, str], statuses=(200, 304))
def show_thing(call: Call[Named, None]) -> Answer | Problem:
    """Show a thing."""
    return Answer({"name": call.parameters.name, "account": call.account}, etag='"7"')


@endpoint("PUT", "/things/{name:path}", scope="settings", tag="things", answer=dict[str, Any], problems=(CHANGED,))
def change_thing(call: Call[Named, Change]) -> Answer | Problem:
    """Change a thing."""
    if call.parameters.if_match not in {None, '"7"'}:
        return Problem(CHANGED, "Read it again.")
    return Answer({"text": call.body.text, "times": call.body.times})


@endpoint("DELETE", "/things/{name:path}", scope="settings", tag="things", statuses=(204,))
def drop_thing(call: Call[Named, None]) -> Answer | Problem:
    """Drop a thing."""
    if call.parameters.name == "ours":
        raise LookupError
    if call.parameters.name == "slow":
        with transaction(call.pool) as connection:
            connection.execute("SELECT pg_sleep(60)")
    return Answer(status=204)


THINGS = (show_thing, change_thing, drop_thing)


@pytest.fixture
def things(acme_pool: Pool, database_url: str) -> Generator[Api]:
    assert acme_pool
    with served(database_url, THINGS) as api:
        yield api


def connect(api: Api) -> socket.socket:
    at = urlsplit(api.url)
    return socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S)


def head(method: str, *, length: int) -> bytes:
    lines = [f"{method} /api/v1/things/a HTTP/1.1", "host: x", f"authorization: {bearer('acme')}"]
    return "\r\n".join([*lines, "content-type: application/json", f"content-length: {length}", "", ""]).encode()


def test_a_path_may_hold_slashes_and_any_sign(things: Api) -> None:
    for sent, name in (("a/b//c/", "a/b//c/"), ("%D0%B0%20%3F%23%25", "а ?#%"), ("a%0Ab%0A", "a\nb\n")):
        assert things.read(f"/things/{sent}") == {"name": name, "account": "acme"}
    assert things.get("/things/%00").json()["errors"] == [
        {"field": "name", "problem": r"must match the pattern ^[^\u0000]*$"}
    ]


def test_who_has_the_version_already_gets_304(things: Api) -> None:
    def again(tags: str) -> tuple[int, bytes, str]:
        response = things.ask("GET", "/things/a", headers={"If-None-Match": tags})
        return response.status_code, response.content[:8], response.headers["etag"]

    assert again('"7"') == again('W/"7"') == again('"5", "7"') == (304, b"", '"7"')
    assert again('"8"') == (200, b'{"name":', '"7"')


def test_a_header_that_is_declared_is_read_as_a_parameter(things: Api) -> None:
    def changed(version: str) -> int:
        return things.ask("PUT", "/things/a", json={"text": "x"}, headers={"If-Match": version}).status_code

    assert (changed('"7"'), changed('"6"')) == (200, 412)
    assert things.ask("PUT", "/things/a?if_match=7", json={"text": "x"}).json()["errors"] == [
        {"field": "if_match", "problem": "is not known here"}
    ]


def test_a_body_is_read_strictly_and_all_its_faults_are_named(things: Api) -> None:
    assert things.ask("PUT", "/things/a", json={"text": "нове", "times": 2}).json() == {"text": "нове", "times": 2}

    response = things.ask("PUT", "/things/a", json={"text": "", "times": "2", "more": 1})

    assert response.status_code == 400
    assert {error["field"]: error["problem"] for error in response.json()["errors"]} == {
        "text": "must have 1 or more characters",
        "times": "must be a whole number",
        "more": "is not known here",
    }


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"text": NaN}', "application/json", 400),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b'{"text": "\\u0000"}', "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b'{"text": "x"}', "application/json; charset=utf-8", 200),
        (b'{"text": "x"}', "text/plain", 415),
        (b"text=x", "application/x-www-form-urlencoded", 415),
        (b" " * (256 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_is_none_is_refused(things: Api, content: bytes, kind: str, code: int) -> None:
    response = things.ask("PUT", "/things/a", content=content, headers={"Content-Type": kind})

    assert response.status_code == code


def test_300_megabytes_are_not_read(things: Api) -> None:
    with connect(things) as client:
        client.sendall(head("PUT", length=314_572_800) + b" " * (service.BODY_MAX + 1))

        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")
        wait_until(lambda: is_cut_off(client, sending=b" "), "the rest is not waited for")


def test_a_body_that_trickles_in_is_not_waited_for(things: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BODY_S", 0.2)
    with connect(things) as client:
        client.sendall(head("PUT", length=250) + b"{")

        assert client.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_an_answer_without_content_has_none(things: Api) -> None:
    response = things.ask("DELETE", "/things/a")

    assert (response.status_code, response.content) == (204, b"")


def test_a_fault_of_ours_is_logged_and_tells_nothing(things: Api) -> None:
    with structlog.testing.capture_logs() as lines:
        response = things.ask("DELETE", "/things/ours")

    assert (response.status_code, response.json()["type"]) == (500, "urn:perfectum-sms:problem:failed")
    assert [(line["event"], line["endpoint"]) for line in lines] == [("api.fault", "drop_thing")]


def test_a_statement_that_takes_too_long_is_503(
    acme_pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acme_pool
    monkeypatch.setattr(door, "STATEMENT_S", 0.2)

    with served(database_url, THINGS) as api:
        response = api.ask("DELETE", "/things/slow")

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


def test_what_is_declared_is_what_is_described() -> None:
    described: Any = orjson.loads(orjson.dumps(document(THINGS, {"things": "Things."})))["paths"]["/things/{name}"]

    assert [(each["name"], each["in"], each["required"]) for each in described["put"]["parameters"]] == [
        ("name", "path", True),
        ("If-Match", "header", False),
    ]
    assert {*described["put"]["responses"]} == {
        *("200", "400", "401", "403", "408", "412", "413", "415", "429", "500", "503")
    }
    assert "content" not in described["delete"]["responses"]["204"]
    assert described["get"]["responses"]["304"] == {"description": "It is as it was: the client has this version."}
