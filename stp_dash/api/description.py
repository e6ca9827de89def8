"""The API's description (OpenAPI 3.1), generated from its typed models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Blueprint, Flask
from spectree import Response, SpecTree

from stp_dash.api.bulk.routes import BulkFiles
from stp_dash.api.problems import PROBLEM_TYPE, TITLES, Problem
from stp_dash.api.resources import RESOURCES, Resource
from stp_dash.elements.links import API_V1, BULK

JSON_TYPE, CSV_TYPE = "application/json", "text/csv"
REFUSALS = (400, 404, 406, 410, 429, 503)
"""The statuses with which a table can be refused."""
_ABOUT = (
    "What the pages of this site show, for programs: the same numbers by the same functions. Read only, without "
    "sign-in. Answers carry an ETag that changes with the data; dates are YYYY-MM-DD; numbers are unrounded."
)
_HEADERS = {
    "ETag": "The tag of this answer: with If-None-Match an answer that has not changed is 304.",
    "Data-Version": "The data version that the rows are of.",
    "Data-Published": "The newest day of publication among the files that the rows can rest on.",
    "Total-Rows": "How many rows there are in all.",
    "Link": "The address of the next rows, as rel=next.",
    "X-RateLimit-Limit": "How many requests an address may send in a minute.",
    "X-RateLimit-Remaining": "How many are left of them.",
    "X-RateLimit-Reset": "When they are counted anew, in seconds since 1970.",
}


def description(root: str = "") -> dict[str, Any]:
    """The description of the API of a site below a path of its host."""
    return {**_generated(), "servers": [{"url": root or "/"}]}


@cache
def _generated() -> dict[str, Any]:
    tree = SpecTree(
        "flask",
        mode="strict",
        annotations=False,
        title="Performance standards monitor",
        description=_ABOUT,
        version="1",
        validation_error_status=400,
        validation_error_model=Problem,
        naming_strategy=lambda model: model.__name__,
        nested_naming_strategy=lambda _parent, child: child,
    )
    blueprint, server = Blueprint("described", __name__, url_prefix=API_V1), Flask("described")
    for resource in RESOURCES.values():
        for ending, types in (("", (JSON_TYPE, CSV_TYPE)), (".json", (JSON_TYPE,)), (".csv", (CSV_TYPE,))):
            name = f"{resource.name}{ending.replace('.', '_')}"
            blueprint.add_url_rule(f"/{resource.name}{ending}", name, _described(tree, resource, name, types))
    _describe_bulk(tree, blueprint)
    server.register_blueprint(blueprint)
    tree.app = server
    with server.app_context():
        found: dict[str, Any] = tree.spec
    for path, item in found["paths"].items():
        if path.startswith(BULK):
            _complete_bulk(item["get"], as_file=path != BULK)
            continue
        types = (CSV_TYPE,) if path.endswith(".csv") else (JSON_TYPE,)
        types = types if "." in path.rpartition("/")[2] else (JSON_TYPE, CSV_TYPE)
        for operation in item.values():
            _complete(operation, types)
    return {**found, "security": []}


def _described(tree: SpecTree, resource: Resource, name: str, types: tuple[str, ...]) -> Callable[[], str]:
    """A view that stands for an address in the description."""

    def view() -> str:
        return name

    formats = " or ".join("JSON" if kind == JSON_TYPE else "CSV" for kind in types)
    view.__doc__ = f"{resource.title} as {formats}.\n\n{resource.about}."
    refused: dict[str, Any] = {f"HTTP_{status}": Problem for status in REFUSALS}
    answers = Response("HTTP_304", HTTP_200=resource.page_model, **refused)
    validated: Callable[[], str] = tree.validate(
        query=resource.query, resp=answers, tags=[resource.name], operation_id=name, skip_validation=True
    )(view)
    return validated


def _describe_bulk(tree: SpecTree, blueprint: Blueprint) -> None:
    """The addresses of the whole store as files."""

    def listed() -> str:
        """The files that hold the whole store.

        Of the newest data version that there are files of; each table as Parquet and as CSV.
        """
        return ""

    def latest(name: str) -> str:
        """A file of the newest data version.

        Leads to the file's own address.
        """
        return name

    def notes(name: str) -> str:
        """A file of events, plans, commentary or issued packs.

        As they are now; a part of it is sent where the header Range asks for one.
        """
        return name

    def file(version: int, name: str) -> str:
        """A file of a data version.

        Always the same bytes; a part of it is sent where the header Range asks for one.
        """
        return f"{version}{name}"

    as_file = {"HTTP_200": None, "HTTP_206": None, "HTTP_304": None, "HTTP_416": Problem}
    for address, view, answers in (
        ("/bulk", listed, {"HTTP_200": BulkFiles}),
        ("/bulk/latest/<name>", latest, {"HTTP_302": None}),
        ("/bulk/notes/<name>", notes, as_file),
        ("/bulk/<int:version>/<name>", file, as_file),
    ):
        known = Response(**answers, HTTP_404=Problem, HTTP_429=Problem, HTTP_503=Problem)
        described = tree.validate(
            resp=known, tags=["bulk"], operation_id=f"bulk_{view.__name__}", skip_validation=True
        )
        blueprint.add_url_rule(address, f"bulk_{view.__name__}", described(view))


def _complete_bulk(operation: dict[str, Any], *, as_file: bool) -> None:
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            answer["description"] = TITLES[int(status)]
            answer["content"] = {PROBLEM_TYPE: answer["content"][JSON_TYPE]}
        elif as_file and status in {"200", "206"}:
            answer["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


def _complete(operation: dict[str, Any], types: tuple[str, ...]) -> None:
    """What the models do not say of an operation: formats, headers, and problems as such."""
    for parameter in operation["parameters"]:
        parameter["schema"] = _without_null(parameter["schema"])
        # One name has one meaning in an address: a second of it is refused.
        parameter["explode"] = True
    for status, answer in operation["responses"].items():
        if status == "200":
            schema = answer["content"][JSON_TYPE]
            rows = {"schema": {"type": "string"}}
            answer["content"] = {kind: schema if kind == JSON_TYPE else rows for kind in types}
            answer["headers"] = {
                name: {"description": words, "schema": {"type": "string"}} for name, words in _HEADERS.items()
            }
        elif status != "304":
            answer["description"] = TITLES[int(status)]
            answer["content"] = {PROBLEM_TYPE: answer["content"][JSON_TYPE]}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's schema: what is not given is left out of an address, and is not null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if rest.get("default", "") is None:
        del rest["default"]
    return {**kinds[0], **rest} if kinds else rest
