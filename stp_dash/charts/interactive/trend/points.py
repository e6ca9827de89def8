"""What a chart of one organisation over time shows: numbers, words and marks, ready to draw."""

from __future__ import annotations

from dataclasses import dataclass

COMMON_CAUSE, IMPROVEMENT, CONCERN, NEITHER = "common_cause", "improvement", "concern", "neither"


@dataclass(frozen=True)
class TrendPoint:
    """One period, with or without a figure. `restarts`: it cannot be compared with the periods before it.

    `at` is its place on the time axis and `length` its breadth, both in months. `rolling` is the figure of several
    periods together, up to this one. `kind` is the point's type under the rules, `above` on which side of the mean it
    lies. `mean`, `lower` and `upper` are those of the point's phase, limits clipped to what can occur.
    `restarts` is the day in words, `restart_head` and `restart_note` what is written with it; `preview` says that
    nobody has recorded it, and `goes_on` that only limits restart, so that the line of figures is not parted. `code` is
    its month as addresses write it. `interval` is the published interval of the figure. `joint` says from which
    organisations to which the line goes on with this period.
    """

    at: float
    tick: str
    year: str
    value: float | None
    shown: str
    hover: str
    standard: float | None = None
    standard_text: str = ""
    interim: float | None = None
    interim_text: str = ""
    comparator: float | None = None
    comparator_text: str = ""
    rolling: float | None = None
    rolling_text: str = ""
    provisional: bool = False
    restarts: str = ""
    restart_head: str = "Series restarts"
    restart_note: str = ""
    preview: bool = False
    goes_on: bool = False
    length: float = 1.0
    kind: str = COMMON_CAUSE
    above: bool = True
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    code: str = ""
    interval: tuple[float, float] | None = None
    joint: str = ""

    @property
    def start(self) -> float:
        return self.at - self.length / 2

    @property
    def end(self) -> float:
        return self.at + self.length / 2


@dataclass(frozen=True)
class TrendEvent:
    """A ring: its number on the chart and in the list beside it, its place in months, and what happened.

    `stems` are the places of the first and last days that are drawn of what it stands for, None for its own alone;
    `last` where the last of it ends or leaves the chart; `expected`: none has come yet.
    """

    number: int
    at: float
    words: str
    stems: tuple[float, ...] | None = None
    last: float | None = None
    expected: bool = False

    @property
    def places(self) -> tuple[float, ...]:
        """Where its stems stand."""
        return (self.at,) if self.stems is None else self.stems


@dataclass(frozen=True)
class ProjectedLine:
    """What was projected, beside the figures: places in months with values. `words` stand at its end."""

    name: str
    words: str
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class TrendChart:
    """A whole chart: a point for every period, in order. `suffix` follows numbers on the axis, `unit` names them.

    `letters` are the words at whole numbers of an axis that has no numbers. `mean_text`, `upper_text` and
    `lower_text` name the lines of the last phase; `notice` stands over the whole plot. `floor` and `ceiling` bound
    the labels of the axis. `room` is the least and the greatest width that the figure is drawn in, in pixels. `opens`
    is the address that a point opens, with @ for its month. `height` is how high the figure is, in pixels, where
    that is not the page's own height. `projections` are drawn dashed, and alone run past the last point, through
    the periods `ahead`, which have no figures. `projected` says that the figures are themselves a projection.
    `plan` are the places and values of what is planned, `plan_text` its name; `behind` the plan of the latest figure's
    month and how far that is behind it, None where it is not.
    """

    points: tuple[TrendPoint, ...]
    name: str
    suffix: str
    phone: bool = False
    tablet: bool = False
    unit: str = ""
    letters: tuple[tuple[float, str], ...] = ()
    mean_text: str = ""
    upper_text: str = ""
    lower_text: str = ""
    events: tuple[TrendEvent, ...] = ()
    notice: str = ""
    floor: float = 0.0
    ceiling: float | None = None
    room: tuple[float, float] = (721.0, 976.0)
    opens: str = ""
    height: int | None = None
    projections: tuple[ProjectedLine, ...] = ()
    ahead: tuple[TrendPoint, ...] = ()
    projected: bool = False
    plan: tuple[tuple[float, float], ...] = ()
    plan_text: str = ""
    behind: tuple[float, str] | None = None

    @property
    def first(self) -> float:
        return self.points[0].start

    @property
    def last(self) -> float:
        return self.every_point[-1].end

    @property
    def every_point(self) -> tuple[TrendPoint, ...]:
        """The points, and the periods after them that only projections reach."""
        return (*self.points, *self.ahead)

    @property
    def drawn_restarts(self) -> tuple[TrendPoint, ...]:
        """The points before which a rule is drawn: not the first, which has nothing before it."""
        return tuple(point for point in self.points[1:] if point.restarts)

    @property
    def joints(self) -> tuple[TrendPoint, ...]:
        """The points before which the line is joined, where nothing restarts."""
        return tuple(point for point in self.points[1:] if point.joint and not point.restarts)

    @property
    def latest(self) -> TrendPoint | None:
        """The last point with a figure."""
        return next((point for point in reversed(self.points) if point.value is not None), None)
