"""The numbers of the page: every area's figures, where ours stands, who is like it, and ours beside another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from db.domain.file import FileReference
from db.domain.reading import Reading
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.sheet import Cell, Column, Sheet, Subject, column_of
from stp_dash.analysis.standing.neighbours import CharacteristicFigures, Neighbours
from stp_dash.analysis.standing.spine import Spread
from stp_dash.analysis.wording import (
    count_text,
    date_text,
    listing,
    status_text,
    unit_text,
    value_text,
)
from stp_dash.pages.areas.columns import AreaColumn
from stp_dash.pages.areas.words import (
    AreasView,
    areas_counted,
    beside_title,
    comparator_words,
    goal_words,
    rank_words,
    side_words,
    spread_title,
)

COMPARED_SHEET, STANDING_SHEET, PEERS_SHEET, BESIDE_SHEET = "areas", "standing", "peers", "beside"
MAP_SHEET = "map"


@dataclass(frozen=True)
class _Line:
    """One area's figure in one column."""

    code: str
    column: AreaColumn

    @property
    def reading(self) -> Reading | None:
        return self.column.readings.get(self.code)


def areas_sheet(view: AreasView) -> Sheet:
    """One row for each area and indicator, in the order of the page."""
    caption = f"{areas_counted(len(view.rows))} by {len(view.columns)} indicators, each in its newest period"
    lines = [_Line(code, column) for code in view.rows for column in view.columns]
    return _compared(view, lines, COMPARED_SHEET, ("Compare areas", caption))


def beside_sheet(view: AreasView) -> Sheet:
    """One row for each indicator and each of two areas: ours and the one beside it."""
    caption = f"{beside_title(view)} on {len(view.columns)} indicators"
    lines = [_Line(code, column) for column in view.columns for code in (view.own, view.beside)]
    return _compared(view, lines, BESIDE_SHEET, (beside_title(view), caption))


def areas_map_sheet(view: AreasView, column: AreaColumn) -> Sheet:
    """One row for each area with a figure, the lowest first."""
    titles = (
        f"{column.indicator.short_name} by area",
        f"{areas_counted(len(column))}, {column.period.label}, the lowest first",
    )
    return _compared(view, [_Line(code, column) for code in column.readings], MAP_SHEET, titles)


def _compared(view: AreasView, lines: Sequence[_Line], name: str, titles: tuple[str, str]) -> Sheet:
    return Sheet(
        name=name,
        title=titles[0],
        caption=titles[1],
        columns=(*_identity(view, lines), *_figures(lines), *_judged(lines), *_origin(lines)),
        source=_sources(line.column for line in lines),
        demonstration=view.demonstration,
        subject=Subject("Areas", view.area_name, view.edition.label),
    )


def _identity(view: AreasView, lines: Sequence[_Line]) -> tuple[Column, ...]:
    def group(line: _Line) -> str:
        return "ours" if line.code in view.ours else "peer" if line.code in view.peers else ""

    def name(line: _Line) -> str:
        return view.name(line.code)

    return (
        column_of(lines, "Area", name, "organisation_name", name, links=lambda x: view.addresses.get(x.code, "")),
        column_of(lines, "Code", lambda x: x.code, "organisation_code", lambda x: x.code),
        column_of(lines, "Group", group, "group", group),
        column_of(lines, "Indicator", lambda x: x.column.indicator.short_name, "indicator_name",
                  lambda x: x.column.indicator.short_name),
        column_of(lines, key="indicator", raw=lambda x: x.column.indicator.id),
        column_of(lines, key="unit", raw=lambda x: x.column.indicator.unit),
    )  # fmt: skip


def _figures(lines: Sequence[_Line]) -> tuple[Column, ...]:
    def read(make: Callable[[Reading], Cell]) -> Callable[[_Line], Cell]:
        return lambda line: make(line.reading) if line.reading is not None else None

    def counted(make: Callable[[Reading], float | None]) -> Callable[[_Line], str]:
        return lambda line: _count(make(line.reading)) if line.reading is not None else ""

    return (
        *_period_columns(lines),
        column_of(lines, "Value", lambda x: x.column.shown(x.code), "value", read(lambda r: r.value), numeric=True),
        column_of(lines, "Numerator", counted(lambda r: r.numerator), "numerator",
                  read(lambda r: r.numerator), numeric=True),
        column_of(lines, "Denominator", counted(lambda r: r.denominator), "denominator",
                  read(lambda r: r.denominator), numeric=True),
    )  # fmt: skip


def _period_columns(lines: Sequence[_Line]) -> tuple[Column, ...]:
    return (
        column_of(
            lines, "Period", lambda x: x.column.period.label, "period", lambda x: x.column.period.label
        ),
        column_of(lines, key="period_start", raw=lambda x: x.column.period.start),
        column_of(lines, key="period_end", raw=lambda x: x.column.period.end),
    )


def _count(value: float | None) -> str:
    return "" if value is None else count_text(value)


def _judged(lines: Sequence[_Line]) -> tuple[Column, ...]:
    def limit(which: str) -> Callable[[_Line], Cell]:
        def cell(line: _Line) -> Cell:
            limits = line.column.sides.limits.get(line.code)
            return None if limits is None else limits.lower if which == "lower" else limits.upper

        return cell

    def rank(line: _Line) -> Cell:
        return line.column.ranks.get(line.code)

    return (
        column_of(lines, "Place", lambda x: rank_words(x.column, x.code), "rank", rank, numeric=True),
        column_of(lines, key="among_count", raw=lambda x: len(x.column)),
        column_of(lines, "Compared", lambda x: side_words(x.column, x.code), "side",
                  lambda x: x.column.sides.of(x.code)),
        column_of(lines, key="compared_with", raw=lambda x: x.column.beside if x.column.comparator else None),
        column_of(lines, key="compared_value", raw=lambda x: x.column.level),
        column_of(lines, key="funnel_lower_998", raw=limit("lower")),
        column_of(lines, key="funnel_upper_998", raw=limit("upper")),
        column_of(lines, key="limits_factor", raw=lambda x: x.column.sides.factor if x.column.sides.limits else None),
        column_of(lines, key="standard", raw=lambda x: x.column.standard.value if x.column.standard else None),
    )  # fmt: skip


def _origin(lines: Sequence[_Line]) -> tuple[Column, ...]:
    def status(line: _Line) -> str:
        return status_text(line.reading.maturity) if line.reading is not None else ""

    def file(line: _Line) -> str:
        return files_text(line.reading) if line.reading is not None else ""

    return (
        column_of(lines, "Status", status, "status", status),
        column_of(lines, "File", file, "file", file),
    )


def standing_sheet(view: AreasView) -> Sheet:
    """One row for each indicator: our figure, its place, and the spread of all areas."""
    lines = [_Line(view.own, column) for column in view.columns]
    return Sheet(
        name=STANDING_SHEET,
        title=spread_title(view),
        caption=f"{view.area_name} on each indicator, with the spread of all areas",
        columns=(
            column_of(lines, "Indicator", lambda x: x.column.indicator.short_name, "indicator_name",
                      lambda x: x.column.indicator.short_name),
            column_of(lines, key="indicator", raw=lambda x: x.column.indicator.id),
            column_of(lines, "Unit", lambda x: unit_text(x.column.indicator), "unit",
                      lambda x: x.column.indicator.unit),
            column_of(lines, key="organisation_code", raw=lambda x: x.code),
            *_figures(lines),
            *_judged(lines),
            column_of(lines, "Beside", lambda x: comparator_words(x.column)),
            column_of(lines, "Standard", lambda x: goal_words(x.column)),
            *_spread(lines),
            *_origin(lines),
        ),
        source=_sources(view.columns),
        demonstration=view.demonstration,
        subject=Subject("Areas", view.area_name, view.edition.label),
    )  # fmt: skip


def _spread(lines: Sequence[_Line]) -> tuple[Column, ...]:
    """The spread of all areas in each column."""

    def level(make: Callable[[Spread], float]) -> Callable[[_Line], float | None]:
        return lambda line: make(line.column.spread) if line.column.spread is not None else None

    def column(heading: str, key: str, make: Callable[[Spread], float]) -> Column:
        raw = level(make)

        def shown(line: _Line) -> str:
            found = raw(line)
            return "" if found is None else value_text(line.column.indicator, found)

        return column_of(lines, heading, shown, key, raw, numeric=True)

    return (
        column("Lowest", "among_lowest", lambda x: x.lowest),
        column("Lower quarter", "among_lower_quarter", lambda x: x.lower_quarter),
        column("Median", "among_median", lambda x: x.median),
        column("Upper quarter", "among_upper_quarter", lambda x: x.upper_quarter),
        column("Highest", "among_highest", lambda x: x.highest),
    )


def peers_sheet(view: AreasView, found: Neighbours) -> Sheet:
    """Every area by how far it is from ours, with each characteristic that says so."""
    distances = {found.of: 0.0} | {item.code: item.distance for item in found.nearest}
    lines = [_Likeness(code, item) for code in (*distances, *found.unplaced) for item in found.used]
    files = {file.id: file for item in found.used for file in item.files}

    def name(line: _Likeness) -> str:
        return view.name(line.code)

    def shown(line: _Likeness) -> str:
        return f"{distances[line.code]:.2f}" if line.code in distances else ""

    return Sheet(
        name=PEERS_SHEET,
        title="Peers",
        caption=f"Every area with its distance from {view.area_name}, the nearest first",
        columns=(
            column_of(lines, "Area", name, "organisation_name", name, links=lambda x: view.addresses[x.code]),
            column_of(lines, "Code", lambda x: x.code, "organisation_code", lambda x: x.code),
            column_of(lines, "Distance", shown, "distance", lambda x: distances.get(x.code), numeric=True),
            column_of(lines, "Characteristic", lambda x: x.by.heading, "characteristic", lambda x: x.by.heading),
            column_of(lines, "Its value", lambda x: x.by.shown(x.code), "characteristic_value",
                      lambda x: x.by.values.get(x.code), numeric=True),
            column_of(lines, "Period", lambda x: x.by.period.label, "period", lambda x: x.by.period.label),
            column_of(lines, "File", _files, "file", _files),
        ),
        source=_newest(list(files.values())),
        demonstration=any(file.demonstration for file in files.values()),
        subject=Subject("Nearest areas", view.area_name, view.edition.label),
    )  # fmt: skip


@dataclass(frozen=True)
class _Likeness:
    """One area by one characteristic."""

    code: str
    by: CharacteristicFigures


def _files(line: _Likeness) -> str:
    return listing([file.name for file in line.by.files])


def _sources(columns: Iterable[AreaColumn]) -> str:
    """Whose figures they are, and the day of the newest file."""
    found = list(dict.fromkeys(columns))
    owners = dict.fromkeys(column.indicator.owner.partition(",")[0] for column in found)
    files = [file for column in found for item in column.readings.values() for file in item.files]
    newest = _newest(files)
    return f"{listing(list(owners))}, {newest}" if newest else listing(list(owners))


def _newest(files: Sequence[FileReference]) -> str:
    """The day on which the newest came out; "" where one does not say when it did, which may be that one."""
    days = [file.published_on for file in files]
    return date_text(max(day for day in days if day)) if days and all(days) else ""
