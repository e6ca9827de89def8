"""A board pack as plain data: words, numbers and small pictures, which every format is written from.

Nothing here knows the store or the pages: a process of its own can write a document of it.
"""

from __future__ import annotations

from dataclasses import dataclass

PackCell = float | str | None
"""A cell of a table: a number unrounded, words or a day as 2026-08-31, or None for what was not published."""


@dataclass(frozen=True)
class PackIcon:
    """An icon as SVG, the words that always stand beside it, and a note."""

    svg: str
    words: str
    note: str = ""


@dataclass(frozen=True)
class PackPicture:
    """A chart as SVG of a width and a height in pixels; `words` say what it shows to who cannot see it."""

    svg: str
    words: str
    width: float
    height: float


@dataclass(frozen=True)
class PackFact:
    """A key figure. `short` says that it misses what it is held to."""

    heading: str
    value: str
    note: str
    short: bool = False


@dataclass(frozen=True)
class PackPart:
    """A part of the area, such as a trust: its figure and how it stands, the worst first."""

    name: str
    shown: str
    value: float | None
    numerator: float | None
    denominator: float | None
    verdict: str
    short: bool


@dataclass(frozen=True)
class PackPoint:
    """One period of a series under its limits; `kind` is the point's type under the rules, `above` the side of the
    mean that it lies on."""

    period: str
    value: float | None
    mean: float | None
    lower: float | None
    upper: float | None
    standard: float | None
    comparator: float | None
    kind: str
    above: bool
    provisional: bool


@dataclass(frozen=True)
class PackColumn:
    """A column of a sheet's numbers. `kind` is `number`, `day` or `words`, `meaning` what the column holds."""

    key: str
    kind: str
    meaning: str
    cells: tuple[PackCell, ...]


@dataclass(frozen=True)
class PackSeries:
    """An indicator over time: the chart for paper, its points for slides and its numbers for a workbook.

    kinds: the types of points with their words. mean, upper, lower, standard: how the lines end, "" for none.
    """

    heading: str
    picture: PackPicture
    points: tuple[PackPoint, ...]
    columns: tuple[PackColumn, ...]
    key: tuple[PackIcon, ...]
    kinds: tuple[tuple[str, str], ...]
    mean: str
    upper: str
    lower: str
    standard: str
    comparator: str
    method: str
    limits: tuple[str, ...]
    signals: tuple[tuple[str, str], ...]
    events: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class PackAction:
    """Something that is being done: whose it is, by when, and how far, in words. `late` says that its day is past."""

    what: str
    owner: str
    by: str
    state: str
    late: bool


@dataclass(frozen=True)
class PackComment:
    """What those responsible say of an indicator, as they typed it.

    happened, assurance: sentence by sentence, so that paper can be cut there; the first of a new line begins with a
    line break. written: by whom, when and of which period. stale: that figures have come since, "" where none have.
    """

    period: str
    happened: tuple[str, ...]
    actions: tuple[PackAction, ...]
    assurance: tuple[str, ...]
    role: str
    shown_on: str
    written: str
    stale: str

    @property
    def what_happened(self) -> str:
        """The whole of it, its lines as they were typed."""
        return " ".join(self.happened).replace(" \n", "\n")

    @property
    def what_is_relied_on(self) -> str:
        """The whole of the assurance, its lines as they were typed."""
        return " ".join(self.assurance).replace(" \n", "\n")

    @property
    def what_is_done(self) -> str:
        """The actions, a line each."""
        return "\n".join(f"{item.what} ({item.owner}, by {item.by}: {item.state})" for item in self.actions)


@dataclass(frozen=True)
class ScoreRow:
    """An indicator's row of the scorecard."""

    sentence: str
    value: str
    unit: str
    notes: tuple[str, ...]
    standard: str
    standard_notes: tuple[str, ...]
    gap: str
    gap_notes: tuple[str, ...]
    short: bool
    spark: PackPicture
    strip: PackPicture | None
    ends: tuple[str, ...]
    strip_note: str


@dataclass(frozen=True)
class IndicatorSheet:
    """One indicator. `series` is None where the area has no figure of its own over time.

    unit: the indicator's, `%` of a share. parts: what the area is made of, under `parts_heading`. status: how settled
    the latest figure is.
    """

    id: str
    topic: str
    name: str
    title: str
    sentence: str
    unit: str
    facts: tuple[PackFact, ...]
    variation: PackIcon
    assurance: PackIcon
    score: ScoreRow
    series: PackSeries | None
    parts_heading: str
    parts: tuple[PackPart, ...]
    parts_note: str
    source: str
    status: str
    definition: str
    demonstration: bool
    comment: PackComment | None = None


@dataclass(frozen=True)
class AttentionLine:
    """Something that needs attention, its count leading. `sheet` is the indicator's id, "" for overdue data."""

    count: str
    unit: str
    heading: str
    sentence: str
    variation: PackIcon | None
    assurance: PackIcon | None
    sheet: str


@dataclass(frozen=True)
class MatrixLine:
    """A row of the matrix: what the process does, and in each column the indicators with how the cell stands."""

    icon: PackIcon
    cells: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True)
class ReleaseLines:
    """What a source's newest release changed, a line each, and what it revised besides."""

    topic: str
    released: str
    lines: tuple[str, ...]
    settled: str


@dataclass(frozen=True)
class SourceLine:
    """A file that figures rest on, and the indicators that do."""

    publisher: str
    file: str
    published: str
    indicators: str


@dataclass(frozen=True)
class BoardPack:
    """The whole pack of an area.

    paper: `landscape` or `portrait`. day: the day that it is of, in words. stamp: seconds since 1970 that documents
    give as when they were made: those of the data, so that the same pack is the same bytes. banner: what every sheet
    says of demonstration data, "" where there is none, and mixed that other figures are real. periods: of each topic
    the last that is shown. columns: the columns of the matrix. releases: what was new or revised, none as of another
    time. absent: what is not loaded. commentary: the revision of commentary that the sheets' is as of, 0 without any.
    own: sheets of own measures, which nobody published.
    """

    site: str
    area: str
    paper: str
    title: str
    lede: str
    day: str
    period: str
    version: str
    stamp: int
    banner: str
    mixed: bool
    periods: tuple[tuple[str, str], ...]
    attention: tuple[AttentionLine, ...]
    columns: tuple[PackIcon, ...]
    matrix: tuple[MatrixLine, ...]
    releases: tuple[ReleaseLines, ...]
    sheets: tuple[IndicatorSheet, ...]
    summary: str
    provisional: str
    rules: str
    basis: str
    absent: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    licence: str
    disclaimer: str
    address: str
    commentary: int = 0
    own: tuple[IndicatorSheet, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of the sheets, in order."""
        return tuple(dict.fromkeys(sheet.topic for sheet in self.sheets))

    @property
    def every_sheet(self) -> tuple[IndicatorSheet, ...]:
        """The sheets of indicators, then those of own measures."""
        return (*self.sheets, *self.own)
