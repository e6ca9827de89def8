"""Made-up files of referral to treatment waiting times: full CSV data files, monthly workbooks and national series."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from etl.source import RawFile
from tests.support.publications.workbooks import workbook

NAME = "20260131-RTT-January-2026-full-extract.csv"
ZIP = "Full-CSV-data-file-Jan26-ZIP-4M-92707.zip"
TOTAL, UROLOGY, OTHER = "C_999", "C_101", "X05"
FULL_GRID = 104


@dataclass(frozen=True)
class Row:
    """A row of the full CSV data file: pathways by week of waiting, and those whose start is unknown."""

    weeks: Mapping[int, int]
    part: str = "Part_2"
    function: str = UROLOGY
    provider: str = "RVV"
    commissioner: str = "91Q"
    parent: str = "QKS"
    unknown: int = 0
    month: str = "RTT-January-2026"
    name: str = "A TRUST"
    changed: Mapping[str, object] = field(default_factory=dict)
    """Cells that are not what they should be, by column."""


def columns(longest: int = FULL_GRID) -> list[str]:
    return [
        *("Period", "Provider Parent Org Code", "Provider Parent Name", "Provider Org Code"),
        *("Provider Org Name", "Commissioner Parent Org Code", "Commissioner Parent Name"),
        *("Commissioner Org Code", "Commissioner Org Name", "RTT Part Type", "RTT Part Description"),
        *("Treatment Function Code", "Treatment Function Name"),
        *(f"Gt {week:02} To {week + 1:02} Weeks SUM 1" for week in range(longest)),
        *(f"Gt {longest} Weeks SUM 1", "Total", "Patients with unknown clock start date", "Total All"),
    ]


def with_totals(rows: Sequence[Row]) -> list[Row]:
    """The rows with a Total row of each provider, commissioner and part after them, as the publisher has."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.provider, row.commissioner, row.part), []).append(row)
    totals = []
    for own in groups.values():
        weeks: dict[int, int] = {}
        for row in own:
            for week, count in row.weeks.items():
                weeks[week] = weeks.get(week, 0) + count
        first = own[0]
        totals.append(
            Row(
                weeks,
                first.part,
                TOTAL,
                first.provider,
                first.commissioner,
                first.parent,
                sum(row.unknown for row in own),
                first.month,
                first.name,
            )
        )
    return [*rows, *totals]


def table(
    rows: Sequence[Row], *, longest: int = FULL_GRID, above: Sequence[str] = (), totals: bool = True
) -> bytes:
    """The bytes of a full CSV data file; `above` are lines before its header."""
    labels = columns(longest)
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    for line in above:
        writer.writerow([line])
    writer.writerow(labels)
    for row in with_totals(rows) if totals else rows:
        writer.writerow([_cells(row, longest)[label] for label in labels])
    return output.getvalue().encode()


def _cells(row: Row, longest: int) -> dict[str, object]:
    total = sum(row.weeks.values())
    new, completed = row.part == "Part_3", row.part.startswith("Part_1")
    labels = columns(longest)
    cells: dict[str, object] = dict.fromkeys(labels, "")
    cells |= {
        "Period": row.month,
        "Provider Org Code": row.provider,
        "Provider Org Name": row.name,
        "Commissioner Parent Org Code": row.parent,
        "Commissioner Org Code": row.commissioner,
        "Commissioner Org Name": "#N/A" if row.commissioner == "NONC" else "AN AREA",
        "RTT Part Type": row.part,
        "Treatment Function Code": row.function,
        "Total": total if completed else "",
        "Patients with unknown clock start date": row.unknown if completed else "",
        "Total All": total + row.unknown,
    }
    if not new:
        # As published: no pathways in a week are a blank here and a nought there.
        cells |= {
            labels[13 + week]: row.weeks.get(week) or (0 if week % 3 else "") for week in range(longest + 1)
        }
    return cells | dict(row.changed)


def packed(content: bytes, name: str = ZIP, member: str = NAME) -> RawFile:
    """The file as published: in a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return RawFile(name, stream.getvalue())


def grid(
    heads: Sequence[str], rows: Sequence[Sequence[object]], *, summary: str, revised: str = "-"
) -> list[list[object]]:
    """A sheet of a monthly workbook: its labels on top, its header in row 14."""
    top: list[list[object]] = [
        [],
        ["", "Title:", "Referral to Treatment (RTT) Waiting Times"],
        ["", "Summary:", summary],
        [],
        ["", "Period:", "December 2024"],
        ["", "Source:", "NHS England: monthly RTT data collection"],
        ["", "Basis:", "Provider"],
        ["", "Published:", "13th February 2025"],
        ["", "Revised:", revised],
        ["", "Status:", "Published"],
        ["", "Contact:", "england.rtt@nhs.net"],
        [],
        ["", "Provider Level Data"],
    ]
    return [*top, ["", *heads], *(["", *row] for row in rows)]


def weeks_heads(longest: int = FULL_GRID) -> list[str]:
    return [*(f">{week}-{week + 1}" for week in range(longest)), f"{longest} plus"]


def series(months: Mapping[object, Sequence[object]], period: str = "April 2007 to March 2024") -> bytes:
    """An overview time series: of each month the median, 92nd percentile, within, share, over 52, share, total, new."""
    groups: list[object] = [
        "",
        "Year",
        "Month",
        "Incomplete RTT pathways",
        *[""] * 7,
        "New RTT periods",
        "",
        "Admitted",
    ]
    heads: list[object] = [
        *("", "", "", "Median wait (weeks)", "92nd percentile (weeks)", "No. within 18 weeks"),
        *("% within 18 weeks", "No. > 52 weeks", "% > 52 weeks", "No. > 78 weeks", "Total waiting (mil)"),
        *("No. of new RTT periods", "", "Median wait (weeks)"),
    ]
    rows: list[list[object]] = [[], ["", "Title: Referral to Treatment (RTT) Waiting Times, England"], []]
    rows += [["", f"Period: {period}"], ["", "Basis: Commissioner"], [], groups, heads]
    rows += [
        ["", "2023/24" if place == 0 else "", month, *figures]
        for place, (month, figures) in enumerate(months.items())
    ]
    rows += [["", "", date(2024, 4, 1), *["-"] * 9], [], ["", "Notes:"], ["", "1. Estimates", "of no month"]]
    return workbook({"Full Time Series": rows})
