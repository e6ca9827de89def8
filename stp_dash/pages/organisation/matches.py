"""Finding an organisation by a few words of its name, or by its code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.domain import OrganisationType
from db.domain.organisation import OrganisationChoice

MOST = 50
PROFILED = (
    OrganisationType.TRUST,
    OrganisationType.STROKE_TEAM,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.PRACTICE,
    OrganisationType.REGION,
    OrganisationType.UPPER_TIER_AUTHORITY,
    OrganisationType.DISTRICT,
    OrganisationType.STATISTICAL_REGION,
    OrganisationType.INDEPENDENT_PROVIDER,
    OrganisationType.SITE,
)
"""The types that have a page of their own, in the order of a list of results."""
_WORD = re.compile(r"[a-z0-9]+")
_CODE, _CODE_STARTS, _NAME_STARTS, _WORDS_START, _INSIDE, _PLACE = range(6)


@dataclass(frozen=True, slots=True)
class Searchable:
    """An organisation as it is searched: `text` is its names in small letters, earlier ones and its code included,
    and `place` the names of what it lies in."""

    choice: OrganisationChoice
    code: str
    text: str
    words: frozenset[str]
    place: str = ""


@dataclass(frozen=True)
class SearchResult:
    """The nearest organisations and how many there are in all."""

    choices: tuple[OrganisationChoice, ...]
    count: int


def searchable(
    choices: Iterable[OrganisationChoice],
    earlier: Mapping[str, Sequence[str]],
    places: Mapping[str, Sequence[str]],
) -> tuple[Searchable, ...]:
    """What is searched: organisations of types with a page. `earlier` are names that they no longer bear, by code, and
    `places` the names of what they lie in."""
    found = []
    for choice in choices:
        if choice.type in PROFILED:
            text = " ".join([choice.name, *earlier.get(choice.code, ()), choice.code]).lower()
            place = " ".join(places.get(choice.code, ())).lower()
            words = frozenset(_WORD.findall(text))
            found.append(Searchable(choice, choice.code.lower(), text, words, place))
    return tuple(found)


def find(asked: str, among: Iterable[Searchable], ours: frozenset[str] = frozenset()) -> SearchResult:
    """The organisations that bear every word asked for, the nearest first: a code, then a name that starts so.

    Of those as near, ours come first, then by type and name. At most 50 are given.
    """
    words = _WORD.findall(asked.lower())
    if not words:
        return SearchResult((), 0)
    whole = " ".join(words)
    ranked = [
        (rank, item.choice.code not in ours, PROFILED.index(item.choice.type), item.choice.name, item)
        for item in among
        if (rank := _rank(item, words, whole)) is not None
    ]
    ranked.sort(key=lambda entry: (*entry[:4], entry[4].code))
    return SearchResult(tuple(entry[4].choice for entry in ranked[:MOST]), len(ranked))


def _rank(item: Searchable, words: Sequence[str], whole: str) -> int | None:
    if item.code == whole:
        return _CODE
    if len(words) == 1 and len(whole) > 1 and item.code.startswith(whole):
        return _CODE_STARTS
    if item.text.startswith(whole):
        return _NAME_STARTS
    if all(word in item.text for word in words):
        starts = all(any(own.startswith(word) for own in item.words) for word in words)
        return _WORDS_START if starts else _INSIDE
    if item.place and all(word in item.text or word in item.place for word in words):
        return _PLACE
    return None
