"""Practices as organisations with what they belong to, and the organisations above them.

A practice's commissioner (a CCG, or since July 2022 a sub-ICB location), ICB and region stand in the file. The file
of a back series may place it differently in different months; then its parents carry dates. Its CCG at 31 March 2020
comes from the catalogue, so that figures of those areas go on where the file knows only their successor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import pandas as pd

from db.domain import Finding, Organisation, OrganisationType, Parent, Severity
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.practices import Practices

ICB_START = date(2022, 7, 1)
LAST_DAY_OF_FORMER_CCGS = date(2020, 3, 31)
_DAY = timedelta(days=1)
_EXAMPLES = 5
_TYPES = {"board": OrganisationType.ICB, "region": OrganisationType.REGION}

_FORMER = "CCG at 31 March 2020"
_KINDS = (*words.PLACES, _FORMER)
Spells = list[tuple[str, date]]


def organisations(snapshots: Sequence[Practices], former_ccgs: Mapping[str, str]) -> tuple[Organisation, ...]:
    """Every practice of the snapshots (oldest first) with its parents, and every organisation above."""
    spells = {kind: _spells(snapshots, kind, former_ccgs) for kind in _KINDS}
    names = {code: name for practices in snapshots for code, name in _pairs(practices, "name")}
    found = [
        Organisation(
            code,
            name,
            OrganisationType.PRACTICE,
            parents=tuple(parent for kind in _KINDS for parent in _parents(spells[kind][code])),
        )
        for code, name in names.items()
    ]
    ccgs = dict.fromkeys(ccg for own in spells[_FORMER].values() for ccg, _ in own if ccg)
    above = {ccg: Organisation(ccg, ccg, OrganisationType.CCG) for ccg in ccgs}
    return (*found, *{**above, **_above(snapshots)}.values())


def unplaced(practices: Practices, former_ccgs: Mapping[str, str]) -> Iterator[Finding]:
    """What a snapshot leaves outside the CCG areas of 31 March 2020, and outside the areas of its own day."""
    table = practices.table
    label = practices.snapshot.label
    for kind, what in (("commissioner", "CCG or sub-ICB location"), ("board", "ICB"), ("region", "region")):
        missing = table[table[kind].eq("")]
        if 0 < len(missing) < len(table):
            yield _finding(label, missing, f"whose {what} is not given: left out of its totals")
    if practices.snapshot.end > LAST_DAY_OF_FORMER_CCGS:
        nowhere = table[~table["code"].isin(former_ccgs)]
        if len(nowhere):
            text = "that cannot be placed in a CCG of 31 March 2020: left out of the totals of those areas"
            yield _finding(label, nowhere, text)


def _finding(label: str, missing: pd.DataFrame, text: str) -> Finding:
    patients = missing["patients"].sum()
    shown = ", ".join(missing["code"].head(_EXAMPLES))
    more = f" and {len(missing) - _EXAMPLES} more" if len(missing) > _EXAMPLES else ""
    count = f"{len(missing)} practice{'s' if len(missing) > 1 else ''} with {patients:,.0f} patients"
    message = f"{label}: {count} {text} ({shown}{more})"
    return Finding(Severity.INFORMATION, "practices placed", message, len(missing))


def _pairs(practices: Practices, column: str) -> Iterator[tuple[str, str]]:
    yield from zip(practices.table["code"], practices.table[column], strict=True)


def _places(practices: Practices, kind: str, former_ccgs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each practice and where it belongs, "" for nowhere.

    The CCG of 31 March 2020 stands only where the file no longer has it: where it does, the file's own word counts.
    """
    if kind != _FORMER:
        yield from _pairs(practices, kind)
        return
    live = set(practices.table["commissioner"].unique())
    for practice in practices.table["code"]:
        ccg = former_ccgs.get(practice, "")
        yield practice, "" if ccg in live else ccg


def _spells(snapshots: Sequence[Practices], kind: str, former_ccgs: Mapping[str, str]) -> dict[str, Spells]:
    """For each practice, the codes that it belongs to one after another, each with its first snapshot."""
    spells: dict[str, Spells] = {}
    for practices in snapshots:
        for practice, place in _places(practices, kind, former_ccgs):
            own = spells.setdefault(practice, [])
            if not own or own[-1][0] != place:
                own.append((place, practices.snapshot.end))
    return spells


@lru_cache(maxsize=1_000)
def _parent(code: str, start: date | None, end: date | None) -> Parent:
    """One object for all practices of an area."""
    return Parent(code, start, end)


def _parents(spells: Spells) -> Iterator[Parent]:
    """A practice's parents of one kind: dated from the second on, and up to the next."""
    for number, (code, first_day) in enumerate(spells):
        start = first_day if number else None
        end = spells[number + 1][1] - _DAY if number + 1 < len(spells) else None
        if code:
            yield _parent(code, start, end)


def _above(snapshots: Sequence[Practices]) -> dict[str, Organisation]:
    """The organisations that the files place practices in, by code, under their latest names."""
    found: dict[str, Organisation] = {}
    for practices in snapshots:
        is_location = practices.snapshot.end >= ICB_START
        commissioner = OrganisationType.SUB_ICB_LOCATION if is_location else OrganisationType.CCG
        for kind in words.PLACES:
            pairs = practices.table[[kind, f"{kind}_name"]].drop_duplicates(kind)
            for code, name in pairs.itertuples(index=False):
                if code:
                    found[code] = Organisation(code, name or code, _TYPES.get(kind, commissioner))
    return found
