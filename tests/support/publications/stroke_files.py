"""Stroke audit files for tests. Every figure, and every portfolio and domain tab, is made up.

No results portfolio could be had. These follow the layouts that are known: the annual extract of 2022/23 (teams
down) and the thrombectomy reports to 2018/19 (items down), both described in the facts on stroke data.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import TypeAlias

from openpyxl import Workbook

from etl.source import RawFile

Cell: TypeAlias = str | int | float | date | time | None
Rows: TypeAlias = list[list[Cell]]

ROUTINE, NON_ROUTINE, INPATIENT = (
    "Routinely admitting team",
    "Non-routinely admitting acute team",
    "Non-acute inpatient team",
)
ITEMS: tuple[tuple[str, str, str, str], ...] = (
    ("Thrombolysis", "H16.1", "Thrombolysis given (all stroke types)", "n"),
    ("", "H16.2", "", "denominator \n(d)"),
    ("", "H16.3", "", "%"),
    ("", "H16.4", "No", "n"),
    ("Time to thrombolysis", "H16.42", "Clock start to thrombolysis (minutes)", "Median"),
    ("", "H16.43", "", "Lower IQR"),
    ("", "H16.44", "", "Upper IQR"),
    ("Eligibility", "H16.48", "Eligible for thrombolysis by the minimum threshold:", "d"),
    ("", "H16.49", "Eligible", "n"),
    ("", "H16.50", "", "%"),
    ("", "H16.51", "Not eligible", "n"),
    ("", "H16.52", "", "%"),
    ("", "H16.53", "If eligible for thrombolysis, thrombolysed:", "d"),
    ("", "H16.54", "Yes", " n"),
    ("", "H16.55", "", " %"),
    ("", "H16.56", "No", "n"),
    ("", "H16.57", "", "%"),
    ("Timeliness", "H16.72", "Thrombolysed within 1 hour of clock start", "n"),
    ("", "H16.73", "", "d"),
    ("", "H16.74", "", "%"),
    ("", "H16.75.1", "First ward a stroke unit within 4 hours, thrombolysed if needed", "n"),
    ("", "H16.76.1", "", "d"),
    ("", "H16.77.1", "", "%"),
)
DARENT_VALLEY: tuple[Cell, ...] = (
    13, 150, 8.7, 137, 55, 40, 71, 150, 15, 10.0, 135, 90.0, 15, 12, 80.0, 3, 20.0, 7, 13, 53.8, 90, 150, 60.0,
)  # fmt: skip
MAIDSTONE: tuple[Cell, ...] = (
    30, 250, 12.0, 220, 41, 30, 60, 250, 32, 12.8, 218, 87.2, 32, 28, 87.5, 4, 12.5, 24, 30, 80.0, 200, 250, 80.0,
)  # fmt: skip
INVICTA: tuple[Cell, ...] = (
    31, 190, 16.3, 159, 38, 28, 50, 190, 33, 17.4, 157, 82.6, 33, 30, 90.9, 3, 9.1, 28, 31, 90.3, 150, 190, 78.9,
)  # fmt: skip
NATIONAL: tuple[Cell, ...] = (
    74, 590, 12.5, 516, 45, 32, 63, 590, 80, 13.6, 510, 86.4, 80, 70, 87.5, 10, 12.5, 59, 74, 79.7, 440, 590, 74.6,
)  # fmt: skip
NONE_HERE: tuple[Cell, ...] = (".",) * len(ITEMS)

Team: TypeAlias = tuple[str, str, str, str, tuple[Cell, ...]]
TEAMS: tuple[Team, ...] = (
    ("Team type", "", "", "National", NATIONAL),
    (ROUTINE, "Kent and Medway", "Dartford and Gravesham NHS Trust", "Darent Valley Hospital", DARENT_VALLEY),
    (
        ROUTINE,
        "Kent and Medway",
        "Maidstone and Tunbridge Wells NHS Trust",
        "Maidstone District General Hospital",
        MAIDSTONE,
    ),
    (
        ROUTINE,
        "Kent and Medway",
        "East Kent Hospitals University NHS Foundation Trust",
        "Invicta Ward Kent and Canterbury Hospital ",
        INVICTA,
    ),
    (
        NON_ROUTINE,
        "Kent and Medway",
        "East Kent Hospitals University NHS Foundation Trust",
        "Kent and Canterbury Hospital",
        NONE_HERE,
    ),
)


def changed(figures: Sequence[Cell], **items: Cell) -> tuple[Cell, ...]:
    """Figures with some items changed, each named by the last number of its reference: i74=99.0."""
    places = {reference.split(".")[1]: place for place, (_, reference, _, _) in enumerate(ITEMS)}
    new = list(figures)
    for name, value in items.items():
        new[places[name.removeprefix("i")]] = value
    return tuple(new)


def items_down(teams: Sequence[Team] = TEAMS, periods: Sequence[str] = ()) -> Rows:
    """A portfolio's sheet with items down; with periods, each team is printed once for each."""
    columns = [(team, period) for team in teams for period in (periods or [""])]
    labels = list(zip(*(team[:3] for team, _ in columns), strict=True))
    rows: Rows = [["", "", "", "", *label] for label in labels]
    rows.append(["Category", "Item Reference", "Item", "Data type", *(team[3] for team, _ in columns)])
    if periods:
        rows.append(["Time period:", "", "", "", *(period for _, period in columns)])
    rows += [[*item, *(team[4][place] for team, _ in columns)] for place, item in enumerate(ITEMS)]
    return rows


def teams_down(teams: Sequence[Team] = TEAMS, period: str = "Apr 2022-Mar 2023") -> Rows:
    """The same as the annual extract has it: a title column, four heading rows, one row a team and year."""
    heads = ("Category", "Item Reference", "Item", "Data type")
    rows: Rows = [
        [
            "Made up",
            "",
            "",
            head,
            "Time period:" if head == "Item" else "x",
            "",
            *(item[place] for item in ITEMS),
        ]
        for place, head in enumerate(heads)
    ]
    rows += [[*team[:4], period, "4 out of 4", *team[4]] for team in teams]
    return rows


def workbook(name: str, sheets: dict[str, Rows]) -> RawFile:
    """A workbook of these sheets."""
    book = Workbook()
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.remove(book["Sheet"])
    stream = io.BytesIO()
    book.save(stream)
    return RawFile(name, stream.getvalue())


def csv_file(name: str, rows: Iterable[Sequence[Cell]], encoding: str = "utf-8") -> RawFile:
    """A comma-separated file of these rows."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return RawFile(name, stream.getvalue().encode(encoding))


SUMMARY_TEAMS: Rows = [
    ["SSNAP Scoring Summary:", ROUTINE, f"{ROUTINE}.1", NON_ROUTINE, f"{ROUTINE}.2"],
    ["ISDN", "Kent and Medway", "Kent and Medway", "Kent and Medway", "Wales"],
    [
        "Trust",
        "Dartford and Gravesham NHS Trust",
        "East Kent Hospitals University NHS Foundation Trust",
        "East Kent Hospitals University NHS Foundation Trust",
        "Betsi Cadwaladr University Health Board",
    ],
    [
        "Team",
        "Darent  Valley Hospital ",
        "Invicta Ward Kent and Canterbury Hospital",
        "Kent and Canterbury Hospital",
        "Maelor Hospital",
    ],
]
SUMMARY_MEASURES: Rows = [
    ["SSNAP level", "B", "A", "TFP", "X"],
    ["SSNAP score", 70.0, "81.5", "Too few to report", "Insufficient records"],
    ["Patient-centred Domain levels: 1) Scanning", "A", "A", "B", "Insufficient records"],
    ["Patient-centred Domain levels: 3) Thrombolysis", "C", "B", "A", "Insufficient records"],
    ["Team-centred Domain levels: 3) Thrombolysis", "D", "A", "", "."],
    ["Team-centred SSNAP level Team-centred SSNAP level \n(after adjustments)", "B", "A", "TFP", "X"],
    ["SSNAP levels: Combined Total Key Indicator levels:", "", "", "", ""],
    ["A - 1 teams (25%) A - 1 teams (25%)", "", "", "", ""],
]


def scoring_summary(
    name: str = "JulSep2024.csv", measures: Rows | None = None, encoding: str = "utf-8"
) -> RawFile:
    """A Scoring Summary as CSV."""
    return csv_file(name, [*SUMMARY_TEAMS, *(measures or SUMMARY_MEASURES)], encoding)


def with_measure(label: str, *figures: Cell) -> Rows:
    """The made-up measures with one row's figures replaced."""
    rows = [row for row in SUMMARY_MEASURES if row[0] != label]
    return [[label, *figures], *rows]


def as_workbook_sheet(rows: Sequence[Sequence[Cell]]) -> Rows:
    """CSV rows of a Scoring Summary as the workbook has them: A category, C item, teams from F.

    A category that spans rows stands only in the first of them, as a merged cell does.
    """
    sheet: Rows = []
    last = ""
    for number, (label, *figures) in enumerate(rows):
        category, item = _split(str(label))
        if number == 0:
            sheet.append([label, "", "", "", "", *figures])
            continue
        sheet.append(["" if category == last else category, "", item, "", "", *figures])
        last = category
    return sheet


def _split(label: str) -> tuple[str, str]:
    for mark in (" Domain levels: ", "completed: ", "at 6m: ", "SSNAP levels: ", "bands: "):
        if mark in label:
            category, item = label.split(mark, 1)
            return f"{category}{mark.rstrip()}", item
    for words in ("Patient-centred KI level", "Team-centred KI level"):
        if label.startswith(words):
            return words, label.removeprefix(words).strip()
    for words in ("Patient-centred SSNAP level", "Team-centred SSNAP level"):
        if label.startswith(words):
            return words, label.removeprefix(words).strip()
    return "", label
