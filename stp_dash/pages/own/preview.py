"""The charts of a file that was checked: each place's as it stands, and as it would with the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import LocalTarget, OwnMeasure
from db.domain.own.totals import with_totals
from db.own.handing_in import HandedIn
from db.own.submissions import OwnChanges, standing_figures, standing_targets
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.static.picture import paper_chart
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.pages.own.chart import own_chart
from stp_dash.pages.own.read import places_of
from stp_dash.pages.own.series import OwnSeries, measure_series
from stp_dash.pages.own.words import finding_words

MOST_CHARTS = 6
"""So many places of a measure are drawn, those with the most that is different first."""
_WIDE, _NARROW, _HEIGHT = 676, 330, 300


@dataclass(frozen=True)
class ChartPicture:
    """A chart as addresses of images, for wide screens and for phones, and its words."""

    wide: str
    narrow: str
    words: str


@dataclass(frozen=True)
class ChartPreview:
    """A place's chart without the file, None where it has no figure yet, and with it."""

    name: str
    without: ChartPicture | None
    with_file: ChartPicture | None


def chart_previews(
    connection: Connection, found: HandedIn, names: Mapping[str, str]
) -> dict[str, list[ChartPreview]]:
    """The charts of every measure that a checked file would change, by measure."""
    previews = {}
    for code, changes in found.changes.items():
        measure = found.measures[code]
        standing, targets = standing_figures(connection, code), standing_targets(connection, measure)
        handed_in = [item.target for item in found.checked.targets if item.measure == code]
        previews[code] = _of_measure(measure, standing, changes, (targets, _with(targets, handed_in)), names)
    return previews


def _with(targets: Sequence[LocalTarget], handed_in: Sequence[LocalTarget]) -> tuple[LocalTarget, ...]:
    """Targets with those of a file, which come before those of the same place and first day."""
    by_place = {(item.organisation, item.unit, item.effective_from): item for item in (*targets, *handed_in)}
    return tuple(sorted(by_place.values(), key=lambda item: item.effective_from))


def _of_measure(
    measure: OwnMeasure,
    standing: Mapping[FigureKey, OwnFigure],
    changes: OwnChanges,
    targets: tuple[Sequence[LocalTarget], Sequence[LocalTarget]],
    names: Mapping[str, str],
) -> list[ChartPreview]:
    coming = {item.key: item for item in (*changes.new, *(new for _, new in changes.changed))}
    gone = {item.key for item in changes.withdrawn}
    after = {key: item for key, item in {**standing, **coming}.items() if key not in gone}
    figures = with_totals(measure, standing), with_totals(measure, after)
    different = [
        (key.organisation, key.unit)
        for key in {**figures[0], **figures[1]}
        if figures[0].get(key) != figures[1].get(key)
    ]
    places = list(places_of(measure, {**figures[0], **figures[1]}, names))
    if different:
        places = [place for place in places if (place.organisation, place.unit) in different]
        places.sort(key=lambda place: -different.count((place.organisation, place.unit)))
    return [
        ChartPreview(
            place.name,
            _picture(measure_series(measure, targets[0], place, figures[0])),
            _picture(measure_series(measure, targets[1], place, figures[1])),
        )
        for place in places[:MOST_CHARTS]
    ]


def _picture(series: OwnSeries) -> ChartPicture | None:
    """The chart for paper at two widths; None where no figure can be drawn."""
    wide, narrow = own_chart(series), own_chart(series, phone=True)
    if not any(point.value is not None for point in wide.points):
        return None
    drawn = [
        data_address(paper_chart(trend_figure(replace(chart, room=(width, width), height=_HEIGHT)), width))
        for chart, width in ((wide, _WIDE), (narrow, _NARROW))
    ]
    return ChartPicture(drawn[0], drawn[1], f"{series.chart}, {series.place.name}. {finding_words(series)}")
