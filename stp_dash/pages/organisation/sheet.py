"""The numbers of the spine chart: every line with what it is compared with, its limits and its signals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from db.domain import ALL
from db.domain.catalogue import INTERVAL
from stp_dash.analysis import signals
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.sheet import Column, Sheet, Subject, column_of
from stp_dash.analysis.standing.assurance import assurance_of
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.standing.verdict import short_of_national, short_of_standard
from stp_dash.analysis.wording import capitalised, count_text, listing, status_text, value_text
from stp_dash.charts.svg.spine import BETTER, SIMILAR, WORSE
from stp_dash.pages.organisation.words import OrganisationProfile, ProfileFigure, ProfileRow

_MARKS = {BETTER: "better", WORSE: "worse", SIMILAR: "similar"}


def profile_sheet(view: OrganisationProfile, name: str) -> Sheet:
    """One row for each line of the chart; a download adds counts, spread, limits and signals."""
    rows = view.rows
    lines = [row.line for row in rows]
    columns = (*_figures(rows), *_compared(rows), *_spread(rows), *_control(rows))
    owners = dict.fromkeys(line.indicator.owner.partition(",")[0] for line in lines)
    rules = signals.rules_lines([line.controlled for line in lines]) if lines else ""
    return Sheet(
        name="profile",
        title=f"Against {view.beside}, every indicator" if view.compared else "Every indicator",
        caption=f"Every indicator of {name}"
        + (f", beside {view.beside} and {view.kinds or 'no others'}" if view.compared else ""),
        columns=columns,
        source=listing(list(owners)),
        note=f"{view.periods} {rules}".strip(),
        demonstration=any(line.reading.demonstration for line in lines if line.reading),
        subject=Subject("Every indicator", name, view.periods.rstrip(".")),
    )


def _figures(rows: Sequence[ProfileRow]) -> tuple[Column, ...]:
    return (
        column_of(rows, "Indicator", _named, "indicator", lambda r: r.line.indicator.id, links=lambda r: r.line.href),
        column_of(rows, key="breakdown", raw=lambda r: r.line.breakdown),
        column_of(rows, key="organisation_code", raw=lambda r: r.line.organisation),
        column_of(rows, "Period", lambda r: r.line.period.short_label if r.line.period else "", "period_start",
                  lambda r: r.line.period.start if r.line.period else None),
        column_of(rows, key="period_end", raw=lambda r: r.line.period.end if r.line.period else None),
        column_of(rows, key="period", raw=lambda r: r.line.period.label if r.line.period else None),
        column_of(rows, key="indicator_name", raw=lambda r: r.line.indicator.short_name),
        column_of(rows, "Value", lambda r: r.value, "value", lambda r: r.line.value, numeric=True),
        column_of(rows, key="unit", raw=lambda r: r.line.indicator.unit),
        column_of(rows, "Counts", lambda r: r.counts, numeric=True),
        column_of(rows, key="numerator", raw=lambda r: r.line.reading.numerator if r.line.reading else None),
        column_of(rows, key="denominator", raw=lambda r: r.line.reading.denominator if r.line.reading else None),
        column_of(rows, key="missing_reason",
                  raw=lambda r: r.line.reading.missing_reason if r.line.reading else "no row"),
        column_of(rows, "95% interval", lambda r: _interval(r.line), numeric=True),
        column_of(rows, key="lower_95", raw=lambda r: r.line.interval[0] if r.line.interval else None),
        column_of(rows, key="upper_95", raw=lambda r: r.line.interval[1] if r.line.interval else None),
        column_of(rows, key="status", raw=lambda r: status_text(r.line.reading.maturity) if r.line.reading else ""),
        column_of(rows, key="file",
                  raw=lambda r: files_text(r.line.reading) if r.line.reading else ""),
    )  # fmt: skip


def _named(row: ProfileRow) -> str:
    return f"{row.name} ({row.line.team})" if row.line.team else row.name


def _interval(line: ProfileFigure) -> str:
    if line.interval is None:
        return ""
    low, high = (value_text(line.indicator, limit) for limit in line.interval)
    other = "" if line.indicator.interval_label == INTERVAL else f" ({line.indicator.interval_label})"
    return f"{low} to {high}{other}"


def _compared(rows: Sequence[ProfileRow]) -> tuple[Column, ...]:
    return (
        column_of(rows, "Compared with", lambda r: f"{r.beside} ({r.beside_name})" if r.beside else "",
                  "compared_with", lambda r: r.beside_name, numeric=True),
        column_of(rows, key="compared_value", raw=lambda r: r.line.beside.value),
        column_of(rows, key="national_name", raw=lambda r: comparator_name(r.line.average) if r.line.average else None),
        column_of(rows, key="national_value", raw=lambda r: r.line.average.value if r.line.average else None),
        column_of(rows, key="national_numerator", raw=lambda r: r.line.average.numerator if r.line.average else None),
        column_of(rows, key="national_denominator",
                  raw=lambda r: r.line.average.denominator if r.line.average else None),
        column_of(rows, "Is", lambda r: capitalised(_MARKS.get(r.mark, "")), "compared",
                  lambda r: _MARKS.get(r.mark, "")),
        column_of(rows, "Standard", lambda r: r.standard if r.line.standard else "", "standard",
                  lambda r: r.line.standard.value if r.line.standard else None, numeric=True),
        column_of(rows, "Gap", lambda r: r.gap),
        column_of(rows, key="short_of_standard", raw=lambda r: short_of_standard(r.line.indicator, r.line.reading)),
        column_of(rows, key="short_of_national",
                  raw=lambda r: short_of_national(r.line.indicator, r.line.reading, r.line.average)),
    )  # fmt: skip


def _spread(rows: Sequence[ProfileRow]) -> tuple[Column, ...]:
    """The spread that the bands show, for downloads; its size stands in the table too."""
    levels = ("lowest", "lower_quarter", "median", "upper_quarter", "highest")
    return (
        column_of(
            rows, "Among", _among, "among", lambda r: r.line.comparison.plural if r.line.comparison else ""
        ),
        column_of(rows, key="among_count", raw=lambda r: r.line.spread.count if r.line.spread else None),
        *(column_of(rows, key=f"among_{name}", raw=partial(_level, name)) for name in levels),
    )


def _among(row: ProfileRow) -> str:
    spread, comparison = row.line.spread, row.line.comparison
    return f"{count_text(spread.count)} {comparison.plural}" if spread and comparison else ""


def _level(name: str, row: ProfileRow) -> float | None:
    return getattr(row.line.spread, name) if row.line.spread else None


def _control(rows: Sequence[ProfileRow]) -> tuple[Column, ...]:
    """The words beside the icons, and the limits and signals of the latest point behind them."""
    limits = ("mean", "lower_process_limit", "upper_process_limit")
    return (
        column_of(rows, "Variation", lambda r: r.variation, "variation",
                  lambda r: r.line.controlled.analysed.variation),
        column_of(rows, "Assurance", _assurance, "assurance",
                  lambda r: r.line.controlled.analysed.assurance),
        column_of(rows, "Signal", lambda r: _reason(r.line), "signal_words", lambda r: _reason(r.line)),
        *(column_of(rows, key=name, raw=partial(_latest, name)) for name in limits),
        column_of(rows, key="rule_profile", raw=lambda r: r.line.controlled.analysed.profile.name),
    )  # fmt: skip


def _assurance(row: ProfileRow) -> str:
    """A standard is of the headline figure: a breakdown gets no verdict."""
    return assurance_of(row.line.controlled).words if row.line.standard and row.line.breakdown == ALL else ""


def _reason(line: ProfileFigure) -> str:
    place = line.controlled.analysed.latest
    return "" if place is None else signals.reason(line.controlled, place)


def _latest(name: str, row: ProfileRow) -> float | None:
    analysed = row.line.controlled.analysed
    if analysed.latest is None:
        return None
    value = getattr(analysed, name)[analysed.latest]
    return None if np.isnan(value) else float(value)
