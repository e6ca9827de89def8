"""Pathways by week of waiting, from any layout, and the canonical frame that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import ALL, OBSERVATION_COLUMNS, Maturity, Period, breakdown_key
from etl.sources.referral_to_treatment import vocabulary as words
from etl.sources.referral_to_treatment.waits import FEWEST_PATHWAYS, WITHIN, Floats, not_exceeded_by

TOO_FEW = f"fewer than {FEWEST_PATHWAYS} pathways"
LABELS = ("organisation", "organisation_name", "basis", "part", "function", "derived")
_BY_TOTAL_ONLY = {words.OVER_65, words.OVER_78, *words.COMPLETED.values()}


@dataclass(frozen=True, eq=False)
class Pathways:
    """Pathways of one month: a row an organisation, part and treatment function.

    `labels` has the columns `LABELS`: codes as published, `derived` for a sum of ours over organisations. `weeks` are
    pathways by week of waiting (none in Part 3), `everyone` all of them, with an unknown start as well.
    `printed` are figures that the publisher worked out, by indicator, NaN where it gives none.
    """

    labels: pd.DataFrame
    weeks: Floats
    everyone: Floats
    printed: dict[str, Floats]

    def of_part(self, part: str) -> Pathways:
        """The rows of a part that have any pathway. In full grids most have none, and say nothing."""
        chosen = (self.labels["part"] == part).to_numpy() & (self.everyone > 0)
        return Pathways(
            self.labels[chosen],
            self.weeks[chosen],
            self.everyone[chosen],
            {name: values[chosen] for name, values in self.printed.items()},
        )


@dataclass(frozen=True)
class _Figures:
    """An indicator's figures of the rows of `labels`; counts None for one without."""

    indicator: str
    labels: pd.DataFrame
    numerator: Floats | None
    denominator: Floats | None
    value: Floats
    reasons: Sequence[str]


def pathways_frame(pathways: Iterable[Pathways], month: Period, maturity: Maturity) -> pd.DataFrame:
    """The canonical frame of a month: shares with their counts, and medians, percentiles and lists as values alone.

    A median cannot be made from medians, so areas have theirs only where `pathways` has them as rows of their own.
    """
    found = [figures for table in pathways for figures in _figures(table)]
    labels = pd.concat([item.labels for item in found], ignore_index=True)
    return pd.DataFrame(
        {
            "indicator": pd.Categorical(
                np.repeat([i.indicator for i in found], [len(i.value) for i in found])
            ),
            **{name: labels[name].astype("category") for name in LABELS[:3]},
            "period": np.int64(month.key),
            "breakdown": labels["function"].map(_breakdown).astype("category"),
            "numerator": _joined(found, "numerator"),
            "denominator": _joined(found, "denominator"),
            "value": _joined(found, "value"),
            "missing_reason": pd.Categorical([reason for item in found for reason in item.reasons]),
            "maturity": np.int64(maturity),
            "derived": labels["derived"].to_numpy(dtype=bool),
        }
    )[list(OBSERVATION_COLUMNS)]


def _joined(found: Sequence[_Figures], name: str) -> Floats:
    columns = (getattr(item, name) for item in found)
    parts = (
        np.full(len(item.value), np.nan) if column is None else column
        for item, column in zip(found, columns, strict=True)
    )
    return np.concatenate([*parts])


def _breakdown(function: str) -> str:
    return ALL if function == words.TOTAL else breakdown_key({words.DIMENSION: words.FUNCTIONS[function]})


def _figures(table: Pathways) -> Iterator[_Figures]:
    waiting = table.of_part(words.INCOMPLETE)
    if len(waiting.everyone):
        yield _share(words.WITHIN_18, waiting, waiting.weeks[:, :WITHIN].sum(axis=1), waiting.everyone)
        yield _share(words.OVER_52, waiting, waiting.weeks[:, 52:].sum(axis=1), waiting.everyone)
        yield _count(words.WAITING_LIST, waiting, waiting.everyone)
        for indicator, percent in ((words.MEDIAN, 50), (words.PERCENTILE_92, 92)):
            yield _wait(indicator, percent, waiting)
        for indicator, weeks in ((words.OVER_65, 65), (words.OVER_78, 78)):
            if waiting.weeks.shape[1] > weeks:
                yield _count(indicator, waiting, waiting.weeks[:, weeks:].sum(axis=1))
    for part, indicator in words.COMPLETED.items():
        completed = table.of_part(part)
        if len(completed.everyone):
            known = completed.weeks.sum(axis=1)
            yield _share(indicator, completed, completed.weeks[:, :WITHIN].sum(axis=1), known)
    started = table.of_part(words.NEW)
    if len(started.everyone):
        yield _count(words.NEW_PERIODS, started, started.everyone)


def _share(indicator: str, table: Pathways, part: Floats, whole: Floats) -> _Figures:
    value = table.printed.get(indicator, np.full(len(part), np.nan))
    reasons = np.where(whole > 0, "", "no pathways whose start is known")
    return _by_function(indicator, _Figures(indicator, table.labels, part, whole, value, reasons.tolist()))


def _count(indicator: str, table: Pathways, count: Floats) -> _Figures:
    return _by_function(indicator, _Figures(indicator, table.labels, None, None, count, [""] * len(count)))


def _wait(indicator: str, percent: int, table: Pathways) -> _Figures:
    value = table.printed.get(indicator)
    if value is None:
        value = not_exceeded_by(percent, table.weeks)
    beyond = f"longer than {table.weeks.shape[1] - 1} weeks"
    few = table.weeks.sum(axis=1) < FEWEST_PATHWAYS
    reasons = np.where(np.isnan(value), np.where(few, TOO_FEW, beyond), "")
    return _Figures(indicator, table.labels, None, None, value, reasons.tolist())


def _by_function(indicator: str, figures: _Figures) -> _Figures:
    """Without the treatment functions, where an indicator has none: most would be nought or one."""
    if indicator not in _BY_TOTAL_ONLY:
        return figures
    chosen = (figures.labels["function"] == words.TOTAL).to_numpy()
    return _Figures(
        indicator,
        figures.labels[chosen],
        None if figures.numerator is None else figures.numerator[chosen],
        None if figures.denominator is None else figures.denominator[chosen],
        figures.value[chosen],
        [reason for reason, keep in zip(figures.reasons, chosen, strict=True) if keep],
    )
