"""Which organisation a row is of: by the code in `Level`, or by name where that column holds none.

What `Level` holds for places was never seen: so it is a code of the right kind, the name that stands beside it, or
nothing, and anything else is refused. Names are those of today: the framework prints all years on today's boundaries.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from db.catalogue import load_catalogue
from db.domain import ENGLAND, Organisation, OrganisationType
from etl.source import LayoutError
from etl.sources.outcomes_framework.table import AnnualRow
from etl.sources.outcomes_framework.vocabulary import KINDS

_ENGLAND_CODE: Final = "E92000001"
_CODE: Final = re.compile(r"[EWNSK]\d{8}")
_ADDITIONS: Final = re.compile(r",? (?:city of|county of|ua)$| \(statistical region\)$")


def organisation_of_row(row: AnnualRow) -> Organisation | None:
    """The organisation of a row; None where it has only a name that no organisation of its kind bears.

    Raises LayoutError where code, name and breakdown contradict each other, and for what is neither code nor name.
    """
    kinds, every = KINDS[row.breakdown], load_catalogue().organisations
    named = next((code for kind in kinds.values() if (code := _by_name(kind).get(_plain(row.name)))), None)
    if not _CODE.fullmatch(row.level):
        if row.level and _plain(row.level) != _plain(row.name):
            wanted = f"in 'Level' a code such as E10000016, or '{row.name}'"
            raise LayoutError(row.where, wanted, f"'{row.level}'")
        return every[named] if named else None
    code = ENGLAND if row.level == _ENGLAND_CODE else row.level
    kind = kinds.get(row.level[:3])
    if kind is None:
        wanted = f"in 'Level' a code of {row.breakdown} (with {' or '.join(kinds)})"
        raise LayoutError(row.where, wanted, f"'{row.level}' {row.name}")
    known = every.get(code)
    if known is None:
        return Organisation(code, row.name, kind)
    if named and _plain(every[named].name) != _plain(known.name):
        raise LayoutError(row.where, f"'{known.name}' beside {row.level}", f"'{row.name}'")
    return known


@cache
def _by_name(kind: OrganisationType) -> dict[str, str]:
    """The codes of the organisations of a kind that are open, by their plain names."""
    every = load_catalogue().organisations.values()
    return {_plain(item.name): item.code for item in every if item.type is kind and item.closed_on is None}


def _plain(name: str) -> str:
    """A name for comparison: `Herefordshire, County of` is herefordshire."""
    return _ADDITIONS.sub("", name.casefold().replace("&", "and").replace(".", ""))
