"""Sums written at load time: a parent's counts are its members' counts added, divided once, and marked derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from db.domain import ENGLAND, Basis, Organisation, OrganisationType, Period
from etl.source import RollUp

NOBODY_COUNTED = "no patients in the period"

_KEY = ["indicator", "organisation", "period", "breakdown"]


def roll_up(
    frame: pd.DataFrame, roll_ups: Sequence[RollUp], organisations: Mapping[str, Organisation]
) -> pd.DataFrame:
    """The frame with the rows that `roll_ups` ask for added at its end.

    A row that the file itself has is never replaced, and England is summed only where the file has no England row
    of that indicator and period. A parent with a member whose count is missing is not totalled.
    """
    whole = frame
    for wanted in roll_ups:
        sums = _sums(whole, wanted, organisations)
        if len(sums):
            whole = _joined(whole, sums)
    return whole


def _joined(frame: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Both, one under the other; a column of categories stays one."""
    kinds = {
        name: pd.CategoricalDtype(frame[name].cat.categories.union(pd.Index(sums[name].unique()), sort=False))
        for name in frame.columns[frame.dtypes == "category"]
    }
    return pd.concat([frame.astype(kinds), sums.astype(kinds)], ignore_index=True)


def _sums(frame: pd.DataFrame, wanted: RollUp, organisations: Mapping[str, Organisation]) -> pd.DataFrame:
    members = frame[(frame["basis"] == wanted.basis.value) & (frame["organisation"] != ENGLAND)]
    if wanted.child_type is not None:
        types = members["organisation"].map(
            lambda code: organisations[code].type if code in organisations else OrganisationType.UNKNOWN
        )
        members = members[types.astype(object) == wanted.child_type]
    if members.empty:
        return members
    parents = _parents(members, wanted, organisations)
    placed = members.assign(organisation=parents)
    placed = placed[placed["organisation"].notna()]
    if wanted.skip_missing:
        placed = placed[placed["numerator"].notna() & placed["denominator"].notna()]
    if wanted.parent_type is OrganisationType.COUNTRY:
        placed = _without_published_england(placed, frame)
    return _total(placed, frame, wanted, organisations)


def _parents(
    members: pd.DataFrame, wanted: RollUp, organisations: Mapping[str, Organisation]
) -> pd.Series[str]:
    if wanted.parent_type is OrganisationType.COUNTRY:
        return pd.Series(ENGLAND, index=members.index)
    key = ["organisation", "period"]
    pairs = members[key].drop_duplicates()
    days = {key: Period.from_key(int(key)).start for key in pairs["period"].unique()}
    places = np.array(
        [
            _parent(organisations.get(code), wanted.parent_type, days[period], organisations)
            for code, period in pairs.itertuples(index=False)
        ],
        dtype=object,
    )
    # Groups are numbered as they first appear, which is the order of the pairs.
    numbers = members.groupby(key, observed=True, sort=False).ngroup()
    return pd.Series(places[numbers.to_numpy()], index=members.index, dtype=object)


def _parent(
    member: Organisation | None,
    parent_type: OrganisationType,
    day: date,
    organisations: Mapping[str, Organisation],
) -> str | None:
    if member is None:
        return None
    for parent in member.parents:
        if parent.in_force(day) and organisations[parent.code].type is parent_type:
            return parent.code
    return None


def _without_published_england(placed: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    slices = ["indicator", "period"]
    printed = frame.loc[frame["organisation"] == ENGLAND, slices].drop_duplicates()
    if printed.empty:
        return placed
    keys = pd.MultiIndex.from_frame(placed[slices])
    return placed[~keys.isin(pd.MultiIndex.from_frame(printed))]


def _total(
    placed: pd.DataFrame, frame: pd.DataFrame, wanted: RollUp, organisations: Mapping[str, Organisation]
) -> pd.DataFrame:
    if placed.empty:
        return placed
    complete = placed["numerator"].notna() & placed["denominator"].notna()
    sums = (
        placed.assign(complete=complete)
        .groupby(_KEY, as_index=False, observed=True, sort=False)
        .agg(
            numerator=("numerator", "sum"),
            denominator=("denominator", "sum"),
            maturity=("maturity", "min"),
            complete=("complete", "all"),
        )
    )
    sums = sums[sums["complete"]]
    present = pd.MultiIndex.from_frame(frame.loc[frame["organisation"].isin(sums["organisation"]), _KEY])
    sums = sums[~pd.MultiIndex.from_frame(sums[_KEY]).isin(present)]
    england = wanted.parent_type is OrganisationType.COUNTRY
    return sums.assign(
        organisation_name=sums["organisation"].map(lambda code: organisations[code].name),
        basis=Basis.NATIONAL.value if england else wanted.basis.value,
        value=float("nan"),
        missing_reason=sums["denominator"].map(lambda whole: "" if whole else NOBODY_COUNTED),
        derived=True,
    )[list(frame.columns)]
