"""Sums written at load time: a parent's counts are its members' counts added, divided once, and marked derived."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.domain import ENGLAND, Basis, Organisation, OrganisationType, Period
from etl.pipeline.members import PartlyHeld
from etl.source import RollUp

NOBODY_COUNTED = "no patients in the period"

_KEY = ("indicator", "organisation", "period", "breakdown")

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of a frame in arrays of one length: places in lists of names instead of the names."""

    indicator: Codes
    organisation: Codes
    period: Codes
    breakdown: Codes
    basis: Codes
    numerator: Floats
    denominator: Floats
    maturity: Codes

    def where(self, chosen: Mask) -> _Rows:
        return _Rows(*(getattr(self, item.name)[chosen] for item in fields(self)))

    def followed_by(self, others: Sequence[_Rows]) -> _Rows:
        parts = (self, *others)
        return _Rows(*(np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(self)))

    @property
    def complete(self) -> Mask:
        return ~(np.isnan(self.numerator) | np.isnan(self.denominator))


class _Table:
    """A frame's rows and the names that their codes stand for; parents' names join the organisations'."""

    def __init__(self, frame: pd.DataFrame) -> None:
        coded = {name: pd.factorize(frame[name]) for name in (*_KEY, "basis")}
        self.names = {name: [str(item) for item in found] for name, (_, found) in coded.items()}
        self.periods = [int(key) for key in coded["period"][1]]
        self._places = {
            name: {item: place for place, item in enumerate(self.names[name])}
            for name in ("organisation", "basis")
        }
        self.rows = _Rows(
            **{name: codes.astype(np.int64) for name, (codes, _) in coded.items()},
            numerator=frame["numerator"].to_numpy(dtype=np.float64),
            denominator=frame["denominator"].to_numpy(dtype=np.float64),
            maturity=frame["maturity"].to_numpy(dtype=np.int64),
        )

    def code(self, column: str, name: str) -> int:
        """The code of an organisation or a basis, a new one where the frame has none of that name."""
        places = self._places[column]
        if name not in places:
            places[name] = len(places)
            self.names[column].append(name)
        return places[name]

    def key(self, rows: _Rows, *columns: str) -> Codes:
        """One number for the values of several columns."""
        whole = np.zeros(len(rows.period), dtype=np.int64)
        for name in columns:
            whole = whole * len(self.names[name]) + getattr(rows, name)
        return whole


def roll_up(
    frame: pd.DataFrame,
    roll_ups: Sequence[RollUp],
    organisations: Mapping[str, Organisation],
    short: Collection[PartlyHeld] = (),
) -> pd.DataFrame:
    """The frame with the rows that `roll_ups` ask for added at its end.

    A row that the file itself has is never replaced, and England is summed only where the file has no England row
    of that indicator and period. A parent with a member whose count is missing is not totalled, nor one that is
    `short` of members in a period.
    """
    table = _Table(frame)
    added: list[pd.DataFrame] = []
    for wanted in (item for item in roll_ups if not item.by_source):
        lacking = {(item.parent, item.period) for item in short if item.basis is wanted.basis}
        sums = _sums(table, wanted, organisations, lacking)
        if len(sums.period):
            added.append(_as_frame(table, sums, organisations))
            table.rows = table.rows.followed_by([sums])
    return _joined(frame, pd.concat(added, ignore_index=True)) if added else frame


def without_partial_sums(frame: pd.DataFrame, short: Collection[PartlyHeld]) -> pd.DataFrame:
    """The frame without its source's own sums for organisations that are `short` of members in a period."""
    if not short or not frame["derived"].any():
        return frame
    lacking = pd.MultiIndex.from_tuples({(item.parent, item.period) for item in short})
    own = pd.MultiIndex.from_arrays([frame["organisation"].astype(str), frame["period"]])
    return frame[~(frame["derived"].to_numpy(dtype=bool) & own.isin(lacking))].reset_index(drop=True)


def _joined(frame: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Both, one under the other; a column of categories stays one."""
    kinds = {
        name: pd.CategoricalDtype(frame[name].cat.categories.union(pd.Index(sums[name].unique()), sort=False))
        for name in frame.columns[frame.dtypes == "category"]
    }
    return pd.concat([frame.astype(kinds), sums[list(frame.columns)].astype(kinds)], ignore_index=True)


def _as_frame(table: _Table, sums: _Rows, organisations: Mapping[str, Organisation]) -> pd.DataFrame:
    def named(column: str, names: Sequence[str]) -> pd.Series[str]:
        return pd.Series(np.array(names, dtype=object)[getattr(sums, column)], dtype="str")

    # Only parents are named: other organisations of the frame may be in no list.
    known = table.names["organisation"]
    parents = [organisations[code].name if code in organisations else "" for code in known]
    return pd.DataFrame(
        {
            **{name: named(name, table.names[name]) for name in ("indicator", "organisation", "breakdown")},
            "organisation_name": named("organisation", parents),
            "basis": named("basis", table.names["basis"]),
            "period": np.array(table.periods, dtype=np.int64)[sums.period],
            "numerator": sums.numerator,
            "denominator": sums.denominator,
            "value": np.nan,
            "missing_reason": pd.Series(np.where(sums.denominator != 0, "", NOBODY_COUNTED), dtype="str"),
            "maturity": sums.maturity,
            "derived": True,
        }
    )


def _sums(
    table: _Table,
    wanted: RollUp,
    organisations: Mapping[str, Organisation],
    lacking: Collection[tuple[str, int]],
) -> _Rows:
    rows = table.rows
    england = table.code("organisation", ENGLAND)
    chosen = (rows.basis == table.code("basis", wanted.basis.value)) & (rows.organisation != england)
    if wanted.child_type is not None:
        chosen &= _of_type(table, wanted.child_type, organisations)[rows.organisation]
    if wanted.skip_missing:
        chosen &= rows.complete
    members = rows.where(chosen)
    is_england = wanted.parent_type is OrganisationType.COUNTRY
    basis = table.code("basis", Basis.NATIONAL.value if is_england else wanted.basis.value)
    if is_england:
        parents = np.full(len(members.period), england, dtype=np.int64)
        kept = ~_printed(table, members, england)
    else:
        parents = _parents(table, members, wanted.parent_type, organisations)
        kept = parents >= 0
    if lacking:
        kept &= ~_of_pairs(table, parents, members.period, lacking)
    placed = _Rows(
        **{name: getattr(members, name)[kept] for name in ("indicator", "period", "breakdown", "maturity")},
        organisation=parents[kept],
        basis=np.full(int(kept.sum()), basis, dtype=np.int64),
        numerator=members.numerator[kept],
        denominator=members.denominator[kept],
    )
    return _total(table, placed)


def _of_pairs(table: _Table, codes: Codes, periods: Codes, pairs: Collection[tuple[str, int]]) -> Mask:
    """Which rows are of one of the pairs of an organisation and a period's key."""
    numbers = {key: place for place, key in enumerate(table.periods)}
    wanted = [table.code("organisation", code) * len(numbers) + numbers[period] for code, period in pairs]
    return np.isin(codes * len(numbers) + periods, wanted)


def _of_type(table: _Table, wanted: OrganisationType, organisations: Mapping[str, Organisation]) -> Mask:
    """Which of the table's organisations, by code, are of a type."""
    types = (
        organisations[name].type if name in organisations else OrganisationType.UNKNOWN
        for name in table.names["organisation"]
    )
    return np.array([item is wanted for item in types], dtype=bool)


def _parents(
    table: _Table,
    members: _Rows,
    parent_type: OrganisationType,
    organisations: Mapping[str, Organisation],
) -> Codes:
    """The code of the organisation that each row counts for on the first day of its period, -1 where there is none."""
    numbers, pairs = pd.factorize(members.organisation * len(table.periods) + members.period)
    names = list(table.names["organisation"])
    days = [Period.from_key(key).start for key in table.periods]
    found = np.full(len(pairs), -1, dtype=np.int64)
    whose, when = (part.tolist() for part in np.divmod(pairs, len(table.periods)))
    for place, (member, period) in enumerate(zip(whose, when, strict=True)):
        known = organisations.get(names[member])
        for parent in known.parents if known else ():
            if parent.in_force(days[period]) and organisations[parent.code].type is parent_type:
                found[place] = table.code("organisation", parent.code)
                break
    return found[numbers]


def _printed(table: _Table, members: _Rows, england: int) -> Mask:
    """Which rows are of an indicator and period that have a row of England's."""
    slices = ("indicator", "period")
    printed = table.rows.where(table.rows.organisation == england)
    return np.isin(table.key(members, *slices), table.key(printed, *slices))


def _total(table: _Table, placed: _Rows) -> _Rows:
    """One row for each parent, indicator, period and breakdown whose members are complete and that has none yet."""
    numbers, keys = pd.factorize(table.key(placed, *_KEY))
    groups = pd.DataFrame({"numerator": placed.numerator, "denominator": placed.denominator}).groupby(numbers)
    sums = groups.sum()
    lacking = np.bincount(numbers[~placed.complete], minlength=len(keys)) > 0
    rows = table.rows.where(np.isin(table.rows.organisation, placed.organisation))
    kept = ~lacking & ~np.isin(keys, table.key(rows, *_KEY))
    first = np.flatnonzero(~pd.Series(numbers).duplicated().to_numpy())[kept]
    lowest = pd.Series(placed.maturity).groupby(numbers).min().to_numpy()[kept]
    of_first = {name: getattr(placed, name)[first] for name in (*_KEY, "basis")}
    numerators, denominators = (sums[name].to_numpy()[kept] for name in ("numerator", "denominator"))
    return _Rows(**of_first, numerator=numerators, denominator=denominators, maturity=lowest)
