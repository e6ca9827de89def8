"""What the staffing page draws: every definition over time, the parts as bars, and the parts on a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.domain import Indicator
from db.domain.outline import Outline
from stp_dash.analysis.series import position, with_missing_snapshots
from stp_dash.analysis.standing.verdict import rate_gap_text
from stp_dash.analysis.wording import (
    boundary_words,
    count_text,
    distance_text,
    listing,
    number_word,
)
from stp_dash.charts.interactive.shortfall import ClaimMark, ShortfallChart, ShortfallLine
from stp_dash.charts.svg.area_map import (
    BETTER,
    LESS,
    MORE,
    Key,
    MapArea,
    MapPlace,
    Ring,
    map_places,
    map_svg,
    svg_size,
    tile_map_svg,
)
from stp_dash.charts.svg.shortfall_bars import Bar, BarChart
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.pages.staffing.shortfalls import PartRow, StaffingShortfalls
from stp_dash.pages.staffing.words import parts_sentence, said_words, year_position

_MOST_NAMED = 5
"""How many areas the map's sentence names; the others are counted."""


def shortfall_chart(view: StaffingShortfalls) -> ShortfallChart:
    """Every definition over time, the chosen one in front, with the claims that others made."""
    lines = [_line(view, indicator) for indicator in view.given.definitions]
    claims = [
        ClaimMark(
            year_position(claim),
            claim.shortfall,
            f"“{count_text(claim.shortfall)} {claim.staff}”",
            said_words(claim),
        )
        for claim in view.given.claims
    ]
    return ShortfallChart(
        tuple(line for line in lines if line.at),
        tuple(claims),
        restart=_last_restart(view),
        phone=view.given.phone,
    )


def _line(view: StaffingShortfalls, indicator: Indicator) -> ShortfallLine:
    found = view.shortfalls[indicator.id]
    restarts, days = [item.on for item in indicator.breaks], [reading.period for reading, _ in found]
    missing = [day for day in with_missing_snapshots(days, restarts) if day not in days]
    return ShortfallLine(
        name=indicator.short_name,
        code=indicator.id,
        at=tuple(position(reading.period) / 12 for reading, _ in found),
        posts=tuple(result.count for _, result in found),
        hover=tuple(
            f"<b>{r.period.label}</b><br>{indicator.short_name}: {rate_gap_text(s.count)}" for r, s in found
        ),
        latest=rate_gap_text(found[-1][1].count) if found else "",
        chosen=indicator.id == view.given.chosen.id,
        stops=(
            *(day.year + (day.month - 1) / 12 for day in restarts),
            *(position(day) / 12 for day in missing),
        ),
    )


def _last_restart(view: StaffingShortfalls) -> tuple[float, str] | None:
    """The last declared break of the chosen definition within the days held."""
    days = [reading.period.start for reading, _ in view.shortfalls[view.given.chosen.id]]
    inside = [item for item in view.given.chosen.breaks if days and days[0] < item.on <= days[-1]]
    if not inside:
        return None
    day = inside[-1].on
    return day.year + (day.month - 1) / 12, f"Series restarts {day:%B %Y}"


def parts_chart(view: StaffingShortfalls) -> BarChart:
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
    """The map's picture and words; `places` are where its areas stand in it."""

    image: str
    label: str
    size: tuple[int, int]
    sentence: str
    foot: str
    places: tuple[MapPlace, ...] = ()


def staffing_map(
    view: StaffingShortfalls, outlines: Sequence[Outline], tiles: Mapping[str, tuple[int, int]], width: float
) -> StaffingMap:
    """The parts on a map, from outlines of all of them or else as tiles; hatched where most posts are missing."""
    rings = {item.code: item.rings for item in outlines}
    short = [row.found.count for row in view.parts if row.found.count > 0]
    much = sum(short) / len(short) if short else 0.0
    areas = [_area(row, much, rings) for row in view.parts]
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
    else:
        svg = tile_map_svg(areas, label=label, tiles=tiles, width=width, key=key, ident="staff")
    places, foot = map_places(areas, tiles, width), boundary_words(outlines[0].edition if outlines else "")
    return StaffingMap(data_address(svg), label, svg_size(svg), sentence, foot, places)


def _area(row: PartRow, much: float, rings: Mapping[str, Sequence[Ring]]) -> MapArea:
    """A part on the map; in a tile the triangle says what is above, so that the words of names have room."""
    fill, size = _fill(row.found.count, much), distance_text(abs(row.found.count))
    shown = size if fill == BETTER and not rings and size != "0" else row.gap
    return MapArea(row.code, row.name, shown, fill, rings.get(row.code, ()), hover=f"{row.name} {row.gap}")


def _fill(count: float, much: float) -> str:
    if count <= 0:
        return BETTER
    return MORE if count >= much else LESS


def _map_sentence(view: StaffingShortfalls, much: float) -> str:
    short = [row for row in view.parts if row.found.count > 0]
    if not short:
        return "No area is short of England's rate."
    if len(short) == 1:
        return f"Only {short[0].name} is short of England's rate."
    most = [row.name for row in short if row.found.count >= much]
    further = len(most) - _MOST_NAMED
    named = most if further < 2 else [*most[:_MOST_NAMED], f"{number_word(further)} more"]
    verb = "is" if len(most) == 1 else "are"
    return f"{listing(named)} {verb} short of more posts than the average short area ({distance_text(much)})."
