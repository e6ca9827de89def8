"""The numbers of the overview: one row for each indicator, with its limits and signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isnan

from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.sheet import Cell, Column, Sheet, Subject
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.standing.verdict import short_of_national, short_of_standard
from stp_dash.analysis.wording import dates, listing, value_text
from stp_dash.elements.links import TREND, href
from stp_dash.pages.overview.row import IndicatorRow, trusts_sum
from stp_dash.pages.overview.words import Overview

SCORECARD, PLACES, UNDONE_FIGURES = "scorecard", "places", "undone"
_NOT_ON_PAPER = frozenset({"Status", "Mean", "Each trust or area", "File"})


def scorecard_sheet(view: Overview, area: str, *, paper: bool = False) -> Sheet:
    """The scorecard's numbers: value, counts, standard, gap, limits, signals and files of each indicator.

    On paper the table has the columns that fit; downloads have them all.
    """
    rows = view.rows
    columns = (*_value_columns(rows), *_verdict_columns(rows), *_limit_columns(rows), *_last_columns(rows))
    if paper:
        columns = tuple(
            replace(item, shown=()) if item.heading in _NOT_ON_PAPER else item for item in columns
        )
    return Sheet(
        name=SCORECARD,
        title="Scorecard",
        caption=f"Every indicator of {area} at its latest period shown, with its process limits",
        columns=columns,
        source="; ".join(view.owners),
        note=f"{view.basis} {view.rules}".strip(),
        demonstration=view.demonstration,
        subject=_subject(rows, area),
    )


def _subject(rows: Sequence[IndicatorRow], area: str) -> Subject:
    """From the start of the oldest of the rows' periods to the end of the newest."""
    periods = [row.line.period for row in rows if row.line.period is not None]
    first = min(periods, key=lambda item: item.start, default=None)
    last = max(periods, key=lambda item: item.end, default=None)
    return Subject("Every indicator", area, dates(first, last) if first and last else "")


def _value_columns(rows: Sequence[IndicatorRow]) -> tuple[Column, ...]:
    return (
        _column(
            "Indicator",
            [r.name for r in rows],
            "indicator",
            rows,
            lambda r: r.id,
            links=[r.href for r in rows],
        ),
        _column("", (), "indicator_name", rows, lambda r: r.name),
        _column("", (), "unit", rows, lambda r: r.line.indicator.unit),
        _column("Latest", [r.value for r in rows], "value", rows, _value, numeric=True),
        _column("Counts", [r.counts for r in rows]),
        _column("", (), "numerator", rows, lambda r: r.line.reading.numerator if r.line.reading else None),
        _column(
            "", (), "denominator", rows, lambda r: r.line.reading.denominator if r.line.reading else None
        ),
        _column("Period", [r.period for r in rows], "period", rows, lambda r: r.period_label),
        _column("", (), "period_start", rows, lambda r: r.line.period.start if r.line.period else None),
        _column("", (), "period_end", rows, lambda r: r.line.period.end if r.line.period else None),
        _column("Status", [r.status for r in rows], "status", rows, lambda r: r.status),
    )


def _verdict_columns(rows: Sequence[IndicatorRow]) -> tuple[Column, ...]:
    return (
        _column("Standard", [r.standard.level for r in rows], "standard", rows, _standard),
        _column("Gap", [f"{r.verdict.headline} {r.verdict.detail}".strip() for r in rows]),
        _column(
            "", (), "short_of_standard", rows, lambda r: short_of_standard(r.line.indicator, r.line.reading)
        ),
        _column("", (), "short_of_national", rows, _short_of_national),
        _column(
            "",
            (),
            "national_name",
            rows,
            lambda r: comparator_name(r.line.average) if r.line.average else None,
        ),
        _column("", (), "national_value", rows, lambda r: r.line.average.value if r.line.average else None),
        _column("Variation", [r.variation_words for r in rows], "variation", rows, lambda r: r.variation),
        _column(
            "Assurance", [r.assurance.words for r in rows], "assurance", rows, lambda r: r.assurance.icon
        ),
    )


def _limit_columns(rows: Sequence[IndicatorRow]) -> tuple[Column, ...]:
    found = [_limits(row) for row in rows]
    shown = [
        f"{value_text(row.line.indicator, low)} to {value_text(row.line.indicator, high)}"
        if low is not None and high is not None
        else ""
        for row, (_, low, high) in zip(rows, found, strict=True)
    ]
    means = [
        value_text(row.line.indicator, mean) if mean is not None else ""
        for row, (mean, _, _) in zip(rows, found, strict=True)
    ]
    return (
        Column("Mean", means, "mean", [item[0] for item in found], numeric=True),
        Column("Process limits", shown),
        Column("", (), "lower_process_limit", [item[1] for item in found]),
        Column("", (), "upper_process_limit", [item[2] for item in found]),
        _column("", (), "signals", rows, _signals),
    )


def _last_columns(rows: Sequence[IndicatorRow]) -> tuple[Column, ...]:
    return (
        _column("Each trust or area", [_places(r) for r in rows]),
        _column("File", [_files(r) for r in rows], "file", rows, _files),
    )


def _column(
    heading: str,
    shown: Sequence[str],
    key: str = "",
    rows: Sequence[IndicatorRow] = (),
    raw: Callable[[IndicatorRow], Cell] | None = None,
    *,
    links: Sequence[str] = (),
    numeric: bool = False,
) -> Column:
    cells = [raw(row) for row in rows] if raw is not None else []
    return Column(heading, shown, key, cells, numeric, links)


def _value(row: IndicatorRow) -> Cell:
    return row.line.value


def _standard(row: IndicatorRow) -> Cell:
    return row.line.standard.value if row.line.standard else None


def _short_of_national(row: IndicatorRow) -> Cell:
    return short_of_national(row.line.indicator, row.line.reading, row.line.average)


def _limits(row: IndicatorRow) -> tuple[float | None, float | None, float | None]:
    """The mean and the limits of the last phase, unclipped, None where they cannot be had."""
    analysed = row.controlled.analysed
    if not analysed.phases:
        return None, None, None
    phase = analysed.phases[-1]
    given = (phase.mean, phase.lower_process_limit, phase.upper_process_limit)
    mean, low, high = (None if isnan(item) else item for item in given)
    return mean, low, high


def _signals(row: IndicatorRow) -> Cell:
    """The rules that the latest point breaks."""
    latest = row.controlled.analysed.latest
    return "; ".join(row.controlled.analysed.rules[latest]) if latest is not None else ""


def _places(row: IndicatorRow) -> str:
    """The area's parts with their values, and of trusts their sum."""
    line = row.line
    told = [
        f"{line.name(item)} {value_text(line.indicator, item.value, line.standard)}"
        for item in line.shown_parts
    ]
    parts = (listing(told), row.reached, row.absent_parts, trusts_sum(line))
    return "; ".join(part for part in parts if part)


def _files(row: IndicatorRow) -> str:
    return files_text(row.line.reading) if row.line.reading else ""


def places_sheet(view: Overview, area: str) -> Sheet:
    """The numbers of the strips: one row for each indicator and trust, area or team."""
    found = [(row, item) for row in view.rows for item in row.line.shown_parts]
    return Sheet(
        name=PLACES,
        title="Each trust or area",
        caption=f"Each trust, CCG area or team of {area}, by indicator",
        columns=(
            Column("Indicator", [r.name for r, _ in found], "indicator", [r.id for r, _ in found]),
            Column("", (), "indicator_name", [r.name for r, _ in found]),
            Column("", (), "unit", [r.line.indicator.unit for r, _ in found]),
            Column(
                "Organisation",
                [r.line.name(item) for r, item in found],
                "organisation_code",
                [item.organisation for _, item in found],
                links=[href(TREND, indicator=r.id, organisation=item.organisation) for r, item in found],
            ),
            Column("", (), "organisation_name", [item.organisation_name for _, item in found]),
            Column(
                "Period",
                [item.period.short_label for _, item in found],
                "period",
                [i.period.label for _, i in found],
            ),
            Column("", (), "period_start", [item.period.start for _, item in found]),
            Column("", (), "period_end", [item.period.end for _, item in found]),
            Column(
                "Value",
                [value_text(r.line.indicator, i.value) for r, i in found],
                "value",
                [i.value for _, i in found],
                numeric=True,
            ),
            Column("", (), "numerator", [item.numerator for _, item in found]),
            Column("", (), "denominator", [item.denominator for _, item in found]),
            Column(
                "Standard", [r.standard.level for r, _ in found], "standard", [_standard(r) for r, _ in found]
            ),
            Column(
                "Status", [i.maturity.label for _, i in found], "status", [i.maturity.label for _, i in found]
            ),
            Column("Basis", [i.basis.value for _, i in found], "basis", [i.basis.value for _, i in found]),
            Column("File", [files_text(i) for _, i in found], "file", [files_text(i) for _, i in found]),
        ),
        source="; ".join(view.owners),
        note=view.basis,
        demonstration=view.demonstration,
    )
