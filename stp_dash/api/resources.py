"""Every table that the API has: its name, what it holds, its parameters, its columns, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from db.domain.holdings import DataVersion
from db.store import Connection
from stp_dash.analysis.download_columns import CellType, ColumnDefinition, column_definition
from stp_dash.analysis.noted.said import COMMENTARY_KEYS
from stp_dash.api import catalogue, figures, publishing
from stp_dash.api.noted import tables
from stp_dash.api.queries import (
    Asked,
    CommentaryQuery,
    FiguresQuery,
    FilesQuery,
    IndicatorsQuery,
    NotedQuery,
    OfIndicators,
    OrganisationsQuery,
    SeriesQuery,
    SuccessionsQuery,
    VariationQuery,
)
from stp_dash.api.table import Table
from stp_dash.frame.request import PageRequest

ReadTable = Callable[[PageRequest, Connection, DataVersion], Table]
"""Reads a table. Raises ParameterError for what there is not."""
TYPES: Mapping[CellType, Any] = {
    CellType.TEXT: str,
    CellType.NUMBER: float,
    CellType.WHOLE: int,
    CellType.DATE: date,
    CellType.MOMENT: datetime,
}


class TablePage(BaseModel):
    """Some rows of a table, with what holds for all of them."""

    version: int = Field(description="The data version that the rows are of; 0 for an empty store.")
    published: date | None = Field(
        description="The newest day of publication among the files that the rows can rest on; empty without one."
    )
    demonstration: bool = Field(
        description="Whether the store holds invented numbers. Rows of such numbers say so in status_of_data."
    )
    sources: list[str] = Field(description="Whose figures they are, to be named with them.")
    licence: str = Field(description="By which licence they may be used.")
    total: int = Field(ge=0, description="How many rows there are in all.")
    next: str | None = Field(description="The address of the next rows; empty at the end.")


@dataclass(frozen=True)
class Resource:
    """A table of the API. `about` says what a row is; `example` is a query to try."""

    name: str
    title: str
    about: str
    query: type[Asked]
    keys: tuple[str, ...]
    read: ReadTable
    example: str = ""

    @cached_property
    def page_model(self) -> type[BaseModel]:
        """The typed model of an answer, its rows from the dictionary of columns."""
        words = "".join(part.capitalize() for part in self.name.split("-"))
        columns: dict[str, Any] = {key: _column(column_definition(key)) for key in self.keys}
        row = create_model(f"{words}Row", __doc__=f"{self.about}", **columns)
        fields: dict[str, Any] = {"data": (list[row], Field(description="The rows."))}
        return create_model(f"{words}Page", __base__=TablePage, __doc__=f"{self.title}.", **fields)


def _column(known: ColumnDefinition) -> tuple[Any, Any]:
    kind = Literal[known.values] if known.values else TYPES[known.type]
    unit = f" Unit: {known.unit}." if known.unit else ""
    return (kind | None, Field(description=f"{known.meaning}{unit}"))


_OF = "indicator=cancer-62-day-combined"
_ALL = (
    Resource(
        "areas",
        "Areas",
        "The area asked for, or the one that this site is for, by the codes of its parts",
        Asked,
        catalogue.AREA_KEYS,
        catalogue.area_table,
    ),
    Resource(
        "indicators",
        "Indicators",
        "An indicator with its definition, owner, unit and review dates",
        IndicatorsQuery,
        catalogue.INDICATOR_KEYS,
        catalogue.indicator_table,
    ),
    Resource(
        "standards",
        "Standards",
        "A level that an indicator was or is to reach, with its dates and reference",
        OfIndicators,
        catalogue.STANDARD_KEYS,
        catalogue.standard_table,
        _OF,
    ),
    Resource(
        "breaks",
        "Breaks",
        "A day from which an indicator's figures cannot be compared with those before",
        OfIndicators,
        catalogue.BREAK_KEYS,
        catalogue.break_table,
    ),
    Resource(
        "organisations",
        "Organisations",
        "An organisation that the store knows, with what it belongs or belonged to",
        OrganisationsQuery,
        catalogue.ORGANISATION_KEYS,
        catalogue.organisation_table,
        "search=east+kent",
    ),
    Resource(
        "successions",
        "Successions",
        "An organisation that followed another",
        SuccessionsQuery,
        catalogue.SUCCESSION_KEYS,
        catalogue.succession_table,
    ),
    Resource(
        "series",
        "Series",
        "A period of an organisation's control chart, the newest first: value, counts, limits, signals, gap, standard, "
        "status and file, exactly as the trend page draws them; every period that limits rest on, 60 at most",
        SeriesQuery,
        figures.SERIES_KEYS,
        figures.series_table,
        f"{_OF}&organisation=RVV",
    ),
    Resource(
        "figures",
        "Figures",
        "A figure of an organisation, the newest first, as far back as the store holds any",
        FiguresQuery,
        figures.FIGURE_KEYS,
        figures.figure_table,
        f"{_OF}&organisation=RVV",
    ),
    Resource(
        "variation",
        "Variation",
        "An organisation of a kind in one period, in order of value: interval, funnel limits and class, exactly as the "
        "variation page draws them",
        VariationQuery,
        figures.VARIATION_KEYS,
        figures.comparison_table,
        f"{_OF}&by=trust",
    ),
    Resource(
        "revisions",
        "Revisions",
        "A figure that a later release changed, with the one that replaced it",
        FiguresQuery,
        figures.REVISION_KEYS,
        figures.revision_table,
        f"{_OF}&organisation=RVV",
    ),
    Resource(
        "events",
        "Events",
        "What is noted on charts: a day or a span, what happened, on whose charts, and who says so. It explains "
        "nothing by itself and changes no limit",
        NotedQuery,
        tables.EVENT_KEYS,
        tables.event_table,
        f"{_OF}&organisation=RVV",
    ),
    Resource(
        "plans",
        "Plans",
        "What an organisation itself planned for a month: no standard. Of several plans the newest that stands",
        NotedQuery,
        tables.PLAN_KEYS,
        tables.plan_table,
        f"{_OF}&organisation=RVV",
    ),
    Resource(
        "releases",
        "Releases",
        "A day on which a source published something that the store holds",
        FilesQuery,
        publishing.RELEASE_KEYS,
        publishing.release_table,
    ),
    Resource(
        "files",
        "Files",
        "A publisher's file that the store holds, with its hash",
        FilesQuery,
        publishing.FILE_KEYS,
        publishing.file_table,
    ),
    Resource(
        "freshness",
        "Freshness",
        "The last period of a source's level, and when the next should be out",
        FilesQuery,
        publishing.FRESHNESS_KEYS,
        publishing.freshness_table,
    ),
    Resource(
        "packs",
        "Issued board packs",
        "A document of a board pack of the area that was issued: it never changes, and is to be had at its address",
        Asked,
        publishing.PACK_KEYS,
        publishing.pack_table,
    ),
    Resource(
        "commentary",
        "Commentary",
        "What those responsible say of a figure: what happened, what is being done and what tells them that it works; "
        "written by people, not computed",
        CommentaryQuery,
        COMMENTARY_KEYS,
        publishing.commentary_table,
    ),
)
RESOURCES: Mapping[str, Resource] = {item.name: item for item in _ALL}
"""The tables by name, in the order in which the documentation lists them."""
