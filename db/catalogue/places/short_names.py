"""Names of organisations where space is short: reviewed by hand, or else proposed by a rule.

`short_names.csv` names every trust, ICB, sub-ICB location, former clinical commissioning group (CCG) and region as
people of the service say it: without what all share, and distinct from others of its kind. A sub-ICB location is named
by the place of its former CCG, since the service's own names repeat the ICB's. The rule is for organisations that are
newer than the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from db.catalogue import load_catalogue
from db.catalogue.organisation_files import read_rows
from db.domain import OrganisationType

SHORT_NAMES: Final = "short_names.csv"
MOST_LETTERS: Final = 28
SHORTENED: Final = (
    OrganisationType.TRUST,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.REGION,
)
"""The types whose organisations have short names."""
_FOLDER = Path(__file__).resolve().parent
_LEGAL = re.compile(
    r"^The\b|\b(NHS|Foundation Trust|Trust|Integrated Care Board|ICB|Clinical Commissioning Group|CCG)\b|- \w+$",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"\b((Teaching|University|General|District|County|Acute) )*Hospitals?\b( of\b)?( Services\b)?"
    r"|\bUniversity\b(?! College)|\b(Health Care|Healthcare|Partnership)\b|(?<=\bAmbulance )Service\b",
    re.IGNORECASE,
)
_LOCATION = re.compile(r" - (\w+)$")


class Named(Protocol):
    """An organisation with its full name."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> OrganisationType: ...


@lru_cache(maxsize=1)
def short_names() -> Mapping[str, str]:
    """The reviewed short names by code. Raises CatalogueError as `read_short_names` does."""
    return read_short_names(_FOLDER)


def read_short_names(folder: Path) -> Mapping[str, str]:
    """As `short_names`, from a folder.

    Raises CatalogueError for a malformed row, an unknown code, a name of more than MOST_LETTERS letters, and one that
    two organisations of a kind would bear.
    """
    organisations = load_catalogue().organisations
    found: dict[str, str] = {}
    taken: set[tuple[OrganisationType, str]] = set()
    for row in read_rows(folder / SHORT_NAMES, ("code", "name")):
        code, name = row.known("code", organisations), row.text("name")
        if len(name) > MOST_LETTERS:
            raise row.fault("name", f"at most {MOST_LETTERS} letters")
        if code in found or (organisations[code].type, name.casefold()) in taken:
            raise row.fault("name", "each name once among organisations of a kind")
        taken.add((organisations[code].type, name.casefold()))
        found[code] = name
    return MappingProxyType(found)


def names_in_little_room(organisations: Iterable[Named]) -> dict[str, str]:
    """The name of each organisation where space is short: reviewed, or the rule's if no other of its kind has it.

    The rule leaves out the legal form and what all of a kind share ("NHS", "Foundation Trust", "Hospitals"), then the
    legal form alone, then adds a location's code. Where all of that is too long, or another's, and for types without
    short names, it is the full name.
    """
    reviewed = short_names()
    known = {item.code: item for item in organisations}
    asked = [item for item in known.values() if item.type in SHORTENED and item.code not in reviewed]
    proposals = {item.code: tuple(_proposals(item.name)) for item in asked}
    taken = Counter(_reviewed_of_kinds()) if asked else Counter()
    for item in asked:
        taken.update({(item.type, name.casefold()) for name in proposals[item.code]})
    found = {code: reviewed.get(code, item.name) for code, item in known.items()}
    for item in asked:
        own = (name for name in proposals[item.code] if name and len(name) <= MOST_LETTERS)
        found[item.code] = next((n for n in own if taken[item.type, n.casefold()] == 1), item.name)
    return found


@lru_cache(maxsize=1)
def _reviewed_of_kinds() -> tuple[tuple[OrganisationType, str], ...]:
    """The reviewed names, each with the type of organisation that bears it."""
    organisations = load_catalogue().organisations
    return tuple((organisations[code].type, name.casefold()) for code, name in short_names().items())


def _proposals(name: str) -> Iterator[str]:
    plain = _plain(_LEGAL.sub(" ", name))
    yield _plain(_KIND.sub(" ", plain))
    yield plain
    if location := _LOCATION.search(name):
        yield f"{plain} {location[1]}"


def _plain(words: str) -> str:
    """Words without the spaces, commas and joining words that are left at their ends."""
    return re.sub(
        r"^(and|of|the) | (and|of|the)$",
        "",
        " ".join(words.split()).replace(" ,", ",").strip(" ,-"),
        flags=re.IGNORECASE,
    )
