"""A made-up month of the acute discharge situation report: one region, two boards, three trusts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from etl.demo.workbook import Cell, workbook
from etl.source import RawFile

LABELS = (
    "Number of patients who no longer meet the criteria to reside",
    "Number of patients discharged",
    "Number of patients remaining in hospital who no longer meet the criteria to reside",
)
TRUSTS = {"RVV": "QKS", "RPA": "QKS", "RTP": "QXU"}
Rows = list[list[Cell]]
Counts = tuple[float, float]


def triples(days: Sequence[Counts | None]) -> list[Cell]:
    """Those ready and remaining of each day as three cells; None is a day that was not sent in."""
    return [
        cell for day in days for cell in (("-",) * 3 if day is None else (day[0], day[0] - day[1], day[1]))
    ]


def month_rows(
    trusts: Mapping[str, Sequence[Counts | None]], first: date, *, above: int = 3, closed: Sequence[int] = ()
) -> Rows:
    """`Table 2` of a month: sums above the trusts, the dates in the row after `above - 1` others."""
    length = len(next(iter(trusts.values())))

    def added(codes: Sequence[str]) -> list[Counts | None]:
        found: list[Counts | None] = []
        for day in range(length):
            own = [item for code in codes if (item := trusts[code][day]) is not None]
            found.append((sum(item[0] for item in own), sum(item[1] for item in own)))
        return [(0, 0) if place in closed else item for place, item in enumerate(found)]

    days = [first + timedelta(days=place) for place in range(length)]
    everybody = triples(added(list(trusts)))
    boards = {board: [code for code in trusts if TRUSTS[code] == board] for board in TRUSTS.values()}
    return [
        *([] for _ in range(above - 1)),
        [None, None, None, None, *(cell for day in days for cell in (day, None, None))],
        [None, "Notes: as published", None, None, *(LABELS * length)],
        [None, None, None, "ENGLAND (Type 1 Trusts)", *everybody],
        [None, None, None, "SOUTH EAST", *everybody],
        [],
        [None, "Region", "ICB Code", "ICB Name"],
        *(
            [None, "SOUTH EAST", code, f"NHS {code}", *triples(added(own))]
            for code, own in boards.items()
            if own
        ),
        [],
        [None, "Region", "Org Code", "Org Name"],
        *([None, "SOUTH EAST", code, f"TRUST {code}", *triples(own)] for code, own in trusts.items()),
    ]


def cover_rows(first: date, last: date, *, title: str = "Acute Daily Discharge Situation Report ") -> Rows:
    """The cover sheet, published on 8 February 2024."""
    return [
        [],
        [None, "Title:", title],
        [None, "Summary:", "Unvalidated management information."],
        [None, "Period:", first, "-", last],
        [None, "Published:", date(2024, 2, 8)],
        [None, "Revised:", "-"],
    ]


def raw(sheets: Mapping[str, Rows], name: str = "acute.xlsx") -> RawFile:
    """A workbook of named sheets as it comes."""
    return RawFile(name, workbook(list(sheets.items())))
