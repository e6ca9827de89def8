"""From published counts to the canonical frame: checks, sums that are not printed, and the ten tumour groups.

Every layout is first read into a frame of `COUNT_COLUMNS`; `canonical` does the rest for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import pandas as pd

from db.domain import OBSERVATION_COLUMNS, Finding, Severity, breakdown_key
from etl.reading.spreadsheets import listed
from etl.source import LayoutError
from etl.sources.cancer_waiting_times import vocabulary as words

COUNT_COLUMNS = (
    "indicator",
    "organisation",
    "organisation_name",
    "basis",
    "period",
    "pathway",
    "tumour",
    "modality",
    "total",
    "within",
    "after",
    "value",
    "maturity",
    "place",
)
"""One published row of counts.

`pathway` (route or stage), `tumour` and `modality` are members in our spelling, "" meaning all; `total`, `within`
and `after` are patients; `value` is the percentage on the scale 0 to 100, NaN where none is printed; `place` is
where the row stands, for messages: "sheet 'X', row 9".
"""

DIMENSIONS = ["pathway", "tumour", "modality"]
KEY = ["indicator", "organisation", "basis", "period", "maturity"]
NO_PATIENTS = "no patients in the period"
PERCENTAGE_TOLERANCE = 0.0051
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Marginal:
    """A total that a layout does not print: rows of the dimensions `wanted`, summed from rows of `source`.

    Only sound where the rows of `source` hold each patient once.
    """

    indicator: str
    wanted: frozenset[str]
    source: frozenset[str]


@dataclass(frozen=True)
class Counts:
    """A file's published rows, the totals to sum from them in this order, and what reading them brought up.

    `parts` says what it means when a breakdown does not add up to its headline: an error refuses the file, a
    warning becomes a finding, None leaves it unchecked.
    """

    rows: pd.DataFrame
    marginals: tuple[Marginal, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: Severity | None = None


HEADLINE: frozenset[str] = frozenset()
BY_PATHWAY, BY_TUMOUR, BY_MODALITY = frozenset({"pathway"}), frozenset({"tumour"}), frozenset({"modality"})
BY_PATHWAY_AND_TUMOUR, BY_PATHWAY_AND_MODALITY = BY_PATHWAY | BY_TUMOUR, BY_PATHWAY | BY_MODALITY
SHAPES = (BY_PATHWAY, BY_TUMOUR, BY_MODALITY, BY_PATHWAY_AND_TUMOUR, BY_PATHWAY_AND_MODALITY)


def canonical(counts: Counts) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The canonical frame of published rows, with the sums that follow from them marked `derived`.

    Raises LayoutError, with the row's place, for counts or percentages that contradict each other and for a row
    that occurs twice.
    """
    rows = counts.rows
    if rows.empty:
        raise LayoutError("", "rows of figures", "none")
    check_counts(rows)
    check_percentages(rows)
    check_unique(rows)
    complete = rows.assign(derived=False)
    for marginal in counts.marginals:
        complete = pd.concat([complete, *_sums(complete, marginal)], ignore_index=True)
    findings = [*counts.findings, *_label_findings(rows), *_part_findings(complete, counts.parts)]
    complete = complete.assign(ten=False)
    complete = pd.concat([complete, *_ten_groups(complete)], ignore_index=True)
    return _observations(complete), tuple(findings)


def first_true(mask: pd.Series[bool]) -> int:
    """The position, counting from 0, of the first row that a mask marks."""
    return int(mask.to_numpy().argmax())


def _refuse(rows: pd.DataFrame, wrong: pd.Series[bool], wanted: str, columns: list[str]) -> None:
    if not wrong.any():
        return
    row = rows.iloc[first_true(wrong)]
    found = ", ".join(
        f"{column} {'blank' if pd.isna(row[column]) else f'{row[column]:g}'}" for column in columns
    )
    raise LayoutError(f"{row['place']} ({row['organisation']})", wanted, found)


def check_counts(rows: pd.DataFrame) -> None:
    """Raise LayoutError for a count that is missing, negative, no half number, or no sum of its parts."""
    for column in ("total", "within"):
        _refuse(rows, rows[column].isna(), f"a count in '{column}'", [column])
        halves = rows[column] * 2
        odd = (halves - halves.round()).abs() > _ROUNDING
        _refuse(rows, odd | (halves < 0), f"whole or half patients in '{column}'", [column])
    above = rows["within"] > rows["total"] + _ROUNDING
    _refuse(rows, above, "a total not below its part within the standard", ["total", "within"])
    gap = (rows["within"] + rows["after"] - rows["total"]).abs() > _ROUNDING
    _refuse(rows, gap, "within and after to add up to the total", ["within", "after", "total"])


def check_percentages(rows: pd.DataFrame) -> None:
    """Raise LayoutError where a published percentage is not what its counts give, beyond rounding."""
    counted = rows["total"] > 0
    expected = 100 * rows["within"] / rows["total"].where(counted)
    wrong = (rows["value"] - expected).abs() > PERCENTAGE_TOLERANCE
    _refuse(rows, wrong, "a percentage that agrees with its counts", ["value", "within", "total"])


def check_unique(rows: pd.DataFrame) -> None:
    """Raise LayoutError where one organisation, period and breakdown has two rows."""
    key = ["indicator", "organisation", "basis", "period", *DIMENSIONS]
    repeated = rows.duplicated(key)
    if repeated.any():
        _refuse_repeat(rows, key, first_true(repeated))


def _refuse_repeat(rows: pd.DataFrame, key: list[str], position: int) -> NoReturn:
    second = rows.iloc[position]
    same = (rows[key] == second[key]).all(axis=1)
    first = rows.iloc[first_true(same)]
    raise LayoutError(
        str(second["place"]), f"each organisation once for {second['indicator']}", f"also at {first['place']}"
    )


def _sums(rows: pd.DataFrame, marginal: Marginal) -> list[pd.DataFrame]:
    own = rows[rows["indicator"].eq(marginal.indicator) & _of_shape(rows, marginal.source)]
    return [] if own.empty else [_summed(own, marginal.wanted)]


def _part_findings(rows: pd.DataFrame, severity: Severity | None) -> list[Finding]:
    """Whether every breakdown of faster diagnosis and the combined standards adds up to its headline.

    They are counted from the same records: in the files seen (October 2023 to September 2025) no sum is off.
    """
    own = rows[rows["indicator"].isin([words.FDS, *words.COMBINED])]
    if severity is None or own.empty:
        return []
    headline = own[_of_shape(own, HEADLINE)].set_index(KEY)[["total", "within"]]
    off = [gap for shape in SHAPES if not (gap := _gaps(own, headline, shape)).empty]
    if not off:
        return []
    first = off[0].iloc[0]
    message = (
        f"{sum(map(len, off))} sums of a breakdown are not their headline, first {first['organisation']} "
        f"for {first['indicator']}: {first['within_parts']:g} of {first['total_parts']:g}, "
        f"headline {first['within']:g} of {first['total']:g}"
    )
    if severity is Severity.ERROR:
        raise LayoutError("", "breakdowns that add up to their headline", message)
    return [Finding(severity, "parts add up", message, sum(map(len, off)))]


def _gaps(rows: pd.DataFrame, headline: pd.DataFrame, shape: frozenset[str]) -> pd.DataFrame:
    parts = rows[_of_shape(rows, shape)].groupby(KEY, observed=True)[["total", "within"]].sum()
    both = parts.add_suffix("_parts").join(headline)
    equal = both["total_parts"].eq(both["total"]) & both["within_parts"].eq(both["within"])
    return both[~equal].reset_index()


def _of_shape(rows: pd.DataFrame, shape: frozenset[str]) -> pd.Series[bool]:
    mask = pd.Series(True, index=rows.index)
    for name in DIMENSIONS:
        mask &= rows[name].ne("") if name in shape else rows[name].eq("")
    return mask


def _summed(rows: pd.DataFrame, wanted: frozenset[str]) -> pd.DataFrame:
    kept = [name for name in DIMENSIONS if name in wanted]
    grouped = rows.groupby([*KEY, *kept], observed=True, sort=False)
    sums = grouped.agg(
        organisation_name=("organisation_name", "first"), total=("total", "sum"), within=("within", "sum")
    ).reset_index()
    blanks = {name: "" for name in DIMENSIONS if name not in wanted}
    return sums.assign(value=np.nan, derived=True, **blanks)


def _ten_groups(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """The ten tumour groups over all routes or stages: sums of the thirteen, repeats where a group is unchanged."""
    own = rows[rows["indicator"].isin(words.COMBINED) & _of_shape(rows, frozenset({"tumour"}))]
    own = own[own["tumour"].isin(list(words.TEN_GROUPS))]
    if own.empty:
        return []
    group = own["tumour"].map(words.TEN_GROUPS)
    same = own["tumour"] == group
    sums = _summed(own.assign(tumour=group)[~same], frozenset({"tumour"}))
    return [own[same].assign(ten=True), sums.assign(ten=True)]


def _observations(rows: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "indicator": rows["indicator"].astype("category"),
            "organisation": rows["organisation"].astype("category"),
            "organisation_name": rows["organisation_name"].fillna("").astype("category"),
            "basis": rows["basis"].astype("category"),
            "period": rows["period"].astype("int64"),
            "breakdown": _breakdowns(rows),
            "numerator": rows["within"].astype("float64"),
            "denominator": rows["total"].astype("float64"),
            "value": rows["value"].where(rows["total"] > 0).astype("float64"),
            "missing_reason": np.where(rows["total"] > 0, "", NO_PATIENTS),
            "maturity": rows["maturity"].astype("int64"),
            "derived": rows["derived"].astype(bool),
        }
    )
    frame["missing_reason"] = frame["missing_reason"].astype("category")
    return frame[list(OBSERVATION_COLUMNS)]


def _breakdowns(rows: pd.DataFrame) -> pd.Series:
    names = ["indicator", *DIMENSIONS, "ten"]
    numbers = rows.groupby(names, observed=True, sort=False).ngroup()
    firsts = rows.loc[~numbers.duplicated(), names].to_dict("records")
    keys = {
        number: _breakdown(*(str(first[name]) for name in names[:4]), ten=bool(first["ten"]))
        for number, first in zip(numbers.drop_duplicates(), firsts, strict=True)
    }
    return numbers.map(keys).astype("category")


def _breakdown(indicator: str, pathway: str, tumour: str, modality: str, *, ten: bool) -> str:
    members = {
        words.pathway_dimension(indicator): pathway,
        words.TUMOUR_TEN if ten else words.TUMOUR: tumour,
        words.MODALITY: modality,
    }
    return breakdown_key({name: member for name, member in members.items() if member})


def _label_findings(rows: pd.DataFrame) -> list[Finding]:
    unknown = words.unknown_members(str(member) for name in DIMENSIONS for member in rows[name].unique())
    if not unknown:
        return []
    message = f"labels that are new to us, kept as published: {listed(unknown)}"
    return [Finding(Severity.WARNING, "known labels", message, len(unknown))]
