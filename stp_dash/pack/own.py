"""Sheets of own measures, for a pack that somebody who is signed in opens: each marked local and unpublished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from db.domain import ImprovementDirection
from db.domain.own.figures import OwnFigure
from db.domain.own.measures import LocalTarget
from db.domain.people.commentary import Commentary
from db.domain.people.role import Person
from db.own.commentary import own_commentaries
from stp_dash.analysis.claims.change_words import change_word
from stp_dash.analysis.download_columns import column_definition
from stp_dash.analysis.signals import POINT_WORDS, spell
from stp_dash.analysis.standing.assurance import ASSURANCE_WORDS, NO_STANDARD, Assurance, assurance_of
from stp_dash.analysis.wording import counted, counts_text
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.interactive.trend.points import COMMON_CAUSE, TrendChart
from stp_dash.charts.static.picture import paper_chart
from stp_dash.charts.svg.icons import assurance_svg, variation_svg
from stp_dash.frame.request import PageRequest
from stp_dash.pack.gather import CHART_WIDTH, LOW_HEIGHT, WIDE_CHART, point_key
from stp_dash.pack.model import (
    IndicatorSheet,
    PackCell,
    PackColumn,
    PackComment,
    PackFact,
    PackIcon,
    PackPart,
    PackPicture,
    PackPoint,
    PackSeries,
    ScoreRow,
)
from stp_dash.pack.said import pack_comment
from stp_dash.pack.state import WITHOUT
from stp_dash.pages.own.chart import own_chart
from stp_dash.pages.own.read import OwnView, own_view, seen_measures
from stp_dash.pages.own.series import MeasurePlace, OwnSeries
from stp_dash.pages.own.words import (
    LOCAL,
    finding_words,
    latest_words,
    local_words,
    method_words,
    target_words,
    value_words,
)

OWN_SHEETS = f"Our own measures · {LOCAL}"
_NOT_LINED = PackPicture("", "", 0, 0)
_MOST_PLACES, _MOST_SIGNALS = 12, 2
_SIDES = {"improvement": "Improvement signal", "concern": "Concern signal", "neither": "Special cause"}


def may_have_own_sheets(connection: Connection, person: Person | None) -> bool:
    """Whether there is an own measure that somebody may have in a pack."""
    return person is not None and bool(seen_measures(connection, person))


def own_sheets(request: PageRequest, connection: Connection, *, lying: bool) -> tuple[IndicatorSheet, ...]:
    """The sheets of the area's organisations' own measures that whoever is signed in may see.

    lying: whether the paper does, whose whole width a chart then has where no units stand beside it.
    """
    if request.signed_in is None:
        return ()
    area, names = request.area, request.site.names()
    codes = {*area.codes, *area.other_trusts}
    found = []
    for measure in seen_measures(connection, request.signed_in).values():
        view = own_view(connection, measure, names, signed_in=True)
        ours = [place for place in view.places if place.organisation in codes]
        for place in [item for item in ours if not item.unit] or ours[:_MOST_PLACES]:
            units = [item for item in ours if item.unit and not place.unit]
            beside = [view.series(item) for item in units if item.organisation == place.organisation]
            said = own_commentaries(connection, measure.id, place.organisation, place.unit)
            sheet = _sheet(view, view.series(place), place, beside, lying=lying)
            found.append(replace(sheet, comment=_comment(request, view, place, said)))
    return tuple(found)


def _sheet(
    view: OwnView, series: OwnSeries, place: MeasurePlace, units: Sequence[OwnSeries], *, lying: bool
) -> IndicatorSheet:
    measure, latest = view.measure, _latest(series)
    parts = _parts(units, latest)
    mark = local_words(measure, view.submissions)
    heading = latest.key.period.label if latest else "No figure"
    variation = PackIcon(variation_svg(series.analysed.variation), _variation_words(series))
    told = _assurance(series)
    return IndicatorSheet(
        id=f"{measure.id}-{place.organisation}-{place.unit or 'all'}".lower(),
        topic=OWN_SHEETS,
        name=f"{measure.short_name}, {place.name}",
        title=f"{measure.short_name}, {place.name}: {latest_words(series)}",
        sentence=f"{mark}. {finding_words(series)}",
        unit=measure.unit,
        facts=_facts(series, latest),
        variation=variation,
        assurance=PackIcon(assurance_svg(told.icon), told.words),
        score=ScoreRow(
            "", "", "", (), "", (), "", (), short=False, spark=_NOT_LINED, strip=None, ends=(), strip_note=""
        ),
        series=_series(series, WIDE_CHART if lying and not parts else CHART_WIDTH),
        parts_heading=f"Each unit, {heading}",
        parts=parts,
        parts_note="",
        source=f"{mark}. {measure.data_source}.",
        status=f"{LOCAL}; {'provisional' if latest and latest.provisional else 'final'}",
        definition=measure.definition.split("\n")[0],
        demonstration=False,
    )


def _comment(
    request: PageRequest, view: OwnView, place: MeasurePlace, said: Sequence[Commentary]
) -> PackComment | None:
    """The newest of what is said of a place, unless the pack is asked for without."""
    if not said or request.parameters.get("commentary") == WITHOUT:
        return None
    held = view.series(place).figures
    return pack_comment(said[0], held[-1].key.period if held else said[0].about.period, request.site.today())


def _latest(series: OwnSeries) -> OwnFigure | None:
    return next((item for item in reversed(series.figures) if item.value is not None), None)


def _variation_words(series: OwnSeries) -> str:
    if series.control is not None:
        return change_word(series.control)
    if series.analysed.variation is None:
        return "Too few values to say"
    return _SIDES.get(series.analysed.variation.partition("_")[0], POINT_WORDS["common_cause"])


def _assurance(series: OwnSeries) -> Assurance:
    """As of a published indicator, in words of a local target."""
    found = assurance_of(series.control) if series.control is not None else None
    if found is None or found.icon == NO_STANDARD:
        return Assurance(NO_STANDARD, "No local target")
    return Assurance(found.icon, ASSURANCE_WORDS[found.icon].replace("standard", "local target"))


def _facts(series: OwnSeries, latest: OwnFigure | None) -> tuple[PackFact, ...]:
    """The latest figure, its local target and whether that is met."""
    if latest is None or series.control is None:
        gaps = series.gaps
        shown = f"{gaps[-1].between:.0f}" if gaps else "–"
        since = gaps[-1].label if gaps else "No gap between events yet"
        return (
            PackFact(since, shown, series.chart),
            PackFact("Local target", "None", ""),
            PackFact("Gap", "–", ""),
        )
    target = series.target(latest.key.period.start)
    period = f"{latest.key.period.label}{', provisional' if latest.provisional else ''}"
    counts = counts_text(series.indicator, latest.numerator, latest.denominator)
    unit = "" if series.measure.unit == "%" else series.measure.unit
    value = PackFact(
        period, value_words(series, latest.value), " · ".join(part for part in (unit, counts) if part)
    )
    if target is None:
        return value, PackFact("Local target", "None", ""), PackFact("Gap", "–", "")
    met = _meets(latest, target)
    words = "Met" if met else "Not met"
    level = target_words(target, series.measure.unit)
    return (
        value,
        PackFact("Local target", level, target.set_by),
        PackFact("Local target is", words, "", short=not met),
    )


def _meets(figure: OwnFigure, target: LocalTarget) -> bool:
    value = figure.value or 0.0
    return value >= target.value if target.comparator == ">=" else value <= target.value


def _parts(units: Sequence[OwnSeries], latest: OwnFigure | None) -> tuple[PackPart, ...]:
    """The units in the period of the latest figure, the worst first."""
    found: list[tuple[float, PackPart]] = []
    for series in units:
        figure = next(
            (item for item in series.figures if latest and item.key.period == latest.key.period), None
        )
        if figure is None or figure.value is None or series.control is None:
            continue
        target = series.target(figure.key.period.start)
        met = target is None or _meets(figure, target)
        verdict = "" if target is None else "target met" if met else "target not met"
        part = PackPart(
            series.place.name,
            value_words(series, figure.value),
            figure.value,
            figure.numerator,
            figure.denominator,
            verdict,
            short=not met,
        )
        up = series.measure.improvement_direction is not ImprovementDirection.DECREASE
        found.append((figure.value if up else -figure.value, part))
    return tuple(part for _, part in sorted(found, key=lambda item: item[0]))


def _series(series: OwnSeries, width: float) -> PackSeries | None:
    whole = own_chart(series, tablet=True)
    if not any(point.value is not None for point in whole.points):
        return None
    chart = replace(whole, room=(width, width), height=LOW_HEIGHT)
    periods = _periods(series, chart)
    points = tuple(
        PackPoint(
            period,
            point.value,
            point.mean,
            point.lower,
            point.upper,
            point.standard,
            None,
            point.kind,
            point.above,
            point.provisional,
        )
        for period, point in zip(periods, chart.points, strict=True)
    )
    last = chart.latest
    heading = f"{LOCAL}: {periods[0]} to {periods[-1]}"
    svg = paper_chart(trend_figure(chart), width)
    return PackSeries(
        heading=heading,
        picture=PackPicture(svg, f"{LOCAL}. {series.chart}. {finding_words(series)}", width, LOW_HEIGHT),
        points=points,
        columns=_columns(series, points),
        key=point_key(points),
        kinds=tuple(POINT_WORDS.items()),
        mean=chart.mean_text,
        upper=chart.upper_text,
        lower=chart.lower_text,
        standard=last.standard_text if last and last.standard is not None else "",
        comparator="",
        method=f"{LOCAL}. {method_words(series)}",
        limits=(method_words(series),),
        signals=_signals(series, points),
        events=tuple((item.number, item.words) for item in chart.events),
    )


def _signals(series: OwnSeries, points: Sequence[PackPoint]) -> tuple[tuple[str, str], ...]:
    """Why points are marked, the newest two reasons; of what lies between events how many are."""
    control = series.control
    if control is not None:
        found = sorted(control.analysed.signals_found, key=lambda item: -item.last)[:_MOST_SIGNALS]
        return tuple((control.periods[item.last].label, spell(control, [item])) for item in found)
    marked = [point.period for point in points if point.kind != COMMON_CAUSE]
    if not marked:
        return ()
    return ((marked[-1], f"{counted(len(marked), 'points')} of those drawn break a rule."),)


def _periods(series: OwnSeries, chart: TrendChart) -> list[str]:
    if series.control is not None:
        return [period.short_label for period in series.control.periods]
    return [gap.label for gap in series.gaps[-len(chart.points) :]]


def _columns(series: OwnSeries, points: Sequence[PackPoint]) -> tuple[PackColumn, ...]:
    """The numbers behind the chart, a row a point."""
    columns = [
        _known("period", "words", [point.period for point in points]),
        _known("value", "number", [point.value for point in points]),
    ]
    if series.control is not None and series.measure.kind.needs_counts:
        read = series.control.readings
        columns += [
            _known("numerator", "number", [item.numerator if item else None for item in read]),
            _known("denominator", "number", [item.denominator if item else None for item in read]),
        ]
    columns += [
        _known("mean", "number", [point.mean for point in points]),
        _known("lower_process_limit", "number", [point.lower for point in points]),
        _known("upper_process_limit", "number", [point.upper for point in points]),
        PackColumn(
            "local_target",
            "number",
            "The local target in force on the period's first day, which no publisher set.",
            tuple(point.standard for point in points),
        ),
        PackColumn(
            "local_status",
            "words",
            "That the figure is local and unpublished, and whether it is provisional.",
            tuple(f"{LOCAL}{', provisional' if point.provisional else ''}" for point in points),
        ),
    ]
    return tuple(columns)


def _known(key: str, kind: str, cells: Sequence[PackCell]) -> PackColumn:
    return PackColumn(key, kind, column_definition(key).meaning, tuple(cells))
