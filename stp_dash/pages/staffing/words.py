"""Staff against the national average: posts short by area and over time, by each definition of who is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from db.catalogue.policy_dates import FORMER_CCGS_END
from db.catalogue.quoted_claims import QuotedClaim
from db.domain import Indicator, Period
from db.domain.outline import Outline
from db.domain.reading import Reading
from stp_dash.analysis.series import position
from stp_dash.analysis.sheet import Column, Sheet
from stp_dash.analysis.standing.comparator import shortfall_of
from stp_dash.analysis.standing.verdict import rate_gap_text
from stp_dash.analysis.wording import (
    capitalised,
    count_text,
    date_text,
    distance_text,
    listing,
    number_word,
    value_text,
    within,
)
from stp_dash.charts.interactive.shortfall import ClaimMark, ShortfallChart, ShortfallLine
from stp_dash.charts.svg.area_map import BETTER, LESS, MORE, Key, MapArea, map_svg, svg_size, tile_map_svg
from stp_dash.charts.svg.shortfall_bars import Bar, BarChart
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.elements.links import TREND, href
from stp_dash.statistics.counts import divided, fewest_holding_half
from stp_dash.statistics.shortfall import Shortfall

_BESIDE = 0.75
"""Years that a figure may lie from the day of a claim to be set beside it."""
BOUNDARY_LICENCE = (
    "Source: Office for National Statistics, OGL v3; contains OS data © Crown copyright and database right"
)


@dataclass(frozen=True)
class StaffingInput:
    """What the page has read. `series` and `national` are by indicator: the area's and England's readings in order.

    parts: the readings of the area's parts in the period by the chosen definition; `registered`: all registered
    patients by organisation on that day, with or without a staff return.
    """

    area_name: str
    area_code: str
    definitions: tuple[Indicator, ...]
    chosen: Indicator
    period: Period
    series: Mapping[str, Sequence[Reading]]
    national: Mapping[str, Sequence[Reading]]
    parts: Sequence[Reading]
    registered: Mapping[str, float]
    names: Mapping[str, str]
    claims: Sequence[QuotedClaim]
    parts_words: str = "CCG areas"
    phone: bool = False


@dataclass(frozen=True)
class DefinitionRow:
    """One way of counting, on the page's day. Numbers are full-time equivalents and shares of patients (0 to 1)."""

    indicator: Indicator
    reading: Reading
    national: Reading
    found: Shortfall
    coverage: float | None

    @property
    def gap(self) -> str:
        return rate_gap_text(self.found.count)


@dataclass(frozen=True)
class PartRow:
    """One part of the area, on the page's day."""

    code: str
    name: str
    reading: Reading
    found: Shortfall
    coverage: float | None

    @property
    def gap(self) -> str:
        return rate_gap_text(self.found.count)


@dataclass(frozen=True)
class Staffing:
    """The area's staff against England's rate. Rows are None or empty where nothing is held."""

    given: StaffingInput

    @cached_property
    def shortfalls(self) -> Mapping[str, tuple[tuple[Reading, Shortfall], ...]]:
        """For each definition the days with figures of the area and of England, in order."""
        return {item.id: self._of(item) for item in self.given.definitions}

    def _of(self, indicator: Indicator) -> tuple[tuple[Reading, Shortfall], ...]:
        england = {item.period: item for item in self.given.national.get(indicator.id, ())}
        found = []
        for reading in self.given.series.get(indicator.id, ()):
            result = shortfall_of(reading, england.get(reading.period))
            if result is not None:
                found.append((reading, result))
        return tuple(found)

    @cached_property
    def rows(self) -> tuple[DefinitionRow, ...]:
        found = (self._row(indicator) for indicator in self.given.definitions)
        return tuple(row for row in found if row is not None)

    def _row(self, indicator: Indicator) -> DefinitionRow | None:
        day = self.given.period
        national = next((r for r in self.given.national.get(indicator.id, ()) if r.period == day), None)
        here = next((pair for pair in self.shortfalls[indicator.id] if pair[0].period == day), None)
        if here is None or national is None:
            return None
        covered = divided(here[0].denominator, self.given.registered.get(self.given.area_code))
        return DefinitionRow(indicator, here[0], national, here[1], covered)

    @cached_property
    def chosen(self) -> DefinitionRow | None:
        return next((row for row in self.rows if row.indicator.id == self.given.chosen.id), None)

    @cached_property
    def parts(self) -> tuple[PartRow, ...]:
        """The area's parts, the largest shortfall first."""
        if self.chosen is None:
            return ()
        national, found = self.chosen.national, []
        for reading in self.given.parts:
            result = shortfall_of(reading, national)
            if result is None:
                continue
            name = self.given.names.get(reading.organisation) or reading.organisation_name
            covered = divided(reading.denominator, self.given.registered.get(reading.organisation))
            found.append(PartRow(reading.organisation, name, reading, result, covered))
        return tuple(sorted(found, key=lambda row: -row.found.count))


def counted_as(indicator: Indicator) -> str:
    """A definition inside a sentence: `fully qualified GPs`, `GP nurses`, `all GPs`."""
    first = indicator.short_name.split(" ", 1)[0]
    name = indicator.short_name
    return name if first.isupper() else name[:1].lower() + name[1:]


def title(view: Staffing) -> str:
    """The page's finding: how many posts the area is short of England's rate, by the chosen definition."""
    area, row = view.given.area_name, view.chosen
    if row is None:
        return f"{area}: no figure of {counted_as(view.given.chosen)} {within(view.given.period)}"
    counted = counted_as(row.indicator)
    count = row.found.count
    if distance_text(abs(count)) == "0":
        return f"{area} is level with England's rate of {counted}"
    side = "short of" if count > 0 else "above"
    return f"{area} is {distance_text(abs(count))} {counted} {side} England's rate"


def lede(view: Staffing) -> str:
    """The rates behind the title, and which parts hold most of it."""
    row = view.chosen
    if row is None:
        return ""
    here, there = (value_text(row.indicator, item.value) for item in (row.reading, row.national))
    day = within(row.reading.period)
    rates = f"{here} full-time posts per 10,000 registered patients against {there} in England"
    told = f"{capitalised(day)}: {rates}."
    return " ".join(part for part in (told, _holders(view)) if part)


def _holders(view: Staffing) -> str:
    """The fewest parts that hold at least half of the posts that parts are short of."""
    short = [row for row in view.parts if row.found.count > 0]
    if len(short) < 3:
        return ""
    counts = [row.found.count for row in short]
    half = fewest_holding_half(counts)
    names, verb = listing([row.name for row in short[:half]]), "holds" if half == 1 else "hold"
    part = _part_of(sum(counts[:half]) / sum(counts))
    return f"{names} {verb} {part} of what the {view.given.parts_words} are short of."


def _part_of(share: float) -> str:
    return "half" if share < 0.6 else ("two thirds" if share < 0.75 else "most")


def over_time_sentence(view: Staffing) -> str:
    """First, lowest, highest and latest: no claim on what comes next."""
    found = view.shortfalls[view.given.chosen.id]
    if not found:
        return "There is no day with figures of both the area and England."
    if len(found) == 1:
        return f"One day is held: {rate_gap_text(found[0][1].count)} {within(found[0][0].period)}."
    low = min(found, key=lambda pair: pair[1].count)
    high = max(found, key=lambda pair: pair[1].count)
    first, last = found[0], found[-1]
    return capitalised(
        f"{rate_gap_text(last[1].count)} {within(last[0].period)}, {rate_gap_text(first[1].count)} "
        f"{within(first[0].period)}. In between from {rate_gap_text(low[1].count)} ({low[0].period.short_label}) to "
        f"{rate_gap_text(high[1].count)} ({high[0].period.short_label})."
    )


def parts_sentence(view: Staffing) -> str:
    """How many parts are below England's rate, and the two ends."""
    if not view.parts:
        return f"No figure for the {view.given.parts_words} is held on this day."
    below = [row for row in view.parts if row.found.count > 0]
    many = f"{number_word(len(below))} of {number_word(len(view.parts))}"
    every = "Every area is" if len(below) == len(view.parts) else capitalised(f"{many} are")
    first, last = view.parts[0], view.parts[-1]
    return f"{every} below England's rate. {first.name}: {first.gap}; {last.name}: {last.gap}."


def definitions_sentence(view: Staffing) -> str:
    """That the answer depends on who is counted, with the range of answers."""
    if len(view.rows) < 2:
        return ""
    ordered = sorted(view.rows, key=lambda row: row.found.count)
    low, high = ordered[0], ordered[-1]
    return (
        f"From {low.gap} ({counted_as(low.indicator)}) to {high.gap} ({counted_as(high.indicator)}) "
        f"{within(view.given.period)}."
    )


def shortfall_chart(view: Staffing) -> ShortfallChart:
    """Every definition over time, the chosen one in front, with the claims that others made."""
    lines = [_line(view, indicator) for indicator in view.given.definitions]
    claims = [
        ClaimMark(
            _year_position(claim),
            claim.shortfall,
            f"“{count_text(claim.shortfall)} {claim.staff}”",
            _said(claim),
        )
        for claim in view.given.claims
    ]
    return ShortfallChart(
        tuple(line for line in lines if line.at),
        tuple(claims),
        restart=_last_restart(view),
        phone=view.given.phone,
    )


def _line(view: Staffing, indicator: Indicator) -> ShortfallLine:
    found = view.shortfalls[indicator.id]
    return ShortfallLine(
        name=indicator.short_name,
        at=tuple(position(reading.period) / 12 for reading, _ in found),
        posts=tuple(result.count for _, result in found),
        hover=tuple(
            f"<b>{r.period.label}</b><br>{indicator.short_name}: {rate_gap_text(s.count)}" for r, s in found
        ),
        latest=rate_gap_text(found[-1][1].count) if found else "",
        chosen=indicator.id == view.given.chosen.id,
        restarts=tuple(item.on.year + (item.on.month - 1) / 12 for item in indicator.breaks),
    )


def _year_position(claim: QuotedClaim) -> float:
    """Where a claim stands on an axis of years: its day, or the middle of the years that its source gives."""
    if claim.said_on is not None:
        return claim.said_on.year + (claim.said_on.month - 1) / 12
    years = [int(word) for word in claim.said_in.split() if word.isdigit()]
    return sum(years) / len(years) + 0.5 if years else float(date.max.year)


def _said(claim: QuotedClaim) -> str:
    return f"quoted, {claim.said_on:%B %Y}" if claim.said_on else f"quoted, {claim.said_in}"


def _last_restart(view: Staffing) -> tuple[float, str] | None:
    """The last declared break of the chosen definition within the days held."""
    days = [reading.period.start for reading, _ in view.shortfalls[view.given.chosen.id]]
    inside = [item for item in view.given.chosen.breaks if days and days[0] < item.on <= days[-1]]
    if not inside:
        return None
    day = inside[-1].on
    return day.year + (day.month - 1) / 12, f"Series restarts {day:%B %Y}"


def parts_chart(view: Staffing) -> BarChart:
    """The parts' posts, the largest shortfall first."""
    bars = tuple(
        Bar(row.name, _under(row), row.found.count, rate_gap_text(row.found.count)) for row in view.parts
    )
    return BarChart(bars, f"Posts short of England's rate: {parts_sentence(view)}", phone=view.given.phone)


def _under(row: PartRow) -> str:
    patients = row.reading.denominator or 0.0
    posts = row.reading.numerator or 0.0
    each = f" · {patients / posts:,.0f} patients a post" if posts else ""
    return f"{row.found.local_rate * 10_000:.2f} per 10,000{each}"


@dataclass(frozen=True)
class StaffingMap:
    """The map's picture and words."""

    image: str
    label: str
    size: tuple[int, int]
    sentence: str
    foot: str


def staffing_map(
    view: Staffing, outlines: Sequence[Outline], tiles: Mapping[str, tuple[int, int]], width: float
) -> StaffingMap:
    """The parts on a map, from outlines of all of them or else as tiles; hatched where most posts are missing."""
    rings = {item.code: item.rings for item in outlines}
    short = [row.found.count for row in view.parts if row.found.count > 0]
    much = sum(short) / len(short) if short else 0.0
    areas = [
        MapArea(row.code, row.name, row.gap, _fill(row.found.count, much), rings.get(row.code, ()))
        for row in view.parts
    ]
    words = {
        MORE: f"{distance_text(much)} posts short or more",
        LESS: "Fewer posts short",
        BETTER: "Level or above",
    }
    key = [Key(fill, text) for fill, text in words.items() if fill in {area.fill for area in areas}]
    sentence = _map_sentence(view, much)
    label = f"{view.given.chosen.short_name}, posts against England's rate by area. {sentence}"
    if outlines:
        svg = map_svg(areas, label=label, width=width, key=key, ident="staff")
        foot = f"Boundaries of {outlines[0].edition}. {BOUNDARY_LICENCE}"
    else:
        svg = tile_map_svg(areas, label=label, tiles=tiles, width=width, key=key, ident="staff")
        foot = "No boundaries are loaded: each area is a tile"
    return StaffingMap(data_address(svg), label, svg_size(svg), sentence, foot)


def _fill(count: float, much: float) -> str:
    if count <= 0:
        return BETTER
    return MORE if count >= much else LESS


def _map_sentence(view: Staffing, much: float) -> str:
    most = [row.name for row in view.parts if row.found.count > 0 and row.found.count >= much]
    if not most:
        return "No area is short of England's rate."
    verb = "is" if len(most) == 1 else "are"
    return f"{listing(most)} {verb} short of more posts than the average short area ({distance_text(much)})."


def map_sheet(view: Staffing) -> Sheet:
    """The map's numbers: those of the areas, under the map's own name."""
    return replace(parts_sheet(view), name="map", title="Where the posts are missing")


def over_time_sheet(view: Staffing) -> Sheet:
    """The shortfall of each day by the chosen definition, the newest first."""
    rows = list(reversed(view.shortfalls[view.given.chosen.id]))
    england = {item.period: item for item in view.given.national.get(view.given.chosen.id, ())}
    return Sheet(
        "over-time",
        "Shortfall in posts over time",
        f"{view.given.chosen.short_name}, {view.given.area_name}: posts against England's rate",
        (
            _column(
                "Day",
                "snapshot_date",
                [(r.period.short_label, r.period.start) for r, _ in rows],
                numeric=False,
            ),
            _column("Gap", "posts_short", [(rate_gap_text(s.count), s.count) for _, s in rows]),
            _column("Posts here", "fte", [(count_text(_one(r.numerator)), r.numerator) for r, _ in rows]),
            _column(
                "At England's rate",
                "fte_at_england_rate",
                [(f"{s.expected:,.1f}", s.expected) for _, s in rows],
            ),
            _column("Patients", "patients", [(count_text(r.denominator), r.denominator) for r, _ in rows]),
            _column("Rate here", "rate_per_10000", [_rate(s.local_rate) for _, s in rows]),
            _column("England", "england_rate_per_10000", [_rate(s.england_rate) for _, s in rows]),
            Column("", (), "file", [r.files[0].name for r, _ in rows]),
            Column("", (), "england_file", [england[r.period].files[0].name for r, _ in rows]),
        ),
        view.given.chosen.owner,
        note="Posts short = England's rate x local registered patients - local posts, all full-time equivalents.",
        demonstration=any(r.demonstration for r, _ in rows),
    )


def parts_sheet(view: Staffing) -> Sheet:
    """The shortfall of each part of the area, as a sheet to download."""
    rows = view.parts
    return Sheet(
        "areas",
        f"Shortfall by {_singular(view.given.parts_words)}",
        f"{view.given.chosen.short_name} by {_singular(view.given.parts_words)}, {view.given.period.label}",
        (
            Column(
                "Area",
                [row.name for row in rows],
                "name",
                [row.name for row in rows],
                links=[href(TREND, indicator=view.given.chosen.id, organisation=row.code) for row in rows],
            ),
            Column("", (), "code", [row.code for row in rows]),
            _column("Gap", "posts_short", [(row.gap, row.found.count) for row in rows]),
            _column(
                "Posts here",
                "fte",
                [(count_text(_one(r.reading.numerator)), r.reading.numerator) for r in rows],
            ),
            _column(
                "At England's rate",
                "fte_at_england_rate",
                [(f"{r.found.expected:,.1f}", r.found.expected) for r in rows],
            ),
            _column(
                "Patients",
                "patients",
                [(count_text(r.reading.denominator), r.reading.denominator) for r in rows],
            ),
            _column("Rate", "rate_per_10000", [_rate(row.found.local_rate) for row in rows]),
            _column(
                "Patients covered", "share_of_patients_covered", [_covered(row.coverage) for row in rows]
            ),
        ),
        view.given.chosen.owner,
        note=f"Practices stand in the CCG that they belonged to on {date_text(FORMER_CCGS_END)}.",
        demonstration=any(row.reading.demonstration for row in rows),
    )


def definitions_sheet(view: Staffing, addresses: Mapping[str, str]) -> Sheet:
    """Each definition on the page's day. `addresses` are those of the page with each definition."""
    rows = view.rows
    return Sheet(
        "definitions",
        "It depends on who is counted",
        f"Each definition, {view.given.area_name}, {view.given.period.label}",
        (
            Column(
                "Definition",
                [row.indicator.short_name for row in rows],
                "definition",
                [row.indicator.name for row in rows],
                links=[addresses[row.indicator.id] for row in rows],
            ),
            _column("Per 10,000 here", "rate_per_10000", [_rate(row.found.local_rate) for row in rows]),
            _column("England", "england_rate_per_10000", [_rate(row.found.england_rate) for row in rows]),
            _column(
                "Posts here",
                "fte",
                [(count_text(_one(r.reading.numerator)), r.reading.numerator) for r in rows],
            ),
            _column(
                "At England's rate",
                "fte_at_england_rate",
                [(f"{r.found.expected:,.1f}", r.found.expected) for r in rows],
            ),
            _column("Gap", "posts_short", [(row.gap, row.found.count) for row in rows]),
            _column(
                "Patients covered", "share_of_patients_covered", [_covered(row.coverage) for row in rows]
            ),
            Column(
                "Who is counted",
                [" ".join(row.indicator.definition.split()) for row in rows],
            ),
        ),
        view.given.chosen.owner,
        demonstration=any(row.reading.demonstration for row in rows),
    )


def _column(
    heading: str, key: str, cells: Sequence[tuple[str, float | date | None]], *, numeric: bool = True
) -> Column:
    return Column(heading, [words for words, _ in cells], key, [raw for _, raw in cells], numeric=numeric)


def _rate(rate: float) -> tuple[str, float]:
    return f"{rate * 10_000:.2f}", rate * 10_000


def _covered(share: float | None) -> tuple[str, float | None]:
    return ("not known" if share is None else f"{100 * share:.1f}%"), share


def _one(count: float | None) -> float | None:
    return None if count is None else round(count, 1)


def _singular(words: str) -> str:
    return words.removesuffix("s")


@dataclass(frozen=True)
class ClaimRow:
    """A claim as it was made, and what the figures held give nearest to its day."""

    claim: QuotedClaim
    said: str
    nearest: str


def claim_rows(view: Staffing) -> tuple[ClaimRow, ...]:
    """Each quoted claim with the nearest day that is held by the definition it is set beside."""
    return tuple(ClaimRow(claim, _said(claim), _nearest(view, claim)) for claim in view.given.claims)


def _nearest(view: Staffing, claim: QuotedClaim) -> str:
    found = view.shortfalls.get(claim.indicator, ())
    indicator = next((item for item in view.given.definitions if item.id == claim.indicator), None)
    if not found or indicator is None:
        return "No figure to set beside it is held."
    wanted = _year_position(claim)
    reading, result = min(found, key=lambda pair: abs(position(pair[0].period) / 12 - wanted))
    if abs(position(reading.period) / 12 - wanted) > _BESIDE:
        return "No figure of that time is held."
    invented = " (demonstration data)" if reading.demonstration else ""
    return f"{indicator.short_name}, {reading.period.label}: {rate_gap_text(result.count)}{invented}."
