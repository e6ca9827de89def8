"""Which organisation an area of a boundary file is: by its ODS code or by its exact name, never by likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.catalogue import EarlierName
from db.domain import Finding, Organisation, OrganisationType, Severity
from db.domain.outline import Outline
from etl.reference.outlines.boundary_file import BoundaryArea, BoundaryFile
from etl.reference.outlines.simplify import Ring, simplified, without_specks
from etl.source import SourceError

TOLERANCE = 120.0
"""Metres that a simplified line may lie from the line that was published: half a pixel of a map of a county."""
SPECK = 250_000.0
"""Square metres: islands and inlets smaller than this are left out, unless they are all of an area."""
EXAMPLES = 10


@dataclass(frozen=True)
class Matched:
    """What a file gives the store: outlines, and findings that name the areas left out."""

    outlines: tuple[Outline, ...]
    findings: tuple[Finding, ...]


def match(
    file: BoundaryFile,
    organisations: Mapping[str, Organisation],
    earlier: Mapping[str, Sequence[EarlierName]],
) -> Matched:
    """The outlines of the areas whose organisation is certain, simplified together.

    Raises SourceError where no area's organisation is known.
    """
    names = _names(file.type, organisations, earlier)
    found: list[tuple[BoundaryArea, str]] = []
    unknown: list[str] = []
    for area in file.areas:
        codes = (
            {area.ods_code} & set(organisations) if area.ods_code else names.get(_normal(area.name), set())
        )
        if len(codes) == 1:
            found.append((area, next(iter(codes))))
        else:
            several = f" (one of {', '.join(sorted(codes))})" if codes else ""
            unknown.append(f"{area.ods_code or area.ons_code} {area.name}{several}")
    if not found:
        raise SourceError(
            f"{file.name}: wanted areas of the catalogue's organisations, found {_listed(unknown)}, none of them known"
        )
    _check_once(file, found)
    rings = simplified([without_specks(area.rings, SPECK) for area, _ in found], TOLERANCE)
    return Matched(
        tuple(_outline(file, area, code, own) for (area, code), own in zip(found, rings, strict=True)),
        _findings(unknown),
    )


def _names(
    kind: OrganisationType,
    organisations: Mapping[str, Organisation],
    earlier: Mapping[str, Sequence[EarlierName]],
) -> dict[str, set[str]]:
    """The codes of organisations of a kind by name.

    A sub-ICB location was a CCG under the same code, so a CCG's area may bear one of its earlier names.
    """
    found: dict[str, set[str]] = {}
    for code, item in organisations.items():
        known = [item.name] if item.type is kind else []
        if kind is OrganisationType.CCG and item.type in (kind, OrganisationType.SUB_ICB_LOCATION):
            known += [name.name for name in earlier.get(code, ())]
        for name in known:
            found.setdefault(_normal(name), set()).add(code)
    return found


def _normal(name: str) -> str:
    return " ".join(name.split()).casefold()


def _check_once(file: BoundaryFile, found: Sequence[tuple[BoundaryArea, str]]) -> None:
    codes = [code for _, code in found]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise SourceError(
            f"{file.name}: wanted each organisation once, found {', '.join(twice)} more than once"
        )


def _outline(file: BoundaryFile, area: BoundaryArea, code: str, rings: Sequence[Ring]) -> Outline:
    return Outline(code, area.name, file.type, file.edition, tuple(rings), file.name)


def _findings(unknown: Sequence[str]) -> tuple[Finding, ...]:
    if not unknown:
        return ()
    message = (
        f"no organisation of the catalogue has this code or exactly this name, left out: {_listed(unknown)}"
    )
    return (Finding(Severity.WARNING, "known organisations", message, len(unknown)),)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else ""
    return ", ".join(names[:EXAMPLES]) + more
