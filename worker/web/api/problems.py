"""What the API refuses, and how it says so: problem details of RFC 9457, which name each wrong field and its fix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any

import orjson
from pydantic import Field
from starlette.responses import Response

from worker.core.contract.validation_errors import fault_summary
from worker.language import _

MEDIA_TYPE = "application/problem+json"
FRESH = {"Cache-Control": "no-store"}
#: Wrong fields that one refusal names, and letters of a name that a client made up.
ERRORS_MAX, NAME_MAX = 50, 200


@dataclass(frozen=True, slots=True)
class AnswerHeader:
    """A header that answers may have, for OpenAPI."""

    name: str
    description: str
    example: str


ETAG = AnswerHeader("ETag", "The version: what changes it sends this as `If-Match`.", '"0f3c5a"')
RETRY_AFTER = AnswerHeader("Retry-After", "After how many seconds to send the same request again.", "1")
WWW_AUTHENTICATE = AnswerHeader("WWW-Authenticate", "How a key is sent.", "Bearer")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of refusal, by name and status; `title` is the same each time, and `meaning` is for OpenAPI."""

    name: str
    status: HTTPStatus
    title: str
    meaning: str
    headers: tuple[AnswerHeader, ...] = ()


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field that is wrong, and what would be right."""

    field: Annotated[str, Field(description="A parameter, or a field of the body, as `recipient.phone`.")]
    problem: Annotated[str, Field(description="What is wrong with it and what would be right, for a programmer.")]

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """Why a request was refused."""

    type: Annotated[str, Field(description="The kind of problem, for programs.")]
    title: Annotated[str, Field(description="The kind of problem, for people.")]
    status: Annotated[int, Field(description="The status of the answer.")]
    detail: Annotated[str, Field(description="What is wrong with this request, and what to do.")]
    errors: Annotated[
        list[WrongField], Field(description=f"The fields that are wrong, if it is about fields: {ERRORS_MAX} at most.")
    ]
    more: Annotated[int, Field(description="How many faults were found beside `errors`.")]


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal that a request is answered with; of its errors so many `more` are left out."""

    kind: ProblemKind
    detail: str
    errors: tuple[WrongField, ...] = ()
    more: int = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_response(self) -> Response:
        details = ProblemDetails(
            type_of(self.kind), self.kind.title, self.kind.status, self.detail, list(self.errors), self.more
        )
        headers = {**FRESH, **self.headers}
        return Response(orjson.dumps(details), int(self.kind.status), headers, MEDIA_TYPE)


INVALID = ProblemKind(
    "invalid", HTTPStatus.BAD_REQUEST, "Something in the request is wrong", "A parameter or the body is wrong."
)
UNKNOWN_KEY = ProblemKind(
    "unknown-key",
    HTTPStatus.UNAUTHORIZED,
    "The key is not valid",
    "There is no key, or it is wrong, expired or revoked: which of these is not told.",
    (WWW_AUTHENTICATE,),
)
NOT_ALLOWED = ProblemKind(
    "not-allowed", HTTPStatus.FORBIDDEN, "The key may not do this", "The key lacks a scope, or may not see phones."
)
NOT_FOUND = ProblemKind(
    "not-found", HTTPStatus.NOT_FOUND, "There is no such thing", "The account of the key has no such thing."
)
WRONG_METHOD = ProblemKind(
    "wrong-method", HTTPStatus.METHOD_NOT_ALLOWED, "The path has no such method", "`Allow` names those that it has."
)
SLOW_BODY = ProblemKind(
    "slow-body", HTTPStatus.REQUEST_TIMEOUT, "The body took too long", "The body was not here within 5 seconds."
)
CONFLICT = ProblemKind(
    "conflict", HTTPStatus.CONFLICT, "It contradicts what is there", "It contradicts what is there already."
)
CHANGED = ProblemKind(
    "changed",
    HTTPStatus.PRECONDITION_FAILED,
    "It was changed meanwhile",
    "The version in `If-Match` is not the newest: read it again.",
    (ETAG,),
)
VERSION_NEEDED = ProblemKind(
    "version-needed",
    HTTPStatus.PRECONDITION_REQUIRED,
    "The version that was read is missing",
    "Send the `ETag` that was read as `If-Match`: else somebody's change might be lost.",
)
TOO_LARGE = ProblemKind(
    "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large", "A body has at most 256 KB."
)
NOT_JSON = ProblemKind(
    "not-json",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "The body is not JSON",
    "The body's `Content-Type` is not `application/json`.",
)
TOO_OFTEN = ProblemKind(
    "too-often",
    HTTPStatus.TOO_MANY_REQUESTS,
    "The key calls too often",
    "The key has its rate of requests; `Retry-After` says in how many seconds it may call again.",
    (RETRY_AFTER,),
)
FAILED = ProblemKind(
    "failed", HTTPStatus.INTERNAL_SERVER_ERROR, "It failed", "A fault of ours; the log of the server has it."
)
AWAY = ProblemKind(
    "away",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "It cannot be answered now",
    "Too much is asked at once, or the database does not answer in time: try again after `Retry-After` seconds.",
    (RETRY_AFTER,),
)
#: What any endpoint may answer.
OF_ALL = (UNKNOWN_KEY, NOT_ALLOWED, TOO_OFTEN, FAILED, AWAY)
#: What any endpoint with parameters, or a body, may answer.
OF_PARAMETERS, OF_BODIES = (INVALID,), (INVALID, SLOW_BODY, TOO_LARGE, NOT_JSON)


def type_of(kind: ProblemKind) -> str:
    return f"urn:perfectum-sms:problem:{kind.name}"


def invalid(errors: Iterable[Any], more: int = 0) -> Problem:
    """Refuse fields that are wrong, each with `field` and `problem`; the first of them are named, the rest counted."""
    every = iter(errors)
    wrong = tuple(WrongField(error.field[:NAME_MAX], error.problem) for error in islice(every, ERRORS_MAX))
    more += sum(1 for _error in every)
    return Problem(INVALID, fault_summary(wrong, more), wrong, more)


def wrong_field(name: str, problem: str) -> Problem:
    return invalid([WrongField(name, problem)])


def not_found(what: str) -> Problem:
    """Refuse what is not there, or is another account's, in the same words."""
    return Problem(NOT_FOUND, _("The account has no {what}.", what=what))


def not_allowed(detail: str) -> Problem:
    return Problem(NOT_ALLOWED, detail)


def away(detail: str) -> Problem:
    return Problem(AWAY, detail, headers={"Retry-After": "1"})


def phones_unseen() -> Problem:
    return not_allowed(_("phones: the key may not see them; leave it out, or make a key with --phones."))


def too_often(wait_s: float) -> Problem:
    seconds = max(1, round(wait_s + 0.5))
    return Problem(TOO_OFTEN, f"Try again in {seconds} s.", headers={"Retry-After": str(seconds)})
