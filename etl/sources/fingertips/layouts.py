"""What a file of Fingertips holds of the listed indicators, as rows of the canonical frame."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from db.domain import DETAIL_COLUMNS, OBSERVATION_COLUMNS, Finding, Organisation, Period, Severity
from db.reading.spreadsheets import is_workbook, listed
from etl.reading.areas import kind_of_area, not_in_the_catalogue
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.fingertips.figures import PublishedFigure, figure_of
from etl.sources.fingertips.listed import ListedIndicator, listed_indicators
from etl.sources.fingertips.registers import is_register_file, read_registers
from etl.sources.fingertips.table import PublishedRow, is_table_of_values, published_rows

MOST_DISAGREEING = 0.1
"""So large a share of values that their counts do not give is a wrong multiplier, not a few areas' data."""
_EXAMPLES = 3
_SAME = ("value", "count", "denominator", *DETAIL_COLUMNS[:4])


def recognise(raw: RawFile) -> bool:
    """Whether a file is a table of values of Fingertips, or one of practices' registers, by its header."""
    try:
        return not is_workbook(raw) and (is_table_of_values(raw) or is_register_file(raw))
    except SourceError:
        return False


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """The listed indicators of a file. Values stand as published, and nothing is added up.

    Raises LayoutError for a file with none of them, with an id under another name, with the same row twice with other
    numbers, and for one of whose listed ids no row fits: that error says which rows there are.
    """
    if is_register_file(raw):
        return read_registers(raw, hints)
    known: dict[int, list[ListedIndicator]] = {}
    for item in listed_indicators():
        known.setdefault(item.id, []).append(item)
    found, others, names = _sorted(published_rows(raw), known)
    if not found:
        wanted = f"figures of one of the listed indicators ({', '.join(map(str, known))})"
        held = [f"{number} {name}" for number, name in others.items()]
        raise LayoutError(
            raw.name,
            wanted,
            listed(held) if held else "a header without rows: nothing is published for the areas asked for",
        )
    series = [(item, _Series(item)) for number in found for item in known[number]]
    for item, own in series:
        own.take(found[item.id])
    findings = [finding for number in found for finding in _left_out(number, series, found[number])]
    figures = [figure for _, own in series for figure in own.figures.values()]
    findings += [finding for _, own in series for finding in own.findings()]
    frame = pd.DataFrame.from_records(
        [figure.record() for figure in figures], columns=[*OBSERVATION_COLUMNS, *DETAIL_COLUMNS]
    )
    last = max(Period.from_key(key).end for key in frame["period"])
    return ParsedFile(
        frame.astype({"numerator": float, "denominator": float, "value": float}),
        layout="table of values",
        title=f"Fingertips: {'; '.join(names[number] for number in found)}",
        published_on=hints.published_on,
        findings=tuple(findings),
        percentage_tolerance=0.01,
        organisations=not_in_the_catalogue(
            Organisation(item.organisation, item.name, item.kind) for item in figures
        ),
        withdraws_absent=False,
        edition_end=last,
        areas_vary=True,
    )


def _sorted(
    rows: Iterable[PublishedRow], known: Collection[int]
) -> tuple[dict[int, list[PublishedRow]], dict[str, str], dict[int, str]]:
    """The rows of each listed id, the other ids with their names, and the names of those listed."""
    found: dict[int, list[PublishedRow]] = {}
    others: dict[str, str] = {}
    names: dict[int, str] = {}
    for row in rows:
        number = int(row.id) if row.id.isascii() and row.id.isdigit() else 0
        if number in known:
            found.setdefault(number, []).append(row)
            names[number] = row.name
        else:
            others[row.id] = row.name
    return found, others, names


@dataclass
class _Series:
    """The figures of one listed indicator, by area and period."""

    item: ListedIndicator
    figures: dict[tuple[str, int], PublishedFigure] = field(default_factory=dict)
    unplaced: dict[str, str] = field(default_factory=dict)

    def take(self, rows: Sequence[PublishedRow]) -> None:
        """Keep what the selection wants. Raises LayoutError for another name, and for a key twice that differs."""
        for row in rows:
            if self.item.name_holds not in row.name.casefold():
                wanted = f"a name with '{self.item.name_holds}' for indicator {self.item.id}"
                raise LayoutError(row.where, wanted, f"'{row.name}'")
            if not self._wants(row):
                continue
            figure = figure_of(self.item, row)
            if figure is None:
                continue
            if not figure.organisation:
                self.unplaced[row.area] = row.area_name
                continue
            key = (figure.organisation, figure.period.key)
            before = self.figures.setdefault(key, figure)
            if before is not figure:
                _check_same(before, figure, row)

    def _wants(self, row: PublishedRow) -> bool:
        return (
            (row.sex, row.age) == (self.item.sex, self.item.age)
            and not row.category_type
            and not row.category
            and kind_of_area(row.area) in self.item.kinds
        )

    def findings(self) -> Iterable[Finding]:
        """Areas that nobody knows, and values that their counts do not give."""
        if self.unplaced:
            shown = listed(f"{code} {name}" for code, name in self.unplaced.items())
            message = (
                f"{self.item.indicator}: these areas' names do not end with their codes, left out: {shown}"
            )
            yield Finding(Severity.INFORMATION, "areas", message, len(self.unplaced))
        counted = [item for item in self.figures.values() if item.computed is not None]
        disagreeing = [item for item in counted if not item.agrees]
        if len(disagreeing) > MOST_DISAGREEING * len(counted):
            raise LayoutError(
                disagreeing[0].where,
                f"{self.item.indicator}: values that are their counts divided, as a {self.item.value} is",
                f"{len(disagreeing)} of {len(counted)} that are not, such as {disagreeing[0].disagreement}",
            )
        if disagreeing:
            shown = "; ".join(item.disagreement for item in disagreeing[:_EXAMPLES])
            more = f"; and {len(disagreeing) - _EXAMPLES} more" if len(disagreeing) > _EXAMPLES else ""
            message = f"{self.item.indicator}: the published value stands, without its counts: {shown}{more}"
            yield Finding(Severity.WARNING, "values and counts", message, len(disagreeing))


def _check_same(before: PublishedFigure, figure: PublishedFigure, row: PublishedRow) -> None:
    pairs = zip(_SAME, before.numbers, figure.numbers, strict=True)
    for name, one, other in pairs:
        if one != other:
            wanted = f"{row.area} {row.area_name}, {row.period} once, or twice with the same numbers"
            raise LayoutError(row.where, wanted, f"{name} {other} here and {one} in {before.where}")


def _left_out(
    number: int, series: Sequence[tuple[ListedIndicator, _Series]], rows: Sequence[PublishedRow]
) -> Iterable[Finding]:
    """Of an id's series those without a row. Raises LayoutError where none has one, with what the file does hold."""
    own = [(item, part) for item, part in series if item.id == number]
    empty = [item for item, part in own if not part.figures]
    wanted = " or ".join(dict.fromkeys(item.selection for item in empty))
    if empty and len(empty) == len(own):
        kinds = ", ".join(own[0][0].kinds)
        held = sorted({row.combination for row in rows})
        shown = listed(", ".join(part or "none" for part in item) for item in held)
        raise LayoutError(
            rows[0].where,
            f"for indicator {number} rows of {wanted}, of {kinds}",
            f"these combinations of sex, age, category, kind of area and range: {shown}",
        )
    if any(item.sex != part.sex for item in empty for part, _ in own):
        message = f"indicator {number}: no rows of {wanted}"
        yield Finding(Severity.WARNING, "selections", message, len(empty))
