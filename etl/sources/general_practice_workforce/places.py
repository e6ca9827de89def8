"""Practices as organisations with what they belong to, and the organisations above them.

A practice's commissioner (a CCG, or since July 2022 a sub-ICB location), ICB and region stand in the file. The file
of a back series may place it differently in different months; then its parents carry dates. Its CCG at 31 March 2020
comes from the catalogue, so that figures of those areas go on where the file knows only their successor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import pandas as pd

from db.domain import Finding, Organisation, OrganisationType, Parent, Severity
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.practices import Practices

ICB_START = date(2022, 7, 1)
LAST_DAY_OF_FORMER_CCGS = date(2020, 3, 31)
_DAY = timedelta(days=1)
_EXAMPLES = 5
_TYPES = {"board": OrganisationType.ICB, "region": OrganisationType.REGION}

Spells = list[tuple[str, date]]


def organisations(snapshots: Sequence[Practices], former_ccgs: Mapping[str, str]) -> tuple[Organisation, ...]:
    """Every practice of the snapshots (oldest first) with its parents, and every parent."""
    live = {code for practices in snapshots for code in practices.table["commissioner"].unique()}
    former = {code: ccg for code, ccg in former_ccgs.items() if ccg not in live}
    spells = {kind: _spells(snapshots, kind) for kind in words.PLACES}
    names = {code: name for practices in snapshots for code, name in _pairs(practices, "code", "name")}
    found = [
        Organisation(
            code,
            name,
            OrganisationType.PRACTICE,
            parents=(
                *(parent for kind in words.PLACES for parent in _parents(spells[kind].get(code, []))),
                *([Parent(former[code])] if code in former else []),
            ),
        )
        for code, name in names.items()
    ]
    return (*found, *_above(snapshots), *_former(names, former))


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


def _pairs(practices: Practices, first: str, second: str) -> Iterator[tuple[str, str]]:
    yield from zip(practices.table[first], practices.table[second], strict=True)


def _spells(snapshots: Sequence[Practices], kind: str) -> dict[str, Spells]:
    """For each practice, the codes that it belongs to one after another, each with its first snapshot."""
    spells: dict[str, Spells] = {}
    for practices in snapshots:
        for practice, place in _pairs(practices, "code", kind):
            own = spells.setdefault(practice, [])
            if not own or own[-1][0] != place:
                own.append((place, practices.snapshot.end))
    return spells


def _parents(spells: Spells) -> Iterator[Parent]:
    """A practice's parents of one kind: dated from the second on, and up to the next."""
    for number, (code, first_day) in enumerate(spells):
        start = first_day if number else None
        end = spells[number + 1][1] - _DAY if number + 1 < len(spells) else None
        if code:
            yield Parent(code, start, end)


def _above(snapshots: Sequence[Practices]) -> Iterator[Organisation]:
    found: dict[str, Organisation] = {}
    for practices in snapshots:
        commissioner = (
            OrganisationType.SUB_ICB_LOCATION if practices.snapshot.end >= ICB_START else OrganisationType.CCG
        )
        for kind in words.PLACES:
            pairs = practices.table[[kind, f"{kind}_name"]].drop_duplicates(kind)
            for code, name in pairs.itertuples(index=False):
                if code:
                    found[code] = Organisation(code, name or code, _TYPES.get(kind, commissioner))
    yield from found.values()


def _former(codes: Mapping[str, str], former: Mapping[str, str]) -> Iterator[Organisation]:
    for ccg in dict.fromkeys(former[code] for code in codes if code in former):
        yield Organisation(ccg, ccg, OrganisationType.CCG)
