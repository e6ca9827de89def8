"""Which tables the files hold, with their columns, and the names that the store's numbers stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from db.domain import Maturity, Period
from db.domain.holdings import CodeLists
from db.domain.observation import BASIS_CODES
from stp_dash.analysis.download_columns import CellType
from stp_dash.analysis.sheet import Cell
from stp_dash.analysis.wording import status_text
from stp_dash.api.resources import RESOURCES
from stp_dash.api.table import INVENTED_ROW, MARK

FIGURES, REPLACED = "figures", "replaced"
SMALL = ("indicators", "standards", "breaks", "organisations", "successions", "releases", "files")
"""The tables of the API that are read whole; the figures are streamed."""
FIGURE_KEYS = (
    *("indicator", "organisation_code", "organisation_name", "organisation_type", "breakdown", "unit"),
    *("period", "period_start", "period_end", "value", "numerator", "denominator"),
    *(
        "lower_95",
        "upper_95",
        "lower_998",
        "upper_998",
        "published_count",
        "published_population",
        "value_note",
    ),
    *("missing_reason", "status", "basis", "made_by", "file", "file_published_on", MARK),
)
REPLACED_KEYS = (*FIGURE_KEYS, "replaced_by")
SQL_TYPES: Mapping[CellType, str] = {
    CellType.TEXT: "VARCHAR",
    CellType.CODE: "VARCHAR",
    CellType.NUMBER: "DOUBLE",
    CellType.WHOLE: "BIGINT",
    CellType.DATE: "DATE",
    CellType.MOMENT: "VARCHAR",
}


@dataclass(frozen=True)
class BulkTable:
    """A table of the files: its name, what a row is, its columns, and which of them tell rows apart (none: no such)."""

    name: str
    title: str
    about: str
    keys: tuple[str, ...]
    unique: tuple[str, ...] = ()


def _of_the_api(name: str, unique: tuple[str, ...] = ()) -> BulkTable:
    resource = RESOURCES[name]
    return BulkTable(name, resource.title, resource.about, resource.keys, unique)


_FIGURE = ("indicator", "organisation_code", "breakdown", "period_start", "period_end")
TABLES = (
    BulkTable(
        FIGURES,
        "Figures",
        "A figure that stands, of an indicator, organisation, breakdown and period",
        FIGURE_KEYS,
        _FIGURE,
    ),
    BulkTable(
        REPLACED,
        "Replaced figures",
        "A figure as a file gave it before which another file's stands, with the name of that file",
        REPLACED_KEYS,
    ),
    _of_the_api("indicators", ("indicator",)),
    _of_the_api("standards"),
    _of_the_api("breaks"),
    _of_the_api("organisations", ("organisation_code",)),
    _of_the_api("successions"),
    _of_the_api("releases"),
    _of_the_api("files"),
)


def name_tables(
    lists: CodeLists, units: Mapping[str, str], periods: Iterable[int]
) -> Iterator[tuple[str, tuple[str, ...], Iterable[tuple[Cell, ...]]]]:
    """What the numbers of rows stand for: a table's name, its columns behind the number, and its rows."""
    indicators = ((number, code, units.get(code, "")) for number, code in lists.indicators.items())
    yield "indicator", ("code", "unit"), indicators
    yield "breakdown", ("key",), lists.breakdowns.items()
    members = (
        (number, item.code, item.name, item.type.value) for number, item in lists.organisations.items()
    )
    yield "organisation", ("code", "name", "type"), members
    known = ((key, Period.from_key(key)) for key in periods)
    yield "period", ("label", "start", "end"), ((key, at.label, at.start, at.end) for key, at in known)
    invented = {True: INVENTED_ROW, False: None}
    files = (
        (n, item.name, item.published_on, invented[item.demonstration]) for n, item in lists.files.items()
    )
    yield "file", ("name", "published_on", "mark"), files
    yield "maturity", ("words",), ((int(item), status_text(item)) for item in Maturity)
    yield "basis", ("words",), ((code, words) for words, code in BASIS_CODES.items())
