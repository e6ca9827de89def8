"""From published counts to the canonical frame: checks, sums that are not printed, and the ten tumour groups.

Every layout is first read into a frame of `COUNT_COLUMNS`; `canonical_counts` does the rest for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from db.domain import OBSERVATION_COLUMNS, Finding, Severity, breakdown_key
from db.reading.spreadsheets import listed
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
where the row stands, for messages: "sheet 'X', row 9", or in a text file the row's number alone.
"""

DIMENSIONS = ["pathway", "tumour", "modality"]
_DIMENSION_OF = {"tumour": words.TUMOUR, "modality": words.MODALITY}
LABELS = ("indicator", "organisation", "organisation_name", "basis", *DIMENSIONS)
TABLE = ["indicator", "basis", "period"]
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


def canonical_counts(counts: Counts) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
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
    _check_labels(rows)
    complete = _as_categories(rows).assign(derived=False)
    for marginal in counts.marginals:
        complete = _stacked([complete, *_sums(complete, marginal)])
    _check_headlines(complete, rows)
    findings = [*counts.findings, *_label_findings(rows), *_part_findings(complete, counts.parts)]
    complete = complete.assign(ten=False)
    return _observations(_stacked([complete, *_ten_groups(complete)])), tuple(findings)


def _as_categories(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their labels as categories and without what only messages need: there may be a million."""
    kept = rows.drop(columns=["place", "after"])
    return kept.assign(organisation_name=rows["organisation_name"].fillna("")).astype(
        dict.fromkeys(LABELS, "category")
    )


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows one under another, their labels categories still."""
    if len(parts) == 1:
        return parts[0]
    labels = {
        name: union_categoricals([part[name].astype("category") for part in parts], sort_categories=True)
        for name in LABELS
    }
    rest = [part.drop(columns=list(LABELS)) for part in parts]
    return pd.concat(rest, ignore_index=True).assign(**labels)


def said(place: object) -> str:
    """A row's `place` for a message."""
    return place if isinstance(place, str) else f"row {place}"


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
    raise LayoutError(f"{said(row['place'])} ({row['organisation']})", wanted, found)


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


def _check_labels(rows: pd.DataFrame) -> None:
    """Raise LayoutError where a label stands in the column of another kind of labels, as when columns are swapped."""
    for column in DIMENSIONS:
        for indicator, member in rows[["indicator", column]].drop_duplicates().itertuples(index=False):
            dimension = words.pathway_dimension(indicator) if column == "pathway" else _DIMENSION_OF[column]
            if member and words.is_misplaced(member, dimension):
                row = rows.iloc[first_true((rows["indicator"] == indicator) & (rows[column] == member))]
                where = f"{said(row['place'])} ({row['organisation']})"
                raise LayoutError(where, f"the {dimension} in its own column", f"'{member}'")


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
        said(second["place"]),
        f"each organisation once for {second['indicator']}",
        f"also at {said(first['place'])}",
    )


def _check_headlines(complete: pd.DataFrame, published: pd.DataFrame) -> None:
    """Raise LayoutError for an organisation with rows of parts and none over all, where others have one.

    So shows a row whose label is misspelt: it would be taken for a part of its own.
    """
    tables = np.asarray(complete.groupby(TABLE, observed=True).ngroup())
    own = np.asarray(complete.groupby([*TABLE, "organisation"], observed=True).ngroup())
    headline = of_shape(complete, HEADLINE).to_numpy()
    without = np.isin(tables, tables[headline]) & ~np.isin(own, own[headline])
    if not without.any():
        return
    lost = complete.iloc[int(without.argmax())]
    same = (published[[*TABLE, "organisation"]] == lost[[*TABLE, "organisation"]]).all(axis=1)
    parts = published[same]
    labels = dict.fromkeys(str(label) for label in parts.iloc[0][DIMENSIONS] if label)
    raise LayoutError(
        f"{said(parts.iloc[0]['place'])} ({lost['organisation']})",
        f"a row over all patients of {lost['indicator']}",
        f"rows of parts only, the first {listed(labels)}",
    )


def _sums(rows: pd.DataFrame, marginal: Marginal) -> list[pd.DataFrame]:
    own = rows[rows["indicator"].eq(marginal.indicator) & of_shape(rows, marginal.source)]
    return [] if own.empty else [_summed(own, marginal.wanted)]


def _part_findings(rows: pd.DataFrame, severity: Severity | None) -> list[Finding]:
    """Whether every breakdown of faster diagnosis and the combined standards adds up to its headline.

    They are counted from the same records: in the files seen (October 2023 to September 2025) no sum is off.
    """
    own = rows[rows["indicator"].isin([words.FDS, *words.COMBINED])]
    if severity is None or own.empty:
        return []
    off = [gap for gap in _gaps(own) if not gap.empty]
    if not off:
        return []
    first = off[0].iloc[0]
    lost = off[0][off[0]["total_parts"].isna()]
    if not lost.empty and severity is Severity.ERROR:
        first = lost.iloc[0]
        raise LayoutError(
            "",
            f"each organisation's headline of {first['indicator']} broken down as others' are",
            f"{len(lost)} without it: {listed(lost['organisation'])}",
        )
    message = (
        f"{sum(map(len, off))} sums of a breakdown are not their headline, first {first['organisation']} "
        f"for {first['indicator']}: {first['within_parts']:g} of {first['total_parts']:g}, "
        f"headline {first['within']:g} of {first['total']:g}"
    )
    if severity is Severity.ERROR:
        raise LayoutError("", "breakdowns that add up to their headline", message)
    return [Finding(severity, "parts add up", message, sum(map(len, off)))]


def _gaps(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """For each shape, the keys whose parts are not their headline, or that have none where others have, with both."""
    grouped = rows.groupby(KEY, observed=True)
    numbers, count = np.asarray(grouped.ngroup(), dtype=np.int64), grouped.ngroups
    _, firsts = np.unique(numbers, return_index=True)
    tables = np.asarray(rows.groupby(TABLE, observed=True).ngroup(), dtype=np.int64)[firsts]
    blank = {name: rows[name].eq("").to_numpy() for name in DIMENSIONS}
    headline = _added(rows, numbers, count, _chosen(blank, HEADLINE))
    for shape in SHAPES:
        chosen = _chosen(blank, shape)
        if not chosen.any():
            continue
        both = _added(rows, numbers, count, chosen).add_suffix("_parts").join(headline)
        equal = both["total_parts"].eq(both["total"]) & both["within_parts"].eq(both["within"])
        has_parts = np.bincount(tables, both["total_parts"].notna()) > 0
        lost = both["total_parts"].isna() & both["total"].gt(0) & has_parts[tables]
        off = both[(both["total_parts"].notna() & ~equal) | lost]
        yield off.assign(**{name: rows[name].to_numpy()[firsts[off.index]] for name in KEY})


def _chosen(blank: dict[str, NDArray[np.bool_]], shape: frozenset[str]) -> NDArray[np.bool_]:
    """Which rows are of a shape, by where each of their dimensions is blank."""
    own = [blanks != (name in shape) for name, blanks in blank.items()]
    return np.asarray(np.logical_and.reduce(own), dtype=np.bool_)


def _added(
    rows: pd.DataFrame, numbers: NDArray[np.int64], count: int, chosen: NDArray[np.bool_]
) -> pd.DataFrame:
    """Patients by key, of chosen rows; NaN where a key has none."""
    own = numbers[chosen]
    none = np.bincount(own, minlength=count) == 0
    sums = {
        name: np.bincount(own, rows[name].to_numpy()[chosen], minlength=count) for name in ("total", "within")
    }
    return pd.DataFrame({name: np.where(none, np.nan, values) for name, values in sums.items()})


def of_shape(rows: pd.DataFrame, shape: frozenset[str]) -> pd.Series[bool]:
    """Which rows are of a shape: broken down by its dimensions and by no other."""
    blank = {name: rows[name].eq("").to_numpy() for name in DIMENSIONS}
    return pd.Series(_chosen(blank, shape), index=rows.index)


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
    own = rows[rows["indicator"].isin(words.COMBINED) & of_shape(rows, frozenset({"tumour"}))]
    own = own[own["tumour"].isin(list(words.TEN_GROUPS))]
    if own.empty:
        return []
    group = own["tumour"].map(words.TEN_GROUPS)
    same = own["tumour"] == group
    sums = _summed(own.assign(tumour=group)[~same], frozenset({"tumour"}))
    return [own[same].assign(ten=True), sums.assign(ten=True)]


def _observations(rows: pd.DataFrame) -> pd.DataFrame:
    named = ("indicator", "organisation", "organisation_name", "basis")
    counted = (rows["total"] > 0).to_numpy()
    frame = pd.DataFrame(
        {
            **{name: rows[name].cat.remove_unused_categories() for name in named},
            "period": rows["period"].astype("int64"),
            "breakdown": _breakdowns(rows),
            "numerator": rows["within"].astype("float64"),
            "denominator": rows["total"].astype("float64"),
            "value": rows["value"].where(counted).astype("float64"),
            "missing_reason": _labelled((~counted).astype(np.int64), ["", NO_PATIENTS]),
            "maturity": rows["maturity"].astype("int64"),
            "derived": rows["derived"].astype(bool),
        }
    )
    return frame[list(OBSERVATION_COLUMNS)]


def _labelled(codes: NDArray[np.int64], labels: list[str]) -> pd.Series:
    """Codes as a column of their labels, each of which occurs once."""
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(labels)))


def _breakdowns(rows: pd.DataFrame) -> pd.Series:
    whole = rows["ten"].to_numpy().astype(np.int64)
    labels = [rows[name].cat for name in ("indicator", *DIMENSIONS)]
    for label in labels:
        whole = whole * len(label.categories) + label.codes.to_numpy()
    numbers, found = pd.factorize(whole)
    keys = [_breakdown_of(int(number), labels) for number in found]
    distinct = sorted(set(keys))
    places = np.array([distinct.index(key) for key in keys])
    return _labelled(places[numbers], distinct)


def _breakdown_of(number: int, labels: list[Any]) -> str:
    members = []
    for label in reversed(labels):
        number, place = divmod(number, len(label.categories))
        members.append(str(label.categories[place]))
    modality, tumour, pathway, indicator = members
    return _breakdown(indicator, pathway, tumour, modality, ten=bool(number))


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
