"""An endpoint of the API: one function, from whose declaration it is served and described."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from types import NoneType
from typing import Any, Generic, Literal, TypeVar, get_args, get_type_hints

import orjson
from pydantic import BaseModel
from starlette.responses import Response

from worker.core.access.api_key import ApiKey, Scope
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.web.api.problems import FRESH, AnswerHeader, Problem, ProblemKind

P = TypeVar("P")
B = TypeVar("B")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Call(Generic[P, B]):
    """A request whose key is known and may ask this, read into models.

    Attributes:
        parameters: what came in the path, the query and headers.
        body: None where the endpoint takes none.
        cache: what admins set, as this process has read it.
        now: PostgreSQL's time.
    """

    pool: Pool
    seal: Seal
    cache: ConfigurationCache
    key: ApiKey
    now: datetime
    parameters: P
    body: B

    @property
    def account(self) -> str:
        """Whose things are asked for; nobody else's are there."""
        return self.key.account


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answers with: a value of its declared type, as orjson writes it; None: nothing.

    Attributes:
        etag: the version of a thing; who has this one already gets 304 in place of the value.
    """

    value: object = None
    status: int = 200
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_response(self, if_none_match: str = "") -> Response:
        """Write it down; who has this version already gets none."""
        headers = {**FRESH, **self.headers}
        if self.etag:
            headers["ETag"] = self.etag
            if self.status == HTTPStatus.OK and self.etag in known(if_none_match):
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if self.value is None:
            return Response(status_code=self.status, headers=headers)
        return Response(orjson.dumps(self.value, option=orjson.OPT_UTC_Z), self.status, headers, "application/json")


def known(if_none_match: str) -> list[str]:
    """Versions that a client has; a weak one is as good."""
    return [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]


Handle = Callable[[Call[Any, Any]], Answer | Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a function is found, who may call it, what it takes and answers with.

    Attributes:
        path: below `/api/v1`; a parameter that may hold slashes is `{name:path}`.
        parameters: a model; its fields that the path names come from there, others from the query, or from a header
            where the field says so.
        answer: what OpenAPI shows of the answer; None: there is nothing in it.
        statuses: of good answers.
        headers: of good answers.
        problems: what it may refuse beside what any endpoint may.
    """

    method: Method
    path: str
    scope: Scope
    tag: str
    summary: str
    description: str
    parameters: type[BaseModel] | None
    body: type[BaseModel] | None
    answer: Any
    statuses: tuple[int, ...]
    headers: tuple[AnswerHeader, ...]
    problems: tuple[ProblemKind, ...]
    handle: Handle

    @property
    def name(self) -> str:
        return self.handle.__name__


def endpoint(  # noqa: PLR0913 (one argument for each thing that is declared)
    method: Method,
    path: str,
    *,
    scope: Scope,
    tag: str,
    answer: Any = None,  # noqa: ANN401 (any type)
    statuses: tuple[int, ...] = (200,),
    headers: tuple[AnswerHeader, ...] = (),
    problems: tuple[ProblemKind, ...] = (),
) -> Callable[[Handle], Endpoint]:
    """Make an endpoint of a function that takes a `Call[Parameters, Body]`; None for what it does not take.

    The first line of its docstring is its summary, the rest its description in Markdown.
    """

    def declared(handle: Handle) -> Endpoint:
        summary, _, description = inspect.cleandoc(handle.__doc__ or "").partition("\n")
        parameters, body = (None if kind is NoneType else kind for kind in get_args(get_type_hints(handle)["call"]))
        return Endpoint(
            method=method,
            path=path,
            scope=scope,
            tag=tag,
            summary=summary.removesuffix("."),
            description=description.strip(),
            parameters=parameters,
            body=body,
            answer=answer,
            statuses=statuses,
            headers=headers,
            problems=problems,
            handle=handle,
        )

    return declared
