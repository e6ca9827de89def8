"""Boundary files of the ONS Open Geography portal, as GeoJSON: what areas they hold, and of which edition.

The portal names the columns of a layer by geography and year: `SICBL23CD` and `SICBL23NM` are the codes and names of
sub-ICB locations as at 2023 (a feature layer's page lists them, with `BNG_E`, `BNG_N`, `LONG`, `LAT` and `GlobalID`).
The codes are ONS's own (E38..., E54...). ODS codes stand in a third column (`SICBL23CDH`) of the portal's lists of
names and codes, and in a boundary file only where someone joined it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from db.domain import OrganisationType
from etl.reference.outlines.shapes import SPECK, Points, Shape, national_grid, shape_of
from etl.source import LayoutError, RawFile, UnreadableFileError

GEOGRAPHIES = {
    "SICBL": OrganisationType.SUB_ICB_LOCATION,
    "CCG": OrganisationType.CCG,
    "CTYUA": OrganisationType.UPPER_TIER_AUTHORITY,
    "ICB": OrganisationType.ICB,
}
"""The portal's short names of the geographies that are drawn; of several in one file, the smallest areas'."""
GRID, DEGREES = "EPSG:27700", "WGS84"
_COLUMN = re.compile(r"(SICBL|CCG|CTYUA|ICB)(\d{2})(CDH|CD|NM)", re.IGNORECASE)
_MONTH = re.compile(
    r"(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ _-]*\(?(20\d\d|\d\d)(?!\d)",
    re.IGNORECASE,
)
_WEB_NORTH = (6_200_000.0, 7_600_000.0)
_ABROAD = re.compile(r"[WSN]\d{8}")
_WEB = ("3857", "102100", "900913")
# England and a margin, in degrees and on the National Grid.
_BOUNDS = {DEGREES: ((-7.5, 49.0), (3.0, 56.5)), GRID: ((0.0, -20_000.0), (700_000.0, 700_000.0))}


@dataclass(frozen=True)
class BoundaryArea:
    """One area of a file, in metres east and north; `ods_code` is "" where the file has only ONS codes. `mended`
    where its lines crossed themselves."""

    ons_code: str
    ods_code: str
    name: str
    shape: Shape
    mended: bool = False


@dataclass(frozen=True)
class BoundaryFile:
    """The areas of one kind in a file. `edition` is the year that its columns say, with the month if its name does.
    `outside` counts the areas of Wales, Scotland and Northern Ireland, which are not read."""

    name: str
    edition: str
    type: OrganisationType
    areas: tuple[BoundaryArea, ...]
    outside: int = 0


@dataclass(frozen=True)
class _Columns:
    geography: str
    year: str
    code: str
    name: str
    ods_code: str | None


def read_boundaries(raw: RawFile) -> BoundaryFile:
    """The areas of a GeoJSON boundary file, on the plane of the National Grid.

    Raises UnreadableFileError for what is not JSON and LayoutError for JSON of another kind, for other geographies,
    for shapes that are not areas or that cross themselves, and for coordinates outside England.
    """
    document = _document(raw)
    features = _features(raw, document)
    columns = _columns(raw, features)
    english = [
        (number, feature)
        for number, feature in enumerate(features, 1)
        if not _ABROAD.fullmatch(str(feature["properties"].get(columns.code) or "").strip())
    ]
    if not english:
        raise LayoutError(raw.name, "areas of England", f"{columns.code} of other countries alone")
    system = _system(raw, document, english)
    areas = tuple(_area(raw, number, feature, columns, system) for number, feature in english)
    _check_codes(raw, areas)
    kind, outside = GEOGRAPHIES[columns.geography], len(features) - len(english)
    return BoundaryFile(raw.name, _edition(raw, columns), kind, areas, outside)


def _document(raw: RawFile) -> Mapping[str, Any]:
    try:
        document = json.loads(raw.content)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise UnreadableFileError(f"{raw.name}: wanted GeoJSON, found {_kind(raw.content)}") from None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        found = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise LayoutError(raw.name, "GeoJSON with areas (a FeatureCollection)", f"{found or 'JSON'} instead")
    return document


def _kind(content: bytes) -> str:
    start = content[:200].lstrip().lower()
    if not start:
        return "an empty file"
    if start.startswith(b"pk"):
        return "a zip file: a shapefile must be downloaded as GeoJSON instead"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "something that cannot be read as JSON"


def _features(raw: RawFile, document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise LayoutError(raw.name, "areas", "none")
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            raise LayoutError(_place(raw, number), "an area with its properties", "none")
    return features


def _columns(raw: RawFile, features: list[Mapping[str, Any]]) -> _Columns:
    """The columns of the smallest areas that the file names, of the newest year."""
    names = list(features[0]["properties"])
    found = {
        (match[1].upper(), match[2], match[3].upper()): name
        for name in names
        if (match := _COLUMN.fullmatch(name))
    }
    for geography in GEOGRAPHIES:
        for year in sorted({key[1] for key in found if key[0] == geography}, reverse=True):
            code, name = found.get((geography, year, "CD")), found.get((geography, year, "NM"))
            if code and name:
                return _Columns(geography, year, code, name, found.get((geography, year, "CDH")))
    raise LayoutError(
        raw.name,
        "a boundary file of CCGs, sub-ICB locations, ICBs or upper-tier authorities with codes and names (as "
        "SICBL23CD and SICBL23NM)",
        f"the properties {', '.join(names) or '(none)'}",
    )


def _system(
    raw: RawFile, document: Mapping[str, Any], features: Sequence[tuple[int, Mapping[str, Any]]]
) -> str:
    """Whether coordinates are degrees or metres: as the file declares, and as its numbers say."""
    declared = json.dumps(document.get("crs") or "")
    if any(number in declared for number in _WEB):
        raise LayoutError(raw.name, "coordinates in WGS84 or on the British National Grid", declared)
    points = np.array([_first_point(raw, number, item) for number, item in features])
    system = DEGREES if bool((np.abs(points) <= 180).all()) else GRID
    if ("27700" in declared and system == DEGREES) or (
        any(name in declared for name in ("CRS84", "4326")) and system == GRID
    ):
        wanted = "metres on the National Grid" if system == DEGREES else "degrees"
        raise LayoutError(raw.name, f"{wanted}, as the file declares", f"{points[0].tolist()}")
    return system


def _first_point(raw: RawFile, number: int, feature: Mapping[str, Any]) -> tuple[float, float]:
    shell = _polygons(raw, number, feature)[0][0]
    return (float(shell[0, 0]), float(shell[0, 1]))


def _area(
    raw: RawFile, number: int, feature: Mapping[str, Any], columns: _Columns, system: str
) -> BoundaryArea:
    properties = feature["properties"]
    texts = [str(properties.get(column) or "").strip() for column in (columns.code, columns.name)]
    for column, found in zip((columns.code, columns.name), texts, strict=True):
        if not found:
            raise LayoutError(_place(raw, number), f"a value of {column}", "none")
    polygons = [
        [_on_the_plane(raw, number, ring, system) for ring in rings]
        for rings in _polygons(raw, number, feature)
    ]
    try:
        shape, mended = shape_of(polygons)
    except ValueError as error:
        raise LayoutError(
            _place(raw, number),
            f"an outline of {texts[1]} that does not cross itself",
            f"one that does at {error}",
        ) from None
    if shape.area < SPECK:
        raise LayoutError(
            _place(raw, number),
            f"an outline of {texts[1]} that encloses an area",
            f"one of {shape.area:,.0f} square metres",
        )
    ods_code = str(properties.get(columns.ods_code) or "").strip() if columns.ods_code else ""
    return BoundaryArea(texts[0], ods_code, texts[1], shape, mended)


def _polygons(raw: RawFile, number: int, feature: Mapping[str, Any]) -> list[list[Points]]:
    """The polygons of an area as the file writes them: of each its shell, then its holes."""
    geometry = feature.get("geometry")
    kind, coordinates = (
        (geometry.get("type"), geometry.get("coordinates")) if isinstance(geometry, dict) else (None, None)
    )
    if kind not in {"Polygon", "MultiPolygon"} or not coordinates:
        raise LayoutError(_place(raw, number), "a Polygon or MultiPolygon", str(kind or "no shape"))
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not all(isinstance(rings, list) and rings for rings in polygons):
        raise LayoutError(_place(raw, number), "lists of closed rings", str(coordinates)[:60])
    return [[_points(raw, number, ring) for ring in rings] for rings in polygons]


def _points(raw: RawFile, number: int, ring: object) -> Points:
    """A ring's positions, without heights where there are any."""
    positions = ring if isinstance(ring, list) else []
    try:
        points = np.array([position[:2] for position in positions], dtype=np.float64)
    except (TypeError, ValueError):
        points = np.empty((0, 2))
    closed = points.ndim == 2 and len(points) >= 4 and bool((points[0] == points[-1]).all())
    if not closed or not np.isfinite(points).all():
        raise LayoutError(_place(raw, number), "closed rings of four or more points", str(ring)[:60])
    return points


def _on_the_plane(raw: RawFile, number: int, points: Points, system: str) -> Points:
    (left, bottom), (right, top) = _BOUNDS[system]
    outside = (points[:, 0] < left) | (points[:, 0] > right) | (points[:, 1] < bottom) | (points[:, 1] > top)
    if outside.any():
        east, north = points[outside][0].tolist()
        hint = ""
        if system == DEGREES and left <= north <= right and bottom <= east <= top:
            hint = ": latitude stands before longitude"
        elif system == GRID and _WEB_NORTH[0] <= north <= _WEB_NORTH[1]:
            hint = ": metres as web maps have them (EPSG:3857)"
        raise LayoutError(_place(raw, number), f"points in England ({system})", f"[{east}, {north}]{hint}")
    return national_grid(points) if system == DEGREES else points


def _check_codes(raw: RawFile, areas: tuple[BoundaryArea, ...]) -> None:
    codes = [area.ons_code for area in areas]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise LayoutError(raw.name, "each area once", f"{', '.join(twice)} more than once")


def _edition(raw: RawFile, columns: _Columns) -> str:
    """The year of the columns, with the month of the file's name where that is of the same year."""
    for month, year in _MONTH.findall(raw.name):
        if year[-2:] == columns.year:
            number = datetime.strptime(month[:3].title(), "%b").month
            return f"20{columns.year}-{number:02d}"
    return f"20{columns.year}"


def _place(raw: RawFile, number: int) -> str:
    return f"{raw.name}, area {number}"
