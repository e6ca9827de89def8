"""One snapshot's practices: where each belongs, its registered patients, its staff, and why staff are missing.

Columns are found by name: positions move with every edition, and names come and go. Files are read as text, since
`NA` means "no return" in a count and could be part of a code elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import Finding, Period, Severity
from db.reading.spreadsheets import (
    Header,
    Worksheet,
    first_csv_row,
    header_at,
    listed,
    normalise_label,
    read_csv_text,
    without_thousands,
)
from etl.reading.codes import organisation_codes
from etl.source import LayoutError, RawFile
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.contradictions import (
    columns_to_check,
    contradictions,
    disputed_places,
)

_EXAMPLES = 3
_ROUNDING = 0.005
_NURSES_OF_A_ROLE = re.compile(r"total_n_\w+_fte")
_UNPLACED_CODES = words.NO_RETURN_CODES | {"UNALIGNED", "UNKNOWN"}


@dataclass(frozen=True)
class Practices:
    """A snapshot's table.

    `table` has one row a practice: code, name, patients (NaN where not given), commissioner, board and region with
    their names ("" where not given); gp_reason and nurse_reason ("" for a valid return).
    `staff` maps an indicator and a staff role ("" for all roles) to full-time equivalents in the table's order, NaN
    where that practice's are missing; it lacks nurses where the census did not ask for them.
    `commissioners_given` says whether the file has a column of commissioners (`SUB_ICB_CODE`, `CCG_CODE`).
    """

    snapshot: Period
    table: pd.DataFrame
    staff: dict[tuple[str, str], pd.Series[float]]
    findings: tuple[Finding, ...] = ()
    commissioners_given: bool = True


@dataclass(frozen=True)
class _Columns:
    """The columns of this file that are read, by what they are for."""

    places: dict[str, tuple[str, str]]
    sources: tuple[str, ...]
    gps: tuple[str, ...]
    roles: tuple[str, ...]
    nurses: tuple[str, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        return (words.PATIENTS, *self.gps, *self.nurses, *self.roles)

    @property
    def labels(self) -> tuple[str, ...]:
        places = [name for pair in self.places.values() for name in pair if name]
        return (words.PRACTICE, words.NAME, *places, *self.sources)

    @property
    def wanted(self) -> tuple[str, ...]:
        return (*self.labels, *self.numbers)


def read_detailed(raw: RawFile, snapshot: Period) -> Practices:
    """The wide practice-level table of one snapshot.

    Raises UnreadableFileError, and LayoutError naming the column or row, what was wanted and what was found.
    """
    header = header_at(Worksheet("", [first_csv_row(raw)]), 0)
    columns = _columns(header, snapshot)
    text = read_csv_text(raw, tuple(dict.fromkeys((*columns.wanted, *columns_to_check(header)))))
    text = text[(text != "").any(axis=1)]
    text = text.assign(**{name: stripped(text[name]) for name in columns.labels})
    if text.empty:
        raise LayoutError("row 2", "a row for each practice", "none")
    text = text.assign(**{words.PRACTICE: organisation_codes(text[words.PRACTICE], "a practice code")})
    twice = text[words.PRACTICE].duplicated()
    if twice.any():
        raise _fault(text[words.PRACTICE], twice, "each practice once", "'{}' a second time")
    numbers = {name: numbers_of(text[name]) for name in columns.numbers}
    table = _table(text, columns, numbers[words.PATIENTS])
    gps = _gp_definitions(columns, numbers)
    roles = {words.NURSE_ROLES.get(name, ""): numbers[name] for name in (*columns.nurses, *columns.roles)}
    totals = [numbers[name] for name in columns.gps if name in words.GP_TOTALS]
    table["gp_reason"] = _reasons(text, words.GP_SOURCE, totals, gps[words.FULLY_QUALIFIED], snapshot)
    table["nurse_reason"] = (
        _reasons(text, words.NURSE_SOURCE, [roles[""]], roles[""], snapshot)
        if columns.nurses
        else words.NOT_COLLECTED
    )
    staff = {(name, ""): fte.where(table["gp_reason"].eq("")) for name, fte in gps.items()}
    staff |= {(words.NURSES, role): fte.where(table["nurse_reason"].eq("")) for role, fte in roles.items()}
    findings = (
        *_unknown_roles(header, snapshot),
        *contradictions(text, columns.numbers, snapshot),
        *disputed_places(table, snapshot),
        *_unknown_sources(text, columns, snapshot),
    )
    return Practices(snapshot, table, staff, findings, commissioners_given="commissioner" in columns.places)


def stripped(column: pd.Series[str]) -> pd.Series[str]:
    """The cells without spaces around them."""
    return changed_cells(column, lambda cells: cells.str.strip())


def changed_cells(
    column: pd.Series[str], change: Callable[[pd.Series[str]], pd.Series[str]]
) -> pd.Series[str]:
    """The cells of a column, each changed alike. Most repeat, so each different one is changed once."""
    codes, cells = pd.factorize(column)
    changed = change(pd.Series(cells, dtype=column.dtype))
    return changed.take(codes).set_axis(column.index)


def _columns(header: Header, snapshot: Period) -> _Columns:
    places: dict[str, tuple[str, str]] = {}
    for kind, spellings in words.PLACES.items():
        for code, name in spellings:
            if header.has(code):
                places.setdefault(kind, (code, name if header.has(name) else ""))
    sources = tuple(name for name in (words.GP_SOURCE, words.NURSE_SOURCE) if header.has(name))
    roles = tuple(name for name in words.NURSE_ROLES if header.has(name))
    nurses: tuple[str, ...] = (words.NURSE_TOTAL,)
    if snapshot.end in words.GP_ONLY_CENSUSES:
        nurses, roles = (), ()
    return _Columns(places, sources, _gp_columns(header), roles, nurses)


def _gp_columns(header: Header) -> tuple[str, ...]:
    """The columns that the three definitions of GPs need.

    Files since 2020, and older ones issued again, have EXTG and EXTGL. The originals of 2015 to 2019 have EXR, EXRL
    and EXRRL, which leave foundation doctors in and retainers in or out: from them each definition is made by
    taking trainees and locums off the total.
    """
    modern = (words.FULLY_QUALIFIED_COLUMN, words.QUALIFIED_PERMANENT_COLUMN)
    if any(map(header.has, modern)):
        return (words.GP_TOTAL, *modern)
    registrars = [name for name in words.OLD_REGISTRARS if header.has(name)]
    if not registrars:
        header.column(words.FULLY_QUALIFIED_COLUMN)
    return (words.GP_TOTAL, *registrars, words.OLD_FOUNDATION, *words.LOCUMS)


def _fault(column: pd.Series[str], wrong: pd.Series[bool], wanted: str, found: str = "'{}'") -> LayoutError:
    """The error for the first wrong cell of a column."""
    row = int(wrong.index[wrong.to_numpy()][0])
    return LayoutError(f"row {row + 2}, column {column.name}", wanted, found.format(column.loc[row]))


def numbers_of(column: pd.Series[str]) -> pd.Series[float]:
    """A column as numbers, NaN where a code for "no return" stands. Raises LayoutError for anything else."""
    values = pd.to_numeric(column, errors="coerce").astype(float)
    if ((values >= 0) & (values < np.inf)).all():
        return values
    other = column[values.isna()].str.strip()
    values[other.index] = pd.to_numeric(other.map(without_thousands), errors="coerce").astype(float)
    coded = other[values[other.index].isna() & other.str.upper().isin(words.NO_RETURN_CODES)].index
    wrong = ~(values >= 0) | values.eq(np.inf)
    wrong[coded] = False
    if wrong.any():
        codes = listed(sorted(words.NO_RETURN_CODES - {""}))
        raise _fault(column, wrong, f"a number of 0 or more, or one of the codes {codes}")
    values[coded] = np.nan
    return values


def _table(text: pd.DataFrame, columns: _Columns, patients: pd.Series[float]) -> pd.DataFrame:
    table = pd.DataFrame({"code": text[words.PRACTICE], "name": text[words.NAME], "patients": patients})
    for kind in words.PLACES:
        code, name = columns.places.get(kind, ("", ""))
        given = text[code].where(~text[code].str.upper().isin(_UNPLACED_CODES), "") if code else ""
        table[kind] = given
        table[f"{kind}_name"] = text[name] if name else ""
        if code:
            table.loc[table[kind].ne(""), kind] = organisation_codes(
                table[kind][table[kind].ne("")].rename(code)
            )
    return table


def _gp_definitions(columns: _Columns, numbers: dict[str, pd.Series[float]]) -> dict[str, pd.Series[float]]:
    total = numbers[words.GP_TOTAL]
    if words.FULLY_QUALIFIED_COLUMN in columns.gps:
        return {
            words.ALL_GPS: total,
            words.FULLY_QUALIFIED: numbers[words.FULLY_QUALIFIED_COLUMN],
            words.QUALIFIED_PERMANENT: numbers[words.QUALIFIED_PERMANENT_COLUMN],
        }
    trainees = [name for name in columns.gps if name in (*words.OLD_REGISTRARS, words.OLD_FOUNDATION)]
    qualified = _less(total, [numbers[name] for name in trainees])
    permanent = _less(qualified, [numbers[name] for name in words.LOCUMS])
    return {words.ALL_GPS: total, words.FULLY_QUALIFIED: qualified, words.QUALIFIED_PERMANENT: permanent}


def _less(total: pd.Series[float], parts: Sequence[pd.Series[float]]) -> pd.Series[float]:
    """A total without its parts; what rounding leaves below 0 is 0."""
    rest = total
    for part in parts:
        rest = rest - part
    return rest.mask(rest.abs() < _ROUNDING, 0.0)


def _reasons(
    text: pd.DataFrame,
    source: str,
    totals: Sequence[pd.Series[float]],
    own: pd.Series[float],
    snapshot: Period,
) -> pd.Series[str]:
    """Why each practice's staff of one group are missing, "" for a valid return.

    `own` are the staff that only the practice itself can report: trainees come from the training system even where
    the practice gave no return, so for GPs they are the fully qualified.
    """
    reasons = pd.Series("", index=text.index)
    said = text[source].str.casefold() if source in text else pd.Series("", index=text.index)
    if snapshot.end < words.ZERO_MEANS_A_ZERO_FROM:
        reasons = reasons.mask(own.eq(0) & ~said.str.startswith(words.RETURNED), words.NO_RETURN_ZERO)
    reasons = reasons.mask(said.str.startswith(words.NOT_RETURNED), words.ESTIMATED)
    for fte in reversed(totals):
        coded = text.loc[fte.isna(), str(fte.name)].str.strip().str.upper()
        reasons[coded.index] = coded.map(words.no_return)
    return reasons


def _unknown_roles(header: Header, snapshot: Period) -> Iterator[Finding]:
    """Columns of nurses' full-time equivalents by role that are none of ours: a new role, or a heading changed."""
    known = {normalise_label(name) for name in words.NURSE_ROLES}
    unknown = [
        label.upper() for label in header.labels if _NURSES_OF_A_ROLE.fullmatch(label) and label not in known
    ]
    if unknown:
        message = f"{snapshot.label}: staff roles of nurses not read: {listed(unknown)}"
        yield Finding(Severity.WARNING, "staff roles", message, len(unknown))


def _unknown_sources(text: pd.DataFrame, columns: _Columns, snapshot: Period) -> list[Finding]:
    findings = []
    for name in columns.sources:
        said = text[name].str.casefold()
        known = said.str.upper().isin(words.NO_RETURN_CODES)
        known |= said.str.startswith(words.RETURNED) | said.str.startswith(words.NOT_RETURNED)
        if not known.all():
            examples = listed(text.loc[~known, name].drop_duplicates().head(_EXAMPLES))
            message = (
                f"{snapshot.label}, {name}: wanted a known description, found {examples}; not relied upon"
            )
            findings.append(Finding(Severity.WARNING, "staff return", message, int((~known).sum())))
    return findings
