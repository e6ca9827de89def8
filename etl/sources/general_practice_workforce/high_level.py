"""The tidy "High level" table: one row a practice, staff group, role and measure, without registered patients.

It is read only where there is no detailed table of its month. No rate can be formed from it, so its rows carry
full-time equivalents and the reason why there is no value, and they are provisional: the detailed table displaces
them. Headcounts are not read: one person may work in several practices. A total of 0 beside roles above 0, which the
publisher is said to print for some practices, is no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import (
    OBSERVATION_COLUMNS,
    Basis,
    Finding,
    Maturity,
    Organisation,
    OrganisationType,
    Period,
    Severity,
    breakdown_key,
)
from db.reading.spreadsheets import listed, read_csv_text
from etl.reading.codes import organisation_codes
from etl.source import LayoutError, RawFile
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.practices import changed_cells, numbers_of, stripped

_TOTAL, _GP, _NURSES = "total", "gp", "nurses"
_ROLES = {role.casefold(): role for role in words.NURSE_ROLES.values()}


@dataclass(frozen=True)
class HighLevel:
    """A snapshot's canonical rows and its practices, without parents: the file names none."""

    snapshot: Period
    frame: pd.DataFrame
    practices: tuple[Organisation, ...]
    findings: tuple[Finding, ...] = ()


def read_high_level(raw: RawFile, snapshot: Period) -> HighLevel:
    """The tidy practice-level table of one snapshot.

    Raises UnreadableFileError, and LayoutError naming the column or row, what was wanted and what was found.
    """
    text = read_csv_text(raw, (*words.HIGH_LEVEL_COLUMNS, words.NAME))
    text = text[_folded(stripped(text["MEASURE"])).eq("fte")].apply(stripped)
    text = text.assign(**{words.PRACTICE: organisation_codes(text[words.PRACTICE], "a practice code")})
    group, role = _folded(text["STAFF_GROUP"]), _folded(text["DETAILED_STAFF_ROLE"])
    headline = role.eq(_TOTAL) & group.isin({_GP, _NURSES})
    by_role = group.eq(_NURSES) & role.isin(set(_ROLES))
    rows = text[headline | by_role]
    _check_once(rows)
    if not headline.any():
        found = f"{listed(text['STAFF_GROUP'].drop_duplicates())} without it"
        raise LayoutError(raw.name, "the role 'Total' of the staff groups 'GP' and 'Nurses' in FTE", found)
    denied = _denied_totals(text, headline)
    left = text.loc[group.eq(_NURSES) & ~headline & ~by_role, "DETAILED_STAFF_ROLE"].drop_duplicates()
    findings = (*_left_out(left, snapshot), *_distrusted(text.loc[denied], snapshot))
    return HighLevel(snapshot, _frame(rows, snapshot, denied), _practices(rows), findings)


def _folded(column: pd.Series[str]) -> pd.Series[str]:
    return changed_cells(column, lambda cells: cells.str.casefold())


def _check_once(rows: pd.DataFrame) -> None:
    repeated = rows[[words.PRACTICE, "STAFF_GROUP", "DETAILED_STAFF_ROLE"]].apply(_folded).duplicated()
    if repeated.any():
        row = int(rows.index[repeated.to_numpy()][0])
        where = f"row {row + 2}, {rows[words.PRACTICE].loc[row]}"
        raise LayoutError(where, "each practice, staff group and role once", "a second row")


def _denied_totals(text: pd.DataFrame, headline: pd.Series[bool]) -> pd.Index:
    """The rows whose total is 0 although roles of the same practice and staff group are above 0."""
    keys = text[words.PRACTICE] + "|" + _folded(text["STAFF_GROUP"])
    roles = ~_folded(text["DETAILED_STAFF_ROLE"]).eq(_TOTAL)
    fte = pd.to_numeric(text["VALUE"], errors="coerce")
    staffed = set(keys[roles & fte.gt(0)])
    return text.index[headline & fte.eq(0) & keys.isin(staffed)]


def _distrusted(rows: pd.DataFrame, snapshot: Period) -> Iterator[Finding]:
    if len(rows):
        shown = listed(
            f"{code} ({group})" for code, group in zip(rows[words.PRACTICE], rows["STAFF_GROUP"], strict=True)
        )
        message = f"{snapshot.label}: a total of 0 beside roles above 0, so not relied upon: {shown}"
        yield Finding(Severity.WARNING, "totals", message, len(rows))


def _practices(rows: pd.DataFrame) -> tuple[Organisation, ...]:
    pairs = rows[[words.PRACTICE, words.NAME]].drop_duplicates(words.PRACTICE)
    return tuple(
        Organisation(code, name, OrganisationType.PRACTICE) for code, name in pairs.itertuples(index=False)
    )


def _left_out(roles: pd.Series[str], snapshot: Period) -> Iterator[Finding]:
    if len(roles):
        message = f"{snapshot.label}: staff roles of nurses not read: {listed(roles)}"
        yield Finding(Severity.INFORMATION, "staff roles", message, len(roles))


def _frame(rows: pd.DataFrame, snapshot: Period, denied: pd.Index) -> pd.DataFrame:
    distrusted = rows.index.isin(denied)
    fte = numbers_of(rows["VALUE"]).mask(distrusted)
    nurses = _folded(rows["STAFF_GROUP"]).eq(_NURSES)
    coded = changed_cells(rows["VALUE"], lambda cells: cells.str.upper().map(words.no_return)).mask(
        distrusted, words.TOTAL_DENIED
    )
    frame = pd.DataFrame(
        {
            "indicator": np.where(nurses, words.NURSES, words.ALL_GPS),
            "organisation": rows[words.PRACTICE],
            "organisation_name": rows[words.NAME],
            "basis": Basis.PRACTICE.value,
            "period": snapshot.key,
            "breakdown": changed_cells(
                rows["DETAILED_STAFF_ROLE"], lambda cells: cells.str.casefold().map(_breakdown)
            ),
            "numerator": fte,
            "denominator": np.nan,
            "value": np.nan,
            "missing_reason": coded.where(fte.isna(), words.HIGH_LEVEL_REASON),
            "maturity": Maturity.PROVISIONAL.value,
            "derived": False,
        }
    )
    return frame[list(OBSERVATION_COLUMNS)].reset_index(drop=True)


def _breakdown(role: str) -> str:
    return breakdown_key({} if role == _TOTAL else {words.STAFF_ROLE: _ROLES[role]})
