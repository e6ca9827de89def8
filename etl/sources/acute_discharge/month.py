"""The monthly workbook's `Table 2`: three columns a day for England, regions, boards and trusts.

Regions are the sums of their trusts and of their boards in those who are ready, and England is the sum of the regions,
in every file seen: a row or a day that is lost or has moved contradicts one of them. Boards and trusts are printed
without discharges to hospices, so that those discharged and remaining differ a little from their region's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from db.catalogue import load_catalogue
from db.catalogue.policy_dates import ICB_START
from db.domain import ENGLAND, Basis, Finding, OrganisationType, Period, Severity
from db.reading.spreadsheets import Row, Worksheet, is_blank_row, normalise_label, number, text_of
from etl.reading.codes import organisation_code
from etl.source import LayoutError
from etl.sources.acute_discharge.daily_series import day_in_cell
from etl.sources.acute_discharge.days import LABELS, DailyRow, Days, as_sent, contradicting_day

MONTH_SHEET, ENGLAND_ROW = "table 2", "england (type 1 trusts)"
_REGION, _CODE, _NAME, _FIRST = 1, 2, 3, 4
_HEADS = {"icb code": OrganisationType.ICB, "org code": OrganisationType.TRUST}
_DATES_BY, _FEWEST_DATES = 8, 28
_EXAMPLES = 6


@dataclass(frozen=True)
class MonthOfDays:
    """A month's rows, and what is to be told of days that were not sent in."""

    month: Period
    rows: tuple[DailyRow, ...]
    findings: tuple[Finding, ...]


def read_month_of_days(sheet: Worksheet) -> MonthOfDays:
    """A month of `Table 2`, wherever its dates stand. Raises LayoutError naming the row."""
    index, columns, month = _dates(sheet)
    parts = _parts(sheet, index + 2, columns)
    _check_sums(sheet, parts, month)
    england = parts[OrganisationType.COUNTRY][0][2].days
    closed = ~(england[:, 0] > 0)
    boards, trusts = (
        [_sent(row, closed) for _, _, row in parts[kind]]
        for kind in (OrganisationType.ICB, OrganisationType.TRUST)
    )
    areas = [
        _sent(row, closed)
        for kind in (OrganisationType.COUNTRY, OrganisationType.REGION)
        for _, _, row in parts[kind]
    ]
    boards = [replace(board, note=_without(board.code, trusts, month)) for board in boards]
    noughts = [
        row.code for _, _, row in parts[OrganisationType.TRUST] if ((row.days[:, 0] == 0) & ~closed).any()
    ]
    findings = tuple(_findings(month, np.flatnonzero(closed).tolist(), trusts, noughts))
    return MonthOfDays(month, (*areas, *boards, *trusts), findings)


def _dates(sheet: Worksheet) -> tuple[int, list[int], Period]:
    """The row of dates, the first column of each day, and the month. A date stands over the first of three columns."""
    by_row = [
        {column: day for column, cell in enumerate(row) if (day := day_in_cell(cell)) is not None}
        for row in sheet.rows[:_DATES_BY]
    ]
    index, found = next(
        ((index, dates) for index, dates in enumerate(by_row) if len(dates) >= _FEWEST_DATES), (0, {})
    )
    if not found:
        raise LayoutError(sheet.where(), "a row of the days of a month on top", "none")
    days = list(found.values())
    month = Period.month(days[0].year, days[0].month)
    wanted = [month.start.replace(day=number + 1) for number in range(month.end.day)]
    if days != wanted:
        raise LayoutError(
            sheet.where(index),
            f"the {len(wanted)} days of {month.label}, each once, in order",
            f"{len(days)} dates, {days[0]} to {days[-1]}",
        )
    labels = [normalise_label(label) for label in LABELS]
    columns = list(found)
    for place, column in enumerate(columns):
        after = columns[place + 1] if place + 1 < len(columns) else column + len(LABELS)
        own = [normalise_label(sheet.cell(index + 1, at)) for at in range(column, after)]
        if own != labels:
            shown = " | ".join(own)
            wanted_labels = f"three columns for {days[place]}: {' | '.join(labels)}"
            raise LayoutError(sheet.where(index + 1), wanted_labels, shown)
    return index, columns, month


_Part = tuple[int, str, DailyRow]


def _parts(sheet: Worksheet, first: int, columns: Sequence[int]) -> dict[OrganisationType, list[_Part]]:
    """The rows by kind, each with its index and region: England and regions first, boards and trusts under headings."""
    regions = {
        item.name.casefold(): item.code
        for item in load_catalogue().organisations.values()
        if item.type is OrganisationType.REGION
    }
    parts: dict[OrganisationType, list[_Part]] = defaultdict(list)
    kind: OrganisationType = OrganisationType.COUNTRY
    seen: dict[str, int] = {}
    for index in range(first, len(sheet.rows)):
        row = sheet.rows[index]
        if is_blank_row(row):
            continue
        head = _HEADS.get(normalise_label(row[_CODE]))
        if head is not None:
            kind = head
            continue
        code, name = text_of(row[_CODE]), text_of(row[_NAME])
        region = name if kind is OrganisationType.COUNTRY else text_of(row[_REGION])
        of = kind
        if kind is not OrganisationType.COUNTRY:
            own, basis = organisation_code(code, sheet.where(index), name), Basis.PROVIDER
        elif name.casefold() == ENGLAND_ROW:
            own, basis, name = ENGLAND, Basis.NATIONAL, "England"
        else:
            own, basis, of = regions.get(name.casefold(), ""), Basis.PROVIDER, OrganisationType.REGION
        if own != ENGLAND and region.casefold() not in regions:
            raise LayoutError(sheet.where(index), "a region's name, such as SOUTH EAST", f"'{region}'")
        if own in seen:
            raise LayoutError(sheet.where(index), f"{own} once", f"also in row {seen[own] + 1}")
        seen[own] = index
        parts[of].append(
            (
                index,
                regions.get(region.casefold(), ""),
                DailyRow(own, name, basis, _counts(sheet, index, row, columns)),
            )
        )
    lacking = [
        kind.value
        for kind in (OrganisationType.COUNTRY, OrganisationType.REGION, *_HEADS.values())
        if not parts[kind]
    ]
    if lacking:
        raise LayoutError(
            sheet.where(), "rows of England, regions, ICBs and trusts", f"none of the kind {lacking[0]}"
        )
    return parts


def _counts(sheet: Worksheet, index: int, row: Row, columns: Sequence[int]) -> Days:
    """A row's three counts of every day, NaN where there is a dash. Raises LayoutError where they do not agree."""
    where = sheet.where(index)
    days = np.array([[number(cell, where) for cell in row[at : at + len(LABELS)]] for at in columns])
    wrong = contradicting_day(days)
    if wrong is not None:
        wanted = f"counts of day {wrong + 1} that agree: ready less discharged is remaining, or dashes"
        raise LayoutError(where, wanted, ", ".join(f"{count:g}" for count in days[wrong]))
    return days


def _check_sums(sheet: Worksheet, parts: dict[OrganisationType, list[_Part]], month: Period) -> None:
    """Raise LayoutError where England is not the sum of regions, or a region that of its boards or trusts."""
    index, _, england = parts[OrganisationType.COUNTRY][0]
    regions = parts[OrganisationType.REGION]
    _check_sum(sheet, index, england.days, [row for *_, row in regions], "the sum of the regions")
    for index, code, region in regions:
        for kind in (OrganisationType.ICB, OrganisationType.TRUST):
            own = [row for _, of, row in parts[kind] if of == code]
            words = f"the sum of its {kind.plural}"
            _check_sum(sheet, index, region.days[:, :1], own, words)


def _check_sum(sheet: Worksheet, index: int, whole: Days, parts: Sequence[DailyRow], words: str) -> None:
    width = whole.shape[1]
    total = np.nansum([part.days[:, :width] for part in parts], axis=0) if parts else np.zeros_like(whole)
    wrong = np.nan_to_num(whole) != total
    if wrong.any():
        day, column = (int(found[0]) for found in np.nonzero(wrong))
        wanted = f"{total[day, column]:g} on day {day + 1}, {words}"
        raise LayoutError(sheet.where(index), wanted, f"{whole[day, column]:g}")


def _sent(row: DailyRow, closed: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> DailyRow:
    """A row without days on which nobody at all sent anything, and without days of nought."""
    return replace(row, days=as_sent(np.where(closed[:, None], np.nan, row.days)))


def _without(board: str, trusts: Sequence[DailyRow], month: Period) -> str:
    """Which of a board's trusts sent nothing on some days, so that its figures are without them."""
    known, day = load_catalogue().organisations, max(month.start, ICB_START)
    most = max((row.sent for row in trusts), default=0)
    told = [
        f"without {known[row.code].name} on {most - row.sent} days"
        for row in trusts
        if row.code in known
        and row.sent < most
        and any(parent.code == board and parent.in_force(day) for parent in known[row.code].parents)
    ]
    return "; ".join(told)


def _findings(
    month: Period, closed: Sequence[int], trusts: Sequence[DailyRow], noughts: Sequence[str]
) -> Iterator[Finding]:
    if len(closed):
        days = ", ".join(str(day + 1) for day in closed)
        message = f"{month.label}: England has no figures on day {days}: left out of every mean"
        yield Finding(Severity.WARNING, "days not sent in", message, len(closed))
    most = max((row.sent for row in trusts), default=0)
    short = sorted((row for row in trusts if row.sent < most), key=lambda row: row.sent)
    if short:
        told = ", ".join(f"{row.code} {row.sent} of {most}" for row in short[:_EXAMPLES])
        more = f" and {len(short) - _EXAMPLES} more" if len(short) > _EXAMPLES else ""
        yield Finding(Severity.WARNING, "days not sent in", f"{month.label}: {told}{more}", len(short))
    if noughts:
        told = ", ".join(noughts[:_EXAMPLES])
        message = f"{month.label}: 0 patients on some days, taken for days not sent in: {told}"
        yield Finding(Severity.WARNING, "days of nought", message, len(noughts))
