"""A made-up month of delayed transfers of care by local authority, in each layout that the publisher has used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from etl.demo.workbook import Cell, workbook
from etl.source import RawFile

REASONS = (
    *("A) COMPLETION OF ASSESSMENT", "B) PUBLIC FUNDING", "C) WAITING FURTHER NHS NON-ACUTE CARE"),
    *("DI) AWAITING RESIDENTIAL HOME", "DII) AWAITING NURSING HOME", "E) AWAITING CARE PACKAGE IN OWN HOME"),
    *("F) AWAITING COMMUNITY EQUIPMENT", "G) PATIENT OR FAMILY CHOICE", "H) DISPUTES", "I) HOUSING"),
)
SHEETS = ("LA - by Type of Care", "LA - by responsible org", "LA - by reason")
LABELS = (("Acute", "Non-Acute"), ("NHS", "Social Care", "Both"), REASONS)
DASHES = "-"
Rows = list[list[Cell]]
Parts = tuple[Sequence[float], Sequence[float], Sequence[float]]

KENT: Parts = ((2975, 1732), (2969, 1600, 138), (1000, 7, 700, 500, 500, 900, 100, 900, 50, 50))
MEDWAY: Parts = ((418, 144), (409, 140, 13), (100, 2, 60, 100, 100, 100, 20, 70, 5, 5))
WALES: Parts = ((10, 5), (15, 0, 0), (5, 0, 5, 0, 0, 5, 0, 0, 0, 0))
PLACES: Mapping[tuple[str, str, str], Parts | str] = {
    ("820", "E10000016", "Kent"): KENT,
    ("821", "E06000035", "Medway Towns UA"): MEDWAY,
    ("714", "E09000001", "City of London"): DASHES,
    ("9900", "-", "Resident In Wales"): WALES,
}


def authority_sheets(
    period: str = "April 2017",
    *,
    region: bool = True,
    ons: bool = True,
    days_in_month: int = 0,
    basis: str = "Local Authority",
    summary: str = "Number of Delayed Days during the reporting period",
    places: Mapping[tuple[str, str, str], Parts | str] = PLACES,
) -> dict[str, Rows]:
    """The three sheets. Without `region` the first column is SHA; `ons` False leaves its header empty; with
    `days_in_month` the people a day stand beside the days."""
    found: dict[str, Rows] = {}
    for number, (sheet, labels) in enumerate(zip(SHEETS, LABELS, strict=True)):
        head: list[Cell] = [
            None,
            *(["Region", "ONS Geography" if ons else ""] if region else ["SHA"]),
            "Code",
            "Name",
        ]
        twice = bool(days_in_month) and number < 2
        head += [*labels, "TOTAL" if number == 2 else "Total"]
        head += [None, *labels, "Total"] if twice else []
        own = [parts[number] for parts in places.values() if not isinstance(parts, str)]
        england = [sum(column) for column in zip(*own, strict=True)]
        rows: Rows = [
            [
                None,
                *(["-", "-"] if region else ["-"]),
                "-",
                "England",
                *_figures(england, days_in_month * twice),
            ],
            [],
        ]
        for (code, authority, name), parts in places.items():
            keys: list[Cell] = [
                None,
                *(["South East", authority if ons else ""] if region else ["-"]),
                code,
                name,
            ]
            dashes: list[Cell] = [
                *[DASHES] * len(labels),
                0.0,
                *([None, *[DASHES] * len(labels), 0.0] if twice else []),
            ]
            rows.append(
                [
                    *keys,
                    *(dashes if isinstance(parts, str) else _figures(parts[number], days_in_month * twice)),
                ]
            )
        found[sheet] = [*_top(period, basis, summary), head, *rows, [], [None, "Notes:"]]
    return found


def england_sheets(months: Sequence[tuple[str, str, int]]) -> dict[str, Rows]:
    """England's series: financial year, month and its days, with Kent's figures in each."""
    names = ("Delayed Days by type", "Delayed Days by responsible org", "Delayed Days by reason")
    found: dict[str, Rows] = {}
    for number, (sheet, labels) in enumerate(zip(names, LABELS, strict=True)):
        twice = number < 2
        head: list[Cell] = [
            None,
            "Year",
            "Period",
            *labels,
            *(["Total", None, *labels, "Total"] if twice else []),
        ]
        rows: Rows = []
        for year, month, length in months:
            figures = _figures(KENT[number], length * twice)
            rows.append([None, year, month, *(figures if twice else figures[:-1])])
        summary = "Number of Delayed Days during the reporting period"
        found[sheet] = [
            *_top("August 2010 - February 2020", "Provider", summary),
            head,
            [],
            *rows,
            [],
            [None, "Notes:"],
        ]
    return found


def raw(sheets: Mapping[str, Rows], name: str = "LA-Type-B-April-2017.xls") -> RawFile:
    """A workbook of named sheets as it comes."""
    return RawFile(name, workbook(list(sheets.items())))


def _figures(counts: Sequence[float], length: int) -> list[Cell]:
    whole = [*map(float, counts), float(sum(counts))]
    return [*whole, *([None, *(count / length for count in whole)] if length else [])]


def _top(period: str, basis: str, summary: str) -> Rows:
    return [
        [],
        [None, "Title:", "Delayed Transfer of Care, NHS Organisations, England"],
        [None, "Summary:", summary],
        [],
        [None, "Period:", period],
        [None, "Basis:", basis],
        [None, "Published:", "8th June 2017"],
        [None, "Revised:", "14th June 2018"],
        *([] for _ in range(5)),
    ]
