"""What each organisation was part of, and when, from ODS files and from what a person reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from db.catalogue.organisation_files import (
    ORGANISATION_COLUMNS,
    ORGANISATIONS,
    PARENTS,
    read_rows,
)
from db.catalogue.policy_dates import ICB_START
from db.domain import Organisation, OrganisationType, Succession
from etl.reference.ods import (
    OdsRow,
    commissioner_type,
    read_lookup,
)
from etl.source import LayoutError

_DAY = timedelta(days=1)
ParentRow = tuple[str, str, date | None, date | None]


def trust_parents(
    vintages: Sequence[tuple[date, Mapping[str, OdsRow]]], organisations: Mapping[str, Organisation]
) -> Iterator[ParentRow]:
    """Each trust's present region, and its ICBs since ICBs began."""
    latest = {code: row for _, rows in vintages for code, row in rows.items()}
    for code, row in latest.items():
        yield code, row.region, None, None
        seen = [(day, rows[code]) for day, rows in vintages if day >= ICB_START and code in rows]
        yield from _board_spans(organisations[code], seen, organisations)


def _board_spans(
    trust: Organisation, seen: Sequence[tuple[date, OdsRow]], organisations: Mapping[str, Organisation]
) -> Iterator[ParentRow]:
    """A trust's ICBs one after another: each until it closed, which is the day of every change known so far."""
    start = max(trust.opened_on or ICB_START, ICB_START)
    boards = list(dict.fromkeys(row.board for _, row in seen if row.board))
    for number, board in enumerate(boards):
        row = next(row for _, row in seen if row.board == board)
        if board not in organisations or organisations[board].type is not OrganisationType.ICB:
            raise LayoutError(
                f"{row.where}, field 4", f"an ICB of the lookup or of reviewed/{ORGANISATIONS}", board
            )
        closed_on = organisations[board].closed_on
        if number + 1 < len(boards) and closed_on is None:
            wanted = f"the day on which {trust.code} left {board}, as its closing in reviewed/{ORGANISATIONS}"
            raise LayoutError(f"{row.where}, field 4", wanted, "none")
        end = min((day for day in (closed_on, trust.closed_on) if day), default=None)
        if end is None or start <= end:
            yield trust.code, board, start, end
        if closed_on:
            start = max(start, closed_on + _DAY)


def commissioner_parents(
    rows: Iterable[OdsRow], organisations: Mapping[str, Organisation], extra: Sequence[Succession]
) -> Iterator[ParentRow]:
    """Each commissioner's region, and the ICBs of those that became sub-ICB locations."""
    for row in rows:
        kind = commissioner_type(row)
        if kind is OrganisationType.CCG:
            yield row.code, row.region, None, None
        elif kind is OrganisationType.SUB_ICB_LOCATION:
            if row.opened_on is None or row.opened_on < ICB_START:
                yield row.code, row.region, None, ICB_START - _DAY
            yield from _location_boards(row, organisations, extra)


def _location_boards(
    row: OdsRow, organisations: Mapping[str, Organisation], extra: Sequence[Succession]
) -> Iterator[ParentRow]:
    """A location's ICB, and that which took over the whole of it; where an ICB was split, `reviewed/` knows."""
    board, start = row.board, max(row.opened_on or ICB_START, ICB_START)
    while board:
        if board not in organisations:
            raise LayoutError(
                f"{row.where}, field 4", f"an ICB of the lookup or of reviewed/{ORGANISATIONS}", board
            )
        closed_on = organisations[board].closed_on
        yield row.code, board, start, closed_on
        if closed_on is None:
            return
        whole = [item.successor for item in extra if item.predecessor == board]
        board, start = (whole[0] if len(whole) == 1 else ""), closed_on + _DAY


def board_parents(path: Path, organisations: Mapping[str, Organisation]) -> Iterator[ParentRow]:
    """Each ICB's region, from the lookup of locations."""
    for board, region in read_lookup(path, ("ICB22CDH", "NHSER22CDH")):
        if board not in organisations:
            raise LayoutError(f"{path.name}, ICB22CDH", "an ICB of the lookup of ICB names", board)
        yield board, region, ICB_START, organisations[board].closed_on


def reviewed_parents(path: Path) -> Iterator[ParentRow]:
    """The parents that a person typed, each with its source."""
    for row in read_rows(path, (*ORGANISATION_COLUMNS[PARENTS], "source")):
        row.text("source")
        yield (
            row.code("code"),
            row.code("parent"),
            row.day_or_none("effective_from"),
            row.day_or_none("effective_to"),
        )
