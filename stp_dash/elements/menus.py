"""The lists of menus, in groups: indicators by topic, organisations by how near they are to us, months by year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from math import ceil

from db.domain import Indicator, OrganisationType
from db.domain.organisation import OrganisationChoice
from stp_dash.elements.components import LONGEST_LIST, Choice

_KINDS = (
    OrganisationType.TRUST,
    OrganisationType.STROKE_TEAM,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.REGION,
    OrganisationType.UPPER_TIER_AUTHORITY,
    OrganisationType.DISTRICT,
    OrganisationType.STATISTICAL_REGION,
)
"""The kinds of organisation that are listed beyond ours, in their order."""
_BEFORE = re.compile("^(NHS |The )")


def lettered(head: str, choices: Iterable[Choice], letters: Callable[[str], str]) -> list[Choice]:
    """Choices in groups that are short enough to look through, each headed by its first and last: `Trusts: Airedale
    to Bolton`. `letters` is the part of a label that it is ordered by."""
    ordered = sorted(choices, key=lambda item: letters(item.label))
    count = ceil(len(ordered) / LONGEST_LIST)
    size = ceil(len(ordered) / count) if count else 1
    found = []
    for first in range(0, len(ordered), size):
        part = ordered[first : first + size]
        ends = (letters(item.label).split(" ")[0].strip(",") for item in (part[0], part[-1]))
        group = f"{head}: {' to '.join(dict.fromkeys(ends))}" if count > 1 else head
        found += [Choice(item.label, item.address, item.chosen, group) for item in part]
    return found


def by_topic(indicators: Iterable[Indicator], choice: Callable[[Indicator], Choice]) -> tuple[Choice, ...]:
    """Indicators in use under their topics, and under headings of their own those that ended."""
    found: dict[str, list[Choice]] = {}
    for item in sorted(indicators, key=lambda item: item.valid_to is not None):
        group = item.topic if item.valid_to is None else f"{item.topic}: ended"
        made = choice(item)
        found.setdefault(group, []).append(Choice(made.label, made.address, made.chosen, group))
    return tuple(item for members in found.values() for item in members)


def by_nearness(
    ours: Sequence[Choice],
    others: Iterable[OrganisationChoice],
    choice: Callable[[str, str], Choice],
    region: tuple[str, frozenset[str]],
) -> tuple[Choice, ...]:
    """Ours and England, then those of our region, then all others by kind and name.

    `region` is its name and the codes inside it; `choice` makes one of a code and a name.
    """
    found = [Choice(item.label, item.address, item.chosen, "Ours") for item in ours]
    name, inside = region
    kinds: dict[OrganisationType, list[Choice]] = {}
    near: dict[OrganisationType, list[Choice]] = {}
    for item in others:
        of = near if item.code in inside else kinds
        of.setdefault(item.type, []).append(choice(item.code, item.name))
    heads = {kind: f"{kind.plural[:1].upper()}{kind.plural[1:]}" for kind in _KINDS}
    for kind, head in heads.items():
        found += lettered(f"{name}: {head}", near.get(kind, ()), _letters)
    for kind, head in heads.items():
        found += lettered(f"{head} in England", kinds.get(kind, ()), _letters)
    return tuple(found)


def by_year(choices: Sequence[Choice], years: Mapping[str, int]) -> tuple[Choice, ...]:
    """Months and other periods, those of a long list under their years; `years` are by label."""
    if len(choices) <= LONGEST_LIST:
        return tuple(choices)
    return tuple(
        Choice(item.label, item.address, item.chosen, str(year) if year else "")
        for year, members in groupby(choices, key=lambda item: years.get(item.label, 0))
        for item in members
    )


def _letters(label: str) -> str:
    return _BEFORE.sub("", label)
