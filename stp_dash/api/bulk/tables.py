"""Which tables the files hold, with their columns, and the names that the store's numbers stand for.

`TABLES` are those of a data version. What people write belongs to none, and may be withdrawn: `NOTED_TABLES` are files
of their own, made anew whenever something of it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from db.domain import Maturity, Period
from db.domain.holdings import CodeLists
from db.domain.observation import basis_of
from db.figures.whole import Making
from stp_dash.analysis.download_columns import CellType
from stp_dash.analysis.sheet import Cell
from stp_dash.analysis.wording import status_text
from stp_dash.api.catalogue import every_area_table
from stp_dash.api.publishing import every_pack_table
from stp_dash.api.resources import RESOURCES, ReadTable
from stp_dash.api.table import INVENTED_ROW, MARK

FIGURES, REPLACED_FIGURES = "figures", "replaced"
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
    """A table of the files: its name, what a row is, its columns, and which of them tell rows apart (none: no such).

    read: reads it whole; None for figures, which are streamed.
    """

    name: str
    title: str
    about: str
    keys: tuple[str, ...]
    unique: tuple[str, ...] = ()
    read: ReadTable | None = None


def _of_the_api(
    name: str, unique: tuple[str, ...] = (), about: str = "", read: ReadTable | None = None
) -> BulkTable:
    resource = RESOURCES[name]
    return BulkTable(
        name, resource.title, about or resource.about, resource.keys, unique, read or resource.read
    )


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
        REPLACED_FIGURES,
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
    _of_the_api(
        "areas",
        (),
        "An area that pages can be about (board, region, England or a list of this site), by the codes of its parts",
        every_area_table,
    ),
)
NOTED_TABLES = (
    _of_the_api("events"),
    _of_the_api("plans", ("indicator", "organisation_code", "plan_month")),
    _of_the_api("commentary", ("indicator", "organisation_code", "period_start", "period_end")),
    _of_the_api(
        "packs",
        ("pack", "document"),
        "A document of a board pack that was issued: it never changes, and is to be had at its address",
        every_pack_table,
    ),
)
"""Events, plans and commentary as readers see them, and issued packs."""


def name_tables(
    lists: CodeLists, units: Mapping[str, str], periods: Iterable[int], made: Iterable[int]
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
    yield "file", ("name",), ((number, item.name) for number, item in lists.files.items())
    columns = ("file", "published_on", "mark", "status", "basis", "made_by")
    yield "made", columns, ((number, *_made(lists, Making.of(number))) for number in made)


def _made(lists: CodeLists, how: Making) -> tuple[Cell, ...]:
    file, maturity = lists.files[how.file], Maturity(how.maturity)
    mark = INVENTED_ROW if file.demonstration else None
    by = "this site" if how.derived else "the publisher"
    return (file.name, file.published_on, mark, status_text(maturity), basis_of(how.basis).value, by)
