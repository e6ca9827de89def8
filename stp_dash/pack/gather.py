"""The parts of a pack from what the pages say: nothing is computed or put into words here that a page has already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from db.service.packs.issued import IssuedFigure
from stp_dash.analysis.download_columns import CellType, column_definition
from stp_dash.analysis.provenance import FileLine, file_line
from stp_dash.analysis.sheet import Cell, Column
from stp_dash.analysis.signals import POINT_WORDS
from stp_dash.analysis.standing.verdict import SHORT, verdict
from stp_dash.analysis.wording import capitalised, missing_word, value_text
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.static.picture import paper_chart
from stp_dash.charts.svg.icons import assurance_svg, point_svg, variation_svg
from stp_dash.charts.svg.sparkline import HEIGHT, STRIP_HEIGHT, STRIP_WIDTH, sparkline_svg, strip_svg
from stp_dash.pack.model import (
    AttentionLine,
    IndicatorSheet,
    MatrixLine,
    PackCell,
    PackColumn,
    PackComment,
    PackFact,
    PackIcon,
    PackPart,
    PackPicture,
    PackPoint,
    PackSeries,
    ReleaseLines,
    ScoreRow,
    SourceLine,
)
from stp_dash.pages.overview.attention import Attention
from stp_dash.pages.overview.changes import ReleaseNote
from stp_dash.pages.overview.matrix import matrix
from stp_dash.pages.overview.row import IndicatorRow, ranked_parts, trusts_sum
from stp_dash.pages.trend.words import Trend

CHART_WIDTH, WIDE_CHART = 676.0, 1033.0
CHART_HEIGHT, LOW_HEIGHT, LESS_HEIGHT = 350, 298, 20
MORE_LYING, MORE_UPRIGHT, LESS_UPRIGHT = 40, 130, 50
"""Pixels: what a sheet of an indicator has room for beside the parts of the area, and the whole width of one that lies;
low below a long finding and over commentary, so much less again for each other line, so much more where no list of
parts stands beside or below a chart, and so much less upright where one stands below."""
_LONG_TITLE, _LONG_FINDING, _LONG_NOTE, _LONG_EVENTS = 80, 160, 64, 110
"""Letters: from here on a title, a finding and the events take a second line, what is below a key figure a third."""
SPARK_WIDTH = 140
_KEY = '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">{}</svg>'
_MOST_SIGNALS, _MOST_EVENTS = 2, 6


def indicator_sheet(
    row: IndicatorRow, trend: Trend | None, comment: PackComment | None, *, lying: bool
) -> IndicatorSheet:
    """One indicator's sheet: the trend page of the area, the parts of the overview's row, and what people say.

    lying: whether the paper does, whose whole width the chart then has where there are no parts.
    """
    line, indicator = row.line, row.line.indicator
    alone = {part.organisation for part in line.shown_parts} == {line.given.area.commissioner}
    notes = (row.reached, row.absent_parts, trusts_sum(line))
    facts, parts = _facts(row, trend), () if alone else _parts(row)
    width = WIDE_CHART if lying and not parts else CHART_WIDTH
    more = MORE_LYING if lying else MORE_UPRIGHT
    if parts:
        more = 0 if lying else -LESS_UPRIGHT
    named = [f"{item.title or item.name}, published {item.published}" for item in _files(row)]
    return IndicatorSheet(
        id=row.id,
        topic=row.topic,
        name=row.name,
        title=trend.title if trend else f"{row.name}: no figure for {line.given.area.name}",
        sentence=(trend.finding if trend else "") or row.sentence,
        unit=indicator.unit,
        facts=facts,
        variation=PackIcon(
            variation_svg(row.variation), row.variation_words, trend.strip.variation_note if trend else ""
        ),
        assurance=PackIcon(
            assurance_svg(row.assurance.icon),
            row.assurance.words,
            trend.strip.assurance_note if trend else "",
        ),
        score=_score(row),
        series=_series(trend, facts, (width, more), low=comment is not None) if trend else None,
        parts_heading=f"Each {line.parts.one}, {row.period_label}",
        parts=parts,
        parts_note="" if alone else " ".join(f"{part}." for part in notes if part),
        source=f"{row.owner}. {'; '.join(dict.fromkeys(named))}".rstrip(". ") + ".",
        status=capitalised(f"{row.status}: {row.period_label}") if row.status else row.period_label,
        definition=indicator.definition.split("\n")[0],
        demonstration=row.demonstration,
        comment=comment,
    )


def _files(row: IndicatorRow) -> list[FileLine]:
    """The files of a row's figure, or where the area has none, of its parts'."""
    line = row.line
    own = line.reading.files if line.reading is not None else ()
    files = own or [file for part in line.shown_parts for file in part.files]
    return [file_line(file) for file in dict.fromkeys(files)]


def _facts(row: IndicatorRow, trend: Trend | None) -> tuple[PackFact, ...]:
    """The latest figure, its standard, the gap, and the first figure that stands beside it."""
    told, standard = row.verdict, row.standard
    period = ", ".join(part for part in (row.period_label, row.status) if part)
    note = " · ".join(part for part in (row.unit, row.counts, row.interval) if part)
    if trend:
        told, standard = trend.strip.verdict, trend.strip.standard
        period, note = trend.strip.period, trend.strip.value_note
    detail = " · ".join(part for part in (told.detail, told.note) if part)
    sides = trend.sides[:1] if trend else ()
    return (
        PackFact(period, trend.strip.value if trend else row.value, note),
        PackFact("Standard", standard.level, " · ".join(standard.notes[:2])),
        PackFact("Gap", told.headline, detail, short=told.tone == SHORT and not told.note),
        *(PackFact(side.heading, side.value, side.counts or side.note) for side in sides),
    )


def _chart_height(trend: Trend, facts: Sequence[PackFact], events: str, *, low: bool) -> int:
    """What words above and below the chart leave of the sheet."""
    longer = (
        len(trend.title) > _LONG_TITLE,
        len(trend.finding) > _LONG_FINDING,
        any(len(fact.note) > _LONG_NOTE for fact in facts),
        len(events) > _LONG_EVENTS,
    )
    return LOW_HEIGHT - LESS_HEIGHT * max(0, sum(longer) - 1) if low or any(longer) else CHART_HEIGHT


def _series(trend: Trend, facts: Sequence[PackFact], room: tuple[float, int], *, low: bool) -> PackSeries:
    """room: how wide the chart is, and how much higher than beside parts."""
    width, more = room
    events = tuple(
        (ring.number, " ".join(f"{item.when}: {item.text}" for item in ring.events))
        for ring in trend.events[-_MOST_EVENTS:]
    )
    height = _chart_height(trend, facts, "".join(words for _, words in events), low=low)
    # A sheet that lies has more room only where words leave it.
    if more != MORE_LYING or (height >= LOW_HEIGHT and not low):
        height += more
    chart = replace(trend.chart, room=(width, width), height=height, opens="", tablet=True)
    svg = paper_chart(trend_figure(chart), width)
    words = f"{trend.label}. {trend.finding}"
    last = chart.latest
    drawn = trend.rows[::-1][-len(chart.points) :]
    points = tuple(
        PackPoint(
            row.period.short_label,
            point.value,
            point.mean,
            point.lower,
            point.upper,
            point.standard,
            point.comparator,
            point.kind,
            point.above,
            point.provisional,
        )
        for row, point in zip(drawn, chart.points, strict=True)
    )
    return PackSeries(
        heading=trend.heading,
        picture=PackPicture(svg, words, width, height),
        points=points,
        columns=tuple(_column(item) for item in trend.sheet.download),
        key=point_key(points),
        kinds=tuple(POINT_WORDS.items()),
        mean=chart.mean_text,
        upper=chart.upper_text,
        lower=chart.lower_text,
        standard=last.standard_text if last and last.standard is not None else "",
        comparator=trend.compared_name if any(p.comparator is not None for p in points) else "",
        method=trend.method,
        limits=trend.limits.basis if trend.limits else (),
        signals=tuple((item.when, item.text) for item in trend.signals[:_MOST_SIGNALS]),
        events=events,
    )


def point_key(points: Sequence[PackPoint]) -> tuple[PackIcon, ...]:
    """The marks that the chart has, with their words."""
    known = [point for point in points if point.value is not None]
    kinds = [kind for kind in POINT_WORDS if any(point.kind == kind for point in known)]
    if not any(point.upper is not None for point in known):
        kinds = []
    marks = [PackIcon(_KEY.format(point_svg(kind, 8, 8, 5)), POINT_WORDS[kind]) for kind in kinds]
    if any(point.provisional for point in known):
        marks.append(
            PackIcon(_KEY.format(point_svg("common_cause", 8, 8, 4.5, hollow=True)), "Hollow: provisional")
        )
    return tuple(marks)


def _column(column: Column) -> PackColumn:
    known = column_definition(column.key)
    numbers = known.type in {CellType.NUMBER, CellType.WHOLE}
    kind = "number" if numbers else "day" if known.type is CellType.DATE else "words"
    return PackColumn(column.key, kind, known.meaning, tuple(_plain(cell) for cell in column.raw))


def _plain(cell: Cell) -> PackCell:
    if isinstance(cell, date):
        return cell.isoformat()
    return float(cell) if isinstance(cell, int) else cell


def _parts(row: IndicatorRow) -> tuple[PackPart, ...]:
    """The parts of the area, the worst first."""
    line, found = row.line, []
    missing = missing_word(line.indicator)
    for reading in ranked_parts(line):
        told = verdict(line.indicator, reading, line.average)
        words = f"{told.headline} {missing if told.tone == SHORT else told.detail}"
        found.append(
            PackPart(
                line.name(reading),
                value_text(line.indicator, reading.value, line.standard),
                reading.value,
                reading.numerator,
                reading.denominator,
                words,
                short=told.tone == SHORT,
            )
        )
    return tuple(found)


def _score(row: IndicatorRow) -> ScoreRow:
    when = ", ".join(part for part in (row.period, row.status) if part)
    spark = PackPicture(sparkline_svg(row.sparkline, SPARK_WIDTH), row.sparkline.label, SPARK_WIDTH, HEIGHT)
    strip = None
    if row.strip is not None:
        strip = PackPicture(strip_svg(row.strip), row.strip.label, STRIP_WIDTH, STRIP_HEIGHT)
    return ScoreRow(
        sentence=row.sentence,
        value=row.value,
        unit=row.unit,
        notes=tuple(part for part in (row.counts, when, row.interval) if part),
        standard=row.standard.level,
        standard_notes=row.standard.notes[:2],
        gap=row.verdict.headline,
        gap_notes=tuple(part for part in (row.verdict.detail, row.verdict.note) if part),
        short=row.short,
        spark=spark,
        strip=strip,
        ends=tuple(f"{item.name} {item.value}" for item in row.ends),
        strip_note="; ".join(part for part in (row.reached, row.absent_parts) if part),
    )


def attention_lines(told: Sequence[Attention]) -> tuple[AttentionLine, ...]:
    """What needs attention, with its icons."""
    return tuple(
        AttentionLine(
            item.count,
            item.unit,
            item.heading,
            item.sentence,
            PackIcon(variation_svg(item.row.variation), item.row.variation_words) if item.row else None,
            PackIcon(assurance_svg(item.row.assurance.icon), item.row.assurance.words) if item.row else None,
            item.row.id if item.row else "",
        )
        for item in told
    )


def matrix_lines(rows: Sequence[IndicatorRow]) -> tuple[tuple[PackIcon, ...], tuple[MatrixLine, ...]]:
    """The columns of the matrix, and its lines."""
    found = matrix(rows)
    columns = tuple(PackIcon(assurance_svg(icon), words) for icon, words in found.columns)
    lines = []
    for line in found.rows:
        cells = tuple(
            (
                tuple(f"{entry.name}{f' ({entry.note})' if entry.note else ''}" for entry in cell.entries),
                cell.tone,
            )
            for cell in line.cells
        )
        lines.append(MatrixLine(PackIcon(variation_svg(line.icon), line.words), cells))
    return columns, tuple(lines)


def release_lines(notes: Sequence[ReleaseNote]) -> tuple[ReleaseLines, ...]:
    """What changed with each source's newest release; sources that brought the area nothing are named together."""
    found = [
        ReleaseLines(
            note.topic,
            note.released,
            tuple(f"{item.lead}{item.strong}{item.rest}" for item in note.changes),
            note.settled,
        )
        for note in notes
        if note.brought or note.changes or note.settled
    ]
    others = [note.topic for note in notes if not (note.brought or note.changes or note.settled)]
    if found and others:
        found.append(ReleaseLines("Nothing of the area", "; ".join(others), (), ""))
    return tuple(found)


def source_lines(rows: Sequence[IndicatorRow]) -> tuple[SourceLine, ...]:
    """The files that the latest figures rest on, each with the indicators that do."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        for item in _files(row):
            own = found.setdefault(
                (row.owner, f"{item.title or item.name} ({item.name})", item.published), []
            )
            if row.name not in own:
                own.append(row.name)
    return tuple(SourceLine(*file, "; ".join(names)) for file, names in found.items())


def figures_shown(rows: Sequence[IndicatorRow], trends: Sequence[Trend | None]) -> tuple[IssuedFigure, ...]:
    """Every figure of the area that charts and key figures show, and those of its parts, each once."""
    found: dict[tuple[str, str, int], IssuedFigure] = {}
    for row, trend in zip(rows, trends, strict=True):
        drawn = trend.rows[: len(trend.chart.points)] if trend else ()
        shown = [row.line.reading, *row.line.shown_parts, *(item.reading for item in drawn)]
        for reading in shown:
            if reading is None or reading.value is None:
                continue
            codes = reading.organisation or " ".join(reading.members)
            found.setdefault(
                (row.id, codes, reading.period.key),
                IssuedFigure(
                    row.id, codes, reading.period, reading.numerator, reading.denominator, reading.value
                ),
            )
    return tuple(found.values())
