"""Boundaries on the ONS Open Geography portal: which layers it has, and the addresses of their areas as GeoJSON.

The portal's feature services are named by geography, month, year and detail (`Integrated_Care_Boards_April_2026_
Boundaries_EN_BSC`, `SICBL_APR_2023_EN_BGC`). Their list and a layer's query are those of ArcGIS feature services:
`rest/services?f=json`, `.../FeatureServer/0/query?where=1=1&outFields=*&outSR=4326&f=geojson`, at most so many areas
an answer, the next from `resultOffset` on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from etl.source import DiscoveryError

PAGE_OF_AREAS = 50
"""Areas asked for at once: a whole layer of fine boundaries may be more than the service answers in time."""
_NAMES = {
    "ICB": r"ICB|Integrated_Care_Boards?",
    "SICBL": r"SICBL|Sub_(?:Integrated_Care_Board|ICB)_Locations?",
    "CCG": r"CCG|Clinical_Commissioning_Groups?",
    "CTYUA": r"CTYUA|Count(?:ies|y)_and_Unitary_Authorit(?:ies|y)",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAYER = re.compile(
    rf"(?P<name>{'|'.join(_NAMES.values())})_\(?(?P<month>{'|'.join(_MONTHS)})[a-z]*_(?P<year>20\d\d)\)?_.*?"
    r"(?P<detail>BSC|BGC|BUC|UGCB|BFC)(_|$)",
    re.IGNORECASE,
)
_DETAILS = ("BSC", "BGC", "BUC", "UGCB", "BFC")
"""Generalised to 200 metres, 20, 500 and more, and in full: the finest that is no waste comes first."""


@dataclass(frozen=True)
class BoundaryLayer:
    """A layer of the portal: the areas of a geography (`ICB`) in an edition (`2026-04`), and its service."""

    geography: str
    edition: str
    detail: str
    service: str

    def query(self, services: str, offset: int) -> str:
        """The address of its areas from one on, as GeoJSON in degrees. `services` is the list's own address."""
        asked = {
            "where": "1=1",
            "outFields": "*",
            "outSR": "4326",
            "resultOffset": offset,
            "resultRecordCount": PAGE_OF_AREAS,
            "f": "geojson",
        }
        path = f"services/{quote(self.service)}/FeatureServer/0/query"
        return f"{urljoin(services, path)}?{urlencode(asked)}"


def layers_in(text: str, address: str) -> tuple[BoundaryLayer, ...]:
    """The layers of NHS areas and councils in the list of services, each edition once in the detail that serves best,
    the newest first.

    Raises DiscoveryError where the address does not answer with a list of services, or with none of these.
    """
    services = _read(text, address).get("services")
    if not isinstance(services, list):
        raise DiscoveryError(f"{address}: wanted a list of services, found JSON without one")
    names = [str(item.get("name", "")) for item in services if isinstance(item, dict)]
    found: dict[tuple[str, str], BoundaryLayer] = {}
    for layer in (_layer(name) for name in names):
        if layer is None:
            continue
        known = found.get((layer.geography, layer.edition))
        if known is None or _DETAILS.index(layer.detail) < _DETAILS.index(known.detail):
            found[layer.geography, layer.edition] = layer
    if not found:
        raise DiscoveryError(
            f"{address}: wanted services of boundaries named as Integrated_Care_Boards_April_2026_Boundaries_EN_BSC, "
            f"found {len(names)} others"
        )
    return tuple(sorted(found.values(), key=lambda layer: (layer.geography, layer.edition), reverse=True))


def newest_of_each(layers: Iterable[BoundaryLayer]) -> tuple[BoundaryLayer, ...]:
    """The newest edition of each geography, of layers that come the newest first."""
    found: dict[str, BoundaryLayer] = {}
    for layer in layers:
        found.setdefault(layer.geography, layer)
    return tuple(found.values())


def areas_in(text: str, address: str) -> tuple[list[Any], bool]:
    """The areas of one answer to a query, and whether there are more.

    Raises DiscoveryError for an answer that is none: the service answers faults as JSON too.
    """
    document = _read(text, address)
    error, features = document.get("error"), document.get("features")
    if isinstance(error, dict) or not isinstance(features, list):
        said = str(error.get("message", "")) if isinstance(error, dict) else ""
        raise DiscoveryError(f"{address}: wanted areas as GeoJSON, found {said or 'JSON without areas'}")
    properties = document.get("properties")
    more = document.get("exceededTransferLimit") or (
        isinstance(properties, dict) and properties.get("exceededTransferLimit")
    )
    return features, bool(more and features)


def _layer(service: str) -> BoundaryLayer | None:
    named = _LAYER.match(service)
    if named is None:
        return None
    geography = next(
        key for key, names in _NAMES.items() if re.fullmatch(names, named["name"], re.IGNORECASE)
    )
    month = _MONTHS.index(named["month"].lower()) + 1
    return BoundaryLayer(geography, f"{named['year']}-{month:02d}", named["detail"].upper(), service)


def _read(text: str, address: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise DiscoveryError(f"{address}: wanted a JSON document, found something else")
    return document
