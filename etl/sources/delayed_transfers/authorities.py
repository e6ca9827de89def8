"""A month by local authority of residence, "Type B": three sheets of a row an authority, England first.

England is the sum of the rows, with residents of Scotland, Wales and abroad, in every file and sheet seen. Columns have
moved five times and are found by their labels. Before July 2015 a file has only the publisher's own codes of
authorities; `authorities.csv` says which authority of the ONS each is, as the later files print it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from db.catalogue import load_catalogue
from db.catalogue.organisation_files import read_rows
from db.domain import ENGLAND, Basis, OrganisationType, Period
from db.reading.spreadsheets import Cell, Header, Worksheet, find_header, number, text_of
from etl.source import LayoutError
from etl.sources.delayed_transfers.days import (
    CARE,
    RESPONSIBLE,
    TOTAL,
    DelayedDays,
    check_daily,
    check_parts,
    reason_columns,
)

BY_CARE, BY_ORGANISATION, BY_REASON = "la - by type of care", "la - by responsible org", "la - by reason"
CODES = "authorities.csv"
_ABROAD = frozenset({"9900", "9901", "9902"})
_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, eq=False)
class _Line:
    """A row of a sheet: its place, the authority, and its counts by label."""

    where: str
    own_code: str
    code: str
    name: str
    counts: Mapping[str, float]


def read_authorities(sheets: dict[str, Worksheet], month: Period) -> list[DelayedDays]:
    """England's row, every authority's, and sums of ours for statistical regions. Raises LayoutError."""
    lacking = [name for name in (BY_CARE, BY_ORGANISATION, BY_REASON) if name not in sheets]
    if lacking:
        found = ", ".join(sheet.name for sheet in sheets.values())
        raise LayoutError("", f"a sheet '{lacking[0]}'", found)
    care = _lines(sheets[BY_CARE], month, [*CARE, TOTAL])
    responsible = _lines(sheets[BY_ORGANISATION], month, [*RESPONSIBLE, TOTAL])
    reasons = _lines(sheets[BY_REASON], month, None)
    rows = []
    for key, line in care.items():
        for other in (responsible, reasons):
            if key not in other:
                raise LayoutError(line.where, f"{line.name} in each of the three sheets", "only some")
            if not np.array_equal(other[key].counts[TOTAL], line.counts[TOTAL], equal_nan=True):
                wanted = f"a total of {line.counts[TOTAL]:.10g} days, as in sheet '{sheets[BY_CARE].name}'"
                raise LayoutError(other[key].where, wanted, f"{other[key].counts[TOTAL]:.10g}")
        if line.own_code not in _ABROAD:
            basis = Basis.NATIONAL if line.code == ENGLAND else Basis.RESIDENCE
            parts = (line.counts, responsible[key].counts, reasons[key].counts)
            rows.append(DelayedDays(line.code, line.name, basis, *parts))
    return [*rows, *_regions(rows, month)]


def _lines(sheet: Worksheet, month: Period, labels: Sequence[str] | None) -> dict[str, _Line]:
    """The rows by the publisher's code, England's under its name; `labels` None stands for the reasons."""
    header = find_header(sheet, "Code", "Name")
    columns = reason_columns(header) if labels is None else {name: header.column(name) for name in labels}
    columns.setdefault(TOTAL, header.column(TOTAL))
    people = header.positions(TOTAL)[1:2]
    found: dict[str, _Line] = {}
    for index, row in header.body():
        code, name = (text_of(row[header.column(label)]) for label in ("Code", "Name"))
        if not code:
            break
        where = f"{sheet.where(index)} ({name})"
        counts = {label: number(row[at], where) for label, at in columns.items()}
        if any(count < 0 or count != np.floor(count) for count in counts.values() if not np.isnan(count)):
            raise LayoutError(
                where,
                "whole numbers of days, 0 or more",
                ", ".join(f"{count:g}" for count in counts.values()),
            )
        total = counts[TOTAL]
        dashes = [name for name, count in counts.items() if np.isnan(count)]
        if dashes and total > 0:
            raise LayoutError(where, f"a count of '{dashes[0]}' beside a total of {total:g}", "none")
        if dashes:
            counts = dict.fromkeys(counts, np.nan)
        else:
            check_parts(where, counts, total)
            if people:
                check_daily(where, total, number(row[people[0]], where), month)
        key = ENGLAND if name.casefold() == "england" else code
        if key in found:
            raise LayoutError(where, f"code {code} once", f"also in {found[key].where}")
        own = ENGLAND if key == ENGLAND else _authority(header, row, code, where)
        found[key] = _Line(where, code, own, name, counts)
    _check_england(sheet, found)
    return found


def _check_england(sheet: Worksheet, found: Mapping[str, _Line]) -> None:
    if ENGLAND not in found or len(found) < 2:
        raise LayoutError(sheet.where(), "England's row and rows of authorities", f"{len(found)} rows")
    england = found[ENGLAND]
    for label, count in england.counts.items():
        added = float(np.nansum([line.counts[label] for key, line in found.items() if key != ENGLAND]))
        if added != count:
            raise LayoutError(
                england.where, f"{added:.10g} in '{label}', the sum of the rows", f"{count:.10g}"
            )


def _authority(header: Header, row: Sequence[Cell], code: str, where: str) -> str:
    """The ONS code of a row's authority, "" for residents of other nations. Raises LayoutError for an unknown one."""
    if code in _ABROAD:
        return ""
    known = authority_codes()
    printed = text_of(row[header.column("ONS Geography")]) if header.has("ONS Geography") else ""
    catalogue, own = load_catalogue(), printed or known.get(code, "")
    if own != known.get(code, own) and not any(
        (item.predecessor, item.successor) == (known[code], own) for item in catalogue.successions
    ):
        raise LayoutError(where, f"the ONS code {known[code]} of {code}", f"'{printed}'")
    if own not in catalogue.organisations:
        raise LayoutError(where, "the code of an upper-tier authority", f"'{printed or code}'")
    return own


@lru_cache(maxsize=1)
def authority_codes() -> Mapping[str, str]:
    """The ONS code of each authority by the publisher's code."""
    return {
        row.text("code"): row.code("authority") for row in read_rows(_FOLDER / CODES, ("code", "authority"))
    }


def _added(parts: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {label: sum(part[label] for part in parts) for label in parts[0]}


def _regions(rows: Sequence[DelayedDays], month: Period) -> list[DelayedDays]:
    """Sums for the statistical regions of which every authority of the day has figures."""
    known = load_catalogue().organisations
    by_code = {row.code: row for row in rows if row.published}
    found = []
    for region in (item for item in known.values() if item.type is OrganisationType.STATISTICAL_REGION):
        members = [
            item.code
            for item in known.values()
            if any(parent.code == region.code for parent in item.parents)
            and (item.opened_on is None or item.opened_on <= month.start)
            and (item.closed_on is None or item.closed_on >= month.start)
        ]
        own = [by_code[code] for code in members if code in by_code]
        if own and len(own) == len(members):
            found.append(
                DelayedDays(
                    region.code,
                    region.name,
                    Basis.RESIDENCE,
                    _added([row.care for row in own]),
                    _added([row.responsible for row in own]),
                    _added([row.reasons for row in own]),
                    derived=True,
                )
            )
    return found
