"""The API's own page: every table with its address, parameters and columns, from the description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db.domain.holdings import DataVersion
from db.store import Connection
from stp_dash.api.description import description
from stp_dash.api.problems import TITLES
from stp_dash.api.queries import MOST_ROWS, USUAL_ROWS, Asked
from stp_dash.api.resources import RESOURCES, Resource, TablePage
from stp_dash.elements import Component, html
from stp_dash.elements.components import card, disclosure, table
from stp_dash.elements.links import API, API_V1, BULK, DATA, DOWNLOADS, USING_THE_DATA
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import takes_as_it_is

TITLE = "The data for programs (API)"
_LEDE = (
    "Every number of this site's charts as JSON and CSV, by the same functions as the pages. Read only, without "
    "sign-in and without a key."
)


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page at /api."""
    paths = description()["paths"]
    parts: list[Component] = [card(html.Div(_introduction(request), className="prose"))]
    parts.append(card(html.Div(_everything(), className="prose")))
    parts += [card(html.Div(_resource(item, paths), className="prose")) for item in RESOURCES.values()]
    return Page(
        TITLE,
        [html.Div(parts, className="grid")],
        _LEDE,
        crumbs=(("Data and methods", DATA), (TITLE, "")),
        state=API,
    )


def _introduction(request: PageRequest) -> list[Component]:
    most = f"{request.site.settings.api.requests_a_minute:,}"
    common = list(Asked.model_fields)
    operation = description()["paths"][f"{API_V1}/{next(iter(RESOURCES))}"]["get"]
    envelope = [[html.Code(name), str(known.description)] for name, known in TablePage.model_fields.items()]
    return [
        html.H2("How it answers"),
        html.Ul(
            [
                html.Li(
                    [
                        "Each table is at ",
                        html.Code(f"{API_V1}/<table>"),
                        ", as JSON unless the Accept header asks for CSV, or by its ending: ",
                        html.Code(".json"),
                        " or ",
                        html.Code(".csv"),
                        ". The description for machines (OpenAPI 3.1) is ",
                        html.A("openapi.json", href=f"{API_V1}/openapi.json"),
                        ".",
                    ]
                ),
                html.Li(
                    f"An answer has {USUAL_ROWS:,} rows unless limit asks for fewer or more, {MOST_ROWS:,} at most. In "
                    "JSON next, in both formats the header Link, is the address of the rows after them."
                ),
                html.Li(
                    "Every answer has an ETag. Sent back as If-None-Match it is answered 304 until the data change."
                ),
                html.Li(
                    f"One address may send {most} requests a minute; the headers X-RateLimit-* count them."
                ),
                html.Li("Pages of other sites may read it (CORS). Nothing is set in the reader's browser."),
                html.Li(
                    [
                        "Columns have the names and meanings of ",
                        html.A("the columns of downloads", href=DOWNLOADS),
                        ". ",
                        html.A("Using the data", href=USING_THE_DATA),
                        " has recipes for pandas, polars, DuckDB, R, Excel, Power BI and curl.",
                    ]
                ),
            ]
        ),
        html.H2("What every answer says"),
        table("What every answer says", ["Name", "Meaning"], envelope, class_name="prose-table"),
        html.H2("What every table takes"),
        _parameters("What every table takes", _known(operation, common)),
        html.H2("When there is no answer"),
        html.P(
            "The answer is then problem details (RFC 9457), whose detail says what was wanted and what was found."
        ),
        table(
            "Statuses",
            ["Status", "Meaning"],
            [[str(status), words] for status, words in TITLES.items()],
            class_name="prose-table",
        ),
    ]


def _everything() -> list[Component]:
    """The whole store as files."""
    return [
        html.H2("Everything at once", id="bulk"),
        html.P(
            [
                html.A(BULK, href=BULK),
                " lists files that hold the whole store: every figure with its counts, status and file, figures that "
                "later files replaced, and the tables of indicators, standards, organisations, areas and files; each "
                "as Parquet and as CSV (gzip), with its SHA-256. They are made some minutes after each load. Events, "
                "plans, commentary and issued packs are files of their own, as readers see them now.",
            ]
        ),
        html.Ul(
            [
                html.Li(
                    [
                        html.Code(f"{BULK}/latest/figures.parquet"),
                        " leads to the newest; the address that it leads to always has the same bytes, and a "
                        "transfer that broke off can go on there.",
                    ]
                ),
                html.Li(
                    [
                        html.Code(f"{BULK}/notes/commentary.csv.gz"),
                        " and the others of what people wrote are made anew, at the same addresses, some minutes after "
                        "something of it changes.",
                    ]
                ),
                html.Li(
                    [
                        html.Code("datapackage.json"),
                        " (Frictionless) says what each column of the CSV files is; ",
                        html.Code("datapackage-parquet.json"),
                        " the same of the others; ",
                        html.Code("SHA256SUMS"),
                        " is for sha256sum --check.",
                    ]
                ),
            ]
        ),
    ]


def _resource(item: Resource, paths: dict[str, Any]) -> list[Component]:
    """A table's heading, what a row of it is, its own parameters, and its columns."""
    address = f"{API_V1}/{item.name}"
    query = f"?{item.example}" if item.example else ""
    own = [name for name in item.query.model_fields if name not in Asked.model_fields]
    operation = paths[address]["get"]
    examples = [
        html.Li(html.A(f"{address}{ending}{query}", href=f"{address}{ending}{query}"))
        for ending in (".json", ".csv")
    ]
    parts = [
        html.H2(item.title, id=item.name),
        html.P(f"A row: {item.about[:1].lower()}{item.about[1:]}."),
        html.Ul(examples),
    ]
    if own:
        parts.append(_parameters(f"Parameters of {item.title.lower()}", _known(operation, own)))
    columns: list[Component | str] = []
    for key in item.keys:
        columns += [html.Code(key), " "]
    parts.append(
        disclosure(f"{len(item.keys)} columns", html.P(columns), named=f"Columns of {item.title.lower()}")
    )
    return parts


def _known(operation: dict[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    return [item for item in operation["parameters"] if item["name"] in names]


def _parameters(caption: str, found: Sequence[dict[str, Any]]) -> Component:
    rows: list[list[Component | str]] = [
        [
            html.Code(item["name"]),
            "needed" if item["required"] else "not needed",
            item["description"],
            item["schema"].get("x-wanted", ""),
        ]
        for item in found
    ]
    return table(
        caption, ["Parameter", "Needed", "What it does", "What it wants"], rows, class_name="prose-table"
    )


API_PAGE = PageSpec(API, "API", build, in_foot=True, needs_data=False, parameters=(), takes=takes_as_it_is)
