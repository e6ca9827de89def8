"""The map of the page: one indicator over all areas of an edition, from outlines of their time or as tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.domain import Maturity
from db.domain.outline import Outline
from stp_dash.analysis.standing.limits import HIGHER, LOWER, SIMILAR_TO
from stp_dash.analysis.wording import boundary_words
from stp_dash.charts.svg.area_map import (
    BETTER,
    MISSING,
    SIMILAR,
    UNJUDGED,
    WORSE,
    Key,
    MapArea,
    MapPlace,
    map_places,
    map_svg,
    svg_size,
    tile_map_svg,
)
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.pages.areas.columns import AreaColumn
from stp_dash.pages.areas.words import AreasView, map_sentence

MAP_WIDTHS = {"desktop": 500.0, "tablet": 600.0, "phone": 300.0}


@dataclass(frozen=True)
class AreasMap:
    """The picture, what it is called, its size in pixels, where each area stands in it, and what its foot says."""

    image: str
    label: str
    size: tuple[int, int]
    places: tuple[MapPlace, ...]
    sentence: str
    foot: str


def areas_map(
    view: AreasView,
    column: AreaColumn,
    outlines: Sequence[Outline],
    tiles: Mapping[str, tuple[int, int]],
    width: float,
) -> AreasMap | None:
    """The map of a column: of `outlines` if they are of every area, else of `tiles`; None where neither has all."""
    codes = view.edition.codes
    rings = {item.code: item.rings for item in outlines}
    if not set(codes) <= set(rings) and not set(codes) <= set(tiles):
        return None
    areas = [_area(view, column, code, rings) for code in codes]
    key, sentence = _key(column, areas), map_sentence(view, column)
    label = f"Map of {column.indicator.short_name} by area. {sentence}"
    if outlines:
        svg = map_svg(areas, label=label, width=width, key=key, ident="areas")
    else:
        svg = tile_map_svg(areas, label=label, tiles=tiles, width=width, key=key, ident="areas")
    foot = boundary_words(outlines[0].edition if outlines else "")
    return AreasMap(data_address(svg), label, svg_size(svg), map_places(areas, tiles, width), sentence, foot)


def _area(
    view: AreasView,
    column: AreaColumn,
    code: str,
    rings: Mapping[str, Sequence[Sequence[tuple[float, float]]]],
) -> MapArea:
    name, outline = view.name(code), rings.get(code, ())
    if code not in column.readings:
        return MapArea(code, name, "No figure", MISSING, outline, ours=code in view.ours)
    hollow = column.readings[code].maturity is Maturity.PROVISIONAL
    return MapArea(
        code, name, column.shown(code), _fill(column, code), outline, hollow=hollow, ours=code in view.ours
    )


def _fill(column: AreaColumn, code: str) -> str:
    side = column.sides.of(code)
    if side == SIMILAR_TO:
        return SIMILAR
    if side not in {LOWER, HIGHER} or not column.has_better:
        return UNJUDGED
    return WORSE if column.is_unfavourable(code) else BETTER


def _key(column: AreaColumn, areas: Sequence[MapArea]) -> list[Key]:
    low, high = ("Higher", "Lower") if column.lower_is_better else ("Lower", "Higher")
    words = {WORSE: low, SIMILAR: "Similar", BETTER: high, UNJUDGED: "Not compared", MISSING: "No figure"}
    drawn = {area.fill for area in areas}
    found = [Key(fill, text) for fill, text in words.items() if fill in drawn]
    hollow = next((area.fill for area in areas if area.hollow and area.fill in (WORSE, SIMILAR, BETTER)), "")
    return [*found, Key(hollow, "Hollow: provisional", hollow=True)] if hollow else found
