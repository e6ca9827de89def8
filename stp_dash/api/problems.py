"""What the API answers in place of figures: problem details (RFC 9457) that say what was wanted and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response
from pydantic import BaseModel, Field, ValidationError

from stp_dash.elements.links import LONGEST_VALUE, read_search
from stp_dash.frame.request import ParameterError

PROBLEM_TYPE = "application/problem+json"
TITLES = {
    400: "This request cannot be read.",
    404: "There is no such thing.",
    405: "The API is read only.",
    406: "There is no such format.",
    410: "The data have changed.",
    416: "A file has no such part.",
    429: "Too many requests.",
    500: "The fault is the site's, not yours.",
    503: "The figures cannot be read at this moment.",
}


class Nearest(BaseModel):
    """A value that there is, near to the one asked for."""

    name: str = Field(description="What it is called.")
    value: str = Field(description="The value for the parameter.")


class Problem(BaseModel):
    """Why there is no answer, as RFC 9457 has it."""

    type: str = Field(description="about:blank: the status says what kind of problem it is.")
    title: str = Field(description="The kind of problem in one sentence.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What was wanted and what was found, in plain words.")
    parameter: str | None = Field(None, description="The parameter that is wrong.")
    nearest: list[Nearest] = Field(
        default=[], description="Values that there are, near to the one asked for."
    )


class ProblemError(Exception):
    """A request has a problem. `headers` are those of its answer."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        parameter: str | None = None,
        nearest: Sequence[Nearest] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.problem = Problem(
            type="about:blank",
            title=TITLES.get(status, HTTPStatus(status).phrase),
            status=status,
            detail=detail,
            parameter=parameter,
            nearest=list(nearest),
        )
        self.headers = dict(headers or {})
        super().__init__(detail)

    def response(self) -> Response:
        """The answer."""
        told = orjson.dumps(self.problem.model_dump(exclude_none=True))
        headers = {"Cache-Control": "no-store", **self.headers}
        return Response(told, status=self.problem.status, mimetype=PROBLEM_TYPE, headers=headers)


def no_such_thing(error: ParameterError) -> ProblemError:
    """The problem of a request that asks for what there is not, with the nearest that there is."""
    near = [
        Nearest(name=name, value=value)
        for name, address in error.nearest
        if (value := read_search(address.partition("?")[2]).get(error.name))
    ]
    told = error.reason or f"“{error.name}” is “{error.found}”. Wanted: {error.wanted}."
    return ProblemError(404, told, parameter=error.name, nearest=near)


def unreadable_query(error: ValidationError, query: type[BaseModel]) -> ProblemError:
    """The problem of the first parameter that cannot be read."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        known = ", ".join(query.model_fields)
        return ProblemError(
            400, f"There is no parameter “{name[:40]}” here; there are {known}.", parameter=name[:40]
        )
    wanted = wanted_words(query, name)
    if first["type"] == "missing":
        return ProblemError(400, f"“{name}” is missing. Wanted: {wanted}.", parameter=name)
    found = str(first["input"])[:LONGEST_VALUE]
    return ProblemError(400, f"“{name}” is “{found}”. Wanted: {wanted}.", parameter=name)


def wanted_words(query: type[BaseModel], name: str) -> str:
    """What a parameter wants, in words."""
    more: Any = query.model_fields[name].json_schema_extra or {}
    return str(more.get("x-wanted", "another value"))
