"""One challenge: what was said of it, the figures that follow it, and which way they go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from db.catalogue.challenges import Challenge, ClaimAnswer
from db.domain import Frequency, Indicator, Maturity, Period
from db.domain.reading import Reading
from stp_dash.analysis.mergers.history import code_changes
from stp_dash.analysis.mergers.words import joint_text
from stp_dash.analysis.series import month_number, periods_between, position, with_missing_snapshots
from stp_dash.analysis.wording import value_text
from stp_dash.charts.svg.sparkline import Sparkline, SparkPoint
from stp_dash.pages.overview.attention import ranked
from stp_dash.pages.overview.figures import IndicatorFigures
from stp_dash.pages.overview.matrix import CHANGED, IMPROVING, STEADY, UNKNOWN, WORSE, direction_of
from stp_dash.pages.overview.row import IndicatorRow

MIXED, PARTS, UNLOADED, UNREAD, QUOTED = "mixed", "by parts", "not loaded", "not read", "quoted only"
BEHIND = "behind all"
"""Of what stands behind all challenges and has a figure: it gets no verdict."""
DIRECTIONS = (WORSE, MIXED, STEADY, IMPROVING, CHANGED, UNKNOWN, PARTS, UNLOADED, UNREAD, QUOTED)
"""What can be said of a challenge, in the order of the page. Mixed: some of its figures are better, some worse. By
parts: its figures are of councils or trusts, and are not added up to the area. Unloaded: its indicators have no figure
of the area; unread: no open figure of it is among this site's; quoted only: none has its meaning."""


@dataclass(frozen=True)
class ProjectedFigures:
    """A projection of one of a challenge's indicators for the area, and what was estimated since it was named."""

    indicator: Indicator
    projected: tuple[Reading, ...]
    estimated: tuple[Reading, ...]


@dataclass(frozen=True)
class ChallengeRow:
    """`lead` is the figure that the direction rests on, `others` are the challenge's further figures.

    since: the lead's line since the challenge was named. parts: without a lead, the rows that have figures of parts of
    the area. context: rows of another meaning, beside a challenge that has no figure of its own. projections: what
    was projected of its indicators. baselines: the figures of the time when it was said, of indicators that have ended.
    followed_by: the names of the indicators that follow it, whether or not they have a figure here.
    """

    challenge: Challenge
    direction: str
    lead: IndicatorRow | None
    others: tuple[IndicatorRow, ...]
    since: Sparkline | None
    parts: tuple[IndicatorRow, ...] = ()
    baselines: tuple[IndicatorFigures, ...] = ()
    context: tuple[IndicatorRow, ...] = ()
    projections: tuple[ProjectedFigures, ...] = ()
    followed_by: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[IndicatorRow, ...]:
        return (*((self.lead,) if self.lead is not None else ()), *self.others)


def challenge_row(
    challenge: Challenge,
    rows: Mapping[str, IndicatorRow],
    series: Mapping[str, Sequence[Reading]],
    span: tuple[date, date],
) -> ChallengeRow:
    """A challenge with the rows of its indicators. `series` is by indicator; `span` are the ends of the time axis.

    Its direction is that of its figures together, and where some are better and some worse it is mixed. The lead is of
    those that decide the one that most needs attention: `docs/methods.md`, "The Case for Change".
    """
    own = [rows[code] for code in challenge.indicators if code in rows and rows[code].value_known]
    if not own:
        known = (rows[code] for code in challenge.indicators if code in rows)
        parts = tuple(row for row in known if row.line.of_parts_only)
        direction = PARTS if parts else _without_figure(challenge)
        return ChallengeRow(challenge, direction, None, (), None, parts)
    directions = {row.id: direction_of(row) for row in own}
    found = next(item for item in (WORSE, IMPROVING, STEADY, CHANGED, UNKNOWN) if item in directions.values())
    mixed = {WORSE, IMPROVING} <= set(directions.values())
    deciding = [row for row in own if mixed or directions[row.id] == found]
    direction = MIXED if mixed else found
    urgent = [row for _, row in ranked(deciding)]
    lead = (urgent or deciding)[0]
    others = tuple(row for row in own if row is not lead)
    return ChallengeRow(challenge, direction, lead, others, _since(lead, series.get(lead.id, ()), span))


def _without_figure(challenge: Challenge) -> str:
    if challenge.answer is ClaimAnswer.NEITHER:
        return QUOTED
    return UNLOADED if challenge.indicators else UNREAD


def _since(row: IndicatorRow, readings: Sequence[Reading], span: tuple[date, date]) -> Sparkline | None:
    """The area's figures on the page's time axis; a period without a figure is a gap, a break ends the line.

    A thin rule stands where it goes on under other codes.
    """
    known = {item.period: item for item in readings}
    values = [item.value for item in readings if item.value is not None]
    if not values:
        return None
    periods = _every_period(sorted(known), [item.on for item in row.line.indicator.breaks])
    first, last = month_number(span[0]), month_number(span[1]) + 1
    given, held = row.line.given, [known.get(period) for period in periods]
    joints = code_changes(held, given.area.commissioner, given.steps)
    points, before = [], None
    for place, (period, reading) in enumerate(zip(periods, held, strict=True)):
        points.append(replace(_point(row, reading, period, before), joint=place in joints))
        before = period
    at = tuple(min(1.0, max(0.0, (position(period) - first) / (last - first))) for period in periods)
    low, high = (value_text(row.line.indicator, item) for item in (min(values), max(values)))
    label = f"{row.name}, {periods[0].short_label} to {periods[-1].short_label}: between {low} and {high}"
    told = [joint_text(*both) for both in joints.values()]
    return Sparkline(tuple(points), "; ".join([label, *told]), row.sparkline.level, at)


def _every_period(held: Sequence[Period], breaks: Sequence[date]) -> tuple[Period, ...]:
    if held[0].frequency is Frequency.SNAPSHOT:
        return with_missing_snapshots(held, breaks)
    return periods_between(held[0], held[-1], held)


def _point(row: IndicatorRow, reading: Reading | None, period: Period, before: Period | None) -> SparkPoint:
    """A period's figure; the latest has the mark that it has in the overview."""
    indicator = row.line.indicator
    standard = indicator.standard_on(period.start)
    last = row.sparkline.points[-1] if period == row.line.period and row.sparkline.points else None
    return SparkPoint(
        reading.value if reading is not None else None,
        standard.value if standard is not None else None,
        provisional=reading is not None and reading.maturity is Maturity.PROVISIONAL,
        restarts=before is not None
        and any(before.start < item.on <= period.start for item in indicator.breaks),
        mark=last.mark if last is not None else "",
        side=last.side if last is not None else "high",
    )
