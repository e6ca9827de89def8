"""The table of values, as the server writes it and as the website exports it: one row an area, sex, age and period.

26 or 27 columns, found by name: the name of one says with what parent values are compared, and others come and go. The
server leaves off the last field of a row whose indicator has no goal. Names hold line breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from db.reading.spreadsheets import Header, first_csv_row, header_at, is_blank_row, read_csv, text_of
from etl.source import LayoutError, RawFile

FIRST: Final = "Indicator ID"
_NAME, _GOALS = "Indicator Name", ("Compared to goal", "Target data")
_SPELLINGS: Final = {
    "area_name": ("Area Name", "AreaName"),
    "lower_95": ("Lower CI 95.0 limit", "Lower CI limit"),
    "upper_95": ("Upper CI 95.0 limit", "Upper CI limit"),
}
"""Before 2019 there was one interval, of 95%."""
_OPTIONAL: Final = {
    "lower_998": "Lower CI 99.8 limit",
    "upper_998": "Upper CI 99.8 limit",
    "length": "Time period range",
}
_TEXTS: Final = {
    "id": FIRST,
    "name": _NAME,
    "area": "Area Code",
    "area_type": "Area Type",
    "sex": "Sex",
    "age": "Age",
    "category_type": "Category Type",
    "category": "Category",
    "period": "Time period",
    "value": "Value",
    "count": "Count",
    "denominator": "Denominator",
    "note": "Value note",
    "sortable": "Time period Sortable",
}
_MARKS: Final = frozenset({FIRST, "Area Code", "Category Type", "Time period Sortable"})


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One row's texts, without spaces at their ends. `where` is its place in the file."""

    where: str
    area_name: str
    length: str
    id: str
    name: str
    area: str
    area_type: str
    sex: str
    age: str
    category_type: str
    category: str
    period: str
    value: str
    lower_95: str
    upper_95: str
    lower_998: str
    upper_998: str
    count: str
    denominator: str
    note: str
    sortable: str

    @property
    def combination(self) -> tuple[str, ...]:
        """What tells series and kinds of area of one indicator apart."""
        return (self.sex, self.age, self.category_type, self.area_type, self.length)


def is_table_of_values(raw: RawFile) -> bool:
    """Whether a text file begins with the header of a table of values."""
    labels = {text_of(cell) for cell in first_csv_row(raw)}
    return labels >= _MARKS


def published_rows(raw: RawFile) -> Iterator[PublishedRow]:
    """Every row. Raises LayoutError naming row and column, and UnreadableFileError for what is no such text."""
    sheet = read_csv(raw)
    filled = [index for index, row in enumerate(sheet.rows) if not is_blank_row(row)]
    first = text_of(sheet.rows[filled[0]][0]).lstrip("\ufeff") if filled else ""
    if first != FIRST:
        raise LayoutError(raw.name, f"'{FIRST}' at its beginning", f"'{first[:60]}'" if first else "no rows")
    header = header_at(sheet, filled[0])
    columns = {name: header.column(label) for name, label in _TEXTS.items()}
    columns |= {name: header.first_of(labels) for name, labels in _SPELLINGS.items()}
    columns |= {name: header.column(label) for name, label in _OPTIONAL.items() if header.has(label)}
    absent = dict.fromkeys(_OPTIONAL.keys() - columns.keys(), "")
    width, shortest = len(header.labels), _shortest(header)
    for index, row in header.body():
        where = sheet.where(index)
        if not shortest <= len(row) <= width:
            wanted = f"{width} fields" if shortest == width else f"{shortest} or {width} fields"
            raise LayoutError(where, wanted, f"{len(row)}")
        # Cells of a text file are text: runs of white space become one space, at a tenth of what `text_of` takes.
        texts = {name: " ".join(str(row[column]).split()) for name, column in columns.items()}
        yield PublishedRow(where=where, **texts, **absent)


def _shortest(header: Header) -> int:
    """How many fields a row has at least: the one of goals may be left off where it is the last."""
    width = len(header.labels)
    last = {header.column(label) for label in _GOALS if header.has(label)}
    return width - 1 if width - 1 in last else width
