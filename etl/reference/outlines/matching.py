"""Which organisation an area of a boundary file is: by its codes or by its exact name, never by likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.catalogue import EarlierName
from db.catalogue.places.ons_codes import codes_by_ons_code
from db.domain import Finding, Organisation, OrganisationType, Severity
from db.domain.outline import Outline
from etl.reference.outlines.boundary_file import BoundaryArea, BoundaryFile
from etl.reference.outlines.shapes import overlapping_shapes, rings_of, simplified
from etl.source import SourceError

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

    An area is the organisation of its ODS code, else of its ONS code, else of exactly its name. One whose code is of
    another kind, or whose code and name are two organisations', is left out. Raises SourceError where no area's
    organisation is known.
    """
    names = _names(file.type, organisations, earlier)
    found: list[tuple[BoundaryArea, str]] = []
    unknown: list[str] = []
    for area in file.areas:
        code, doubt = _organisation(file.type, area, organisations, names)
        if code:
            found.append((area, code))
        else:
            unknown.append(f"{area.ods_code or area.ons_code} {area.name}{doubt}")
    if not found:
        raise SourceError(
            f"{file.name}: wanted areas of the catalogue's organisations, found {_listed(unknown)}, none of them known"
        )
    _check_once(file, found)
    shapes = [area.shape for area, _ in found]
    return Matched(
        tuple(
            Outline(code, area.name, file.type, file.edition, rings_of(shape), file.name)
            for (area, code), shape in zip(found, simplified(shapes), strict=True)
        ),
        tuple(_findings(file, unknown, [found[place][0].name for place in overlapping_shapes(shapes)])),
    )


def _organisation(
    kind: OrganisationType,
    area: BoundaryArea,
    organisations: Mapping[str, Organisation],
    names: Mapping[str, set[str]],
) -> tuple[str, str]:
    """The code of an area's organisation, or "" and in brackets why there is none that is certain."""
    if area.ods_code:
        return (area.ods_code, "") if area.ods_code in organisations else ("", "")
    code = codes_by_ons_code().get(area.ons_code, area.ons_code)
    named = names.get(_normal(area.name), set())
    if code not in organisations:
        several = f" (one of {', '.join(sorted(named))})" if named else ""
        return (next(iter(named)), "") if len(named) == 1 else ("", several)
    allowed = {kind, OrganisationType.SUB_ICB_LOCATION} if kind is OrganisationType.CCG else {kind}
    if organisations[code].type not in allowed:
        return "", f" (the code of a {organisations[code].type.value})"
    if named and code not in named:
        return "", f" (the code is that of {code}, the name that of {' or '.join(sorted(named))})"
    return code, ""


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


def _findings(file: BoundaryFile, unknown: Sequence[str], overlap: Sequence[str]) -> list[Finding]:
    mended = [area.name for area in file.areas if area.mended]
    told = (
        (
            "known organisations",
            "no organisation of the catalogue has this code or exactly this name, left out",
            unknown,
        ),
        (
            "areas of England",
            "areas of other countries, left out",
            [f"{file.outside} of them"] * file.outside,
        ),
        ("lines that do not cross", "outlines that crossed themselves, mended", mended),
        ("areas beside each other", "areas that overlap, drawn as they are", overlap),
    )
    return [
        Finding(Severity.WARNING, check, f"{words}: {_listed(sorted(set(names)))}", len(names))
        for check, words, names in told
        if names
    ]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else ""
    return ", ".join(names[:EXAMPLES]) + more
