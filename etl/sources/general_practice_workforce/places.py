"""Practices as organisations with what they belong to, and the organisations above them.

A practice's commissioner (a CCG, or since July 2022 a sub-ICB location), ICB and region stand in the file. The file
of a back series may place it differently in different months; then its parents carry dates. Its CCG at 31 March 2020
comes from the catalogue, so that figures of those areas go on where the file knows only their successor. A file
without a column of commissioners has its practices placed by that CCG and by what the catalogue knows of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import pandas as pd

from db.catalogue.policy_dates import FORMER_CCGS_END, ICB_START
from db.domain import (
    Catalogue,
    Finding,
    Organisation,
    OrganisationType,
    Parent,
    Severity,
    SuccessionKind,
)
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.practices import Practices

_DAY = timedelta(days=1)
_EXAMPLES = 5
_PARTIAL = (SuccessionKind.SPLIT, SuccessionKind.TRANSFER)
_TYPES = {"board": OrganisationType.ICB, "region": OrganisationType.REGION}
_LEVELS = {
    "commissioner": (OrganisationType.SUB_ICB_LOCATION, OrganisationType.CCG),
    "board": (OrganisationType.ICB,),
    "region": (OrganisationType.REGION,),
}
_SAID = {"commissioner": "CCG or sub-ICB location", "board": "ICB", "region": "region"}

Places = tuple[str, ...]
"""What a practice belongs to, in the order of `words.PLACES`, and at last its CCG of 31 March 2020."""

Spell = tuple[Places, date]


def organisations(
    snapshots: Sequence[Practices], former_ccgs: Mapping[str, str], catalogue: Collection[str]
) -> tuple[Organisation, ...]:
    """Every practice of the snapshots (oldest first) with its parents, and what is above them.

    Of the organisations above, only those whose code the catalogue lacks: it knows what the others are.
    """
    spells = _spells(snapshots, former_ccgs)
    names = {code: name for practices in snapshots for code, name in _pairs(practices, "name")}
    found = [
        Organisation(code, name, OrganisationType.PRACTICE, parents=_parents(tuple(spells[code])))
        for code, name in names.items()
    ]
    ccgs = dict.fromkeys(places[-1] for own in spells.values() for places, _ in own if places[-1])
    above = {ccg: Organisation(ccg, ccg, OrganisationType.CCG) for ccg in ccgs}
    above |= _above(snapshots)
    return (*found, *(item for code, item in above.items() if code not in catalogue))


def with_own_places(practices: Practices, former_ccgs: Mapping[str, str], catalogue: Catalogue) -> Practices:
    """A snapshot whose file has no commissioners, with each practice's own: the successor of its former CCG.

    What else the file does not say, ICB and region, are those of that commissioner on the day.
    """
    if practices.commissioners_given:
        return practices
    day = practices.snapshot.end
    above = {ccg: _above_on(ccg, day, catalogue) for ccg in set(former_ccgs.values())}
    own = [above.get(former_ccgs.get(code, ""), {}) for code in practices.table["code"]]
    table = practices.table.copy()
    for kind in words.PLACES:
        if table[kind].eq("").all():
            table[kind] = [codes.get(kind, "") for codes in own]
            table[f"{kind}_name"] = [
                catalogue.organisations[code].name if code else "" for code in table[kind]
            ]
    placed = int(table["commissioner"].ne("").sum())
    message = (
        f"{practices.snapshot.label}: the file has no column SUB_ICB_CODE or CCG_CODE: {placed} of its {len(table)} "
        "practices are placed by their CCG of 31 March 2020; every sum is of the practices in the file"
    )
    finding = Finding(Severity.WARNING, "practices placed", message, len(table))
    return replace(practices, table=table, findings=(*practices.findings, finding))


def _above_on(ccg: str, day: date, catalogue: Catalogue) -> dict[str, str]:
    """The commissioner that an old CCG's area belongs to on a day, its ICB and its region, as far as there is one."""
    code = ccg
    while (closed := catalogue.organisations[code].closed_on) is not None and closed < day:
        following = {
            item.successor
            for item in catalogue.successions
            if item.predecessor == code and item.effective_on <= day and item.kind not in _PARTIAL
        }
        if len(following) != 1:
            return {}
        (code,) = following
    opened = catalogue.organisations[code].opened_on
    if opened is not None and opened > day:
        return {}
    found = {"commissioner": code}
    waiting = [code]
    while waiting:
        for parent in catalogue.organisations[waiting.pop()].parents:
            if parent.in_force(day):
                kind = catalogue.organisations[parent.code].type
                label = next((name for name, wanted in _TYPES.items() if wanted is kind), "")
                if label:
                    found.setdefault(label, parent.code)
                waiting.append(parent.code)
    return found


def unplaced(practices: Practices, former_ccgs: Mapping[str, str]) -> Iterator[Finding]:
    """What a snapshot leaves outside the CCG areas of 31 March 2020, and outside the areas of its own day."""
    table = practices.table
    label = practices.snapshot.label
    for kind, what in _SAID.items():
        missing = table[table[kind].eq("")]
        if 0 < len(missing) < len(table):
            yield _finding(label, missing, f"whose {what} is not given: left out of its totals")
    if practices.snapshot.end > FORMER_CCGS_END:
        nowhere = table[~table["code"].isin(former_ccgs)]
        if len(nowhere):
            text = "that cannot be placed in a CCG of 31 March 2020: left out of the totals of those areas"
            yield _finding(label, nowhere, text)


def misplaced(practices: Practices, catalogue: Catalogue) -> Iterator[Finding]:
    """Columns of places whose codes are of organisations of another level: the headings have changed places."""
    table, known = practices.table, catalogue.organisations
    for kind in words.PLACES:
        others = {code for name, codes in _LEVELS.items() if name != kind for code in codes}
        wrong = [code in known and known[code].type in others for code in table[kind]]
        rows = table[pd.Series(wrong, index=table.index)]
        if 2 * len(rows) > len(table):
            row = rows.iloc[0]
            message = (
                f"{practices.snapshot.label}, row {rows.index[0] + 2}, {row['code']}: in the column of the "
                f"{_SAID[kind]}, found {row[kind]}, which is another level "
                f"({known[row[kind]].name}), and so in {len(rows)} rows"
            )
            yield Finding(Severity.ERROR, "places", message, len(rows))


def _finding(label: str, missing: pd.DataFrame, text: str) -> Finding:
    patients = missing["patients"].sum()
    shown = ", ".join(missing["code"].head(_EXAMPLES))
    more = f" and {len(missing) - _EXAMPLES} more" if len(missing) > _EXAMPLES else ""
    count = f"{len(missing)} practice{'s' if len(missing) > 1 else ''} with {patients:,.0f} patients"
    message = f"{label}: {count} {text} ({shown}{more})"
    return Finding(Severity.INFORMATION, "practices placed", message, len(missing))


def _pairs(practices: Practices, column: str) -> Iterator[tuple[str, str]]:
    yield from zip(practices.table["code"].tolist(), practices.table[column].tolist(), strict=True)


def _places(practices: Practices, former_ccgs: Mapping[str, str]) -> Iterator[tuple[str, Places]]:
    """Each practice and where it belongs, "" for nowhere.

    The CCG of 31 March 2020 stands only where the file no longer has it: where it does, the file's own word counts.
    """
    table = practices.table
    live = set(table["commissioner"].unique())
    codes = table["code"].tolist()
    former = [former_ccgs.get(practice, "") for practice in codes]
    former = ["" if ccg in live else ccg for ccg in former]
    yield from zip(
        codes, zip(*(table[kind].tolist() for kind in words.PLACES), former, strict=True), strict=True
    )


def _spells(snapshots: Sequence[Practices], former_ccgs: Mapping[str, str]) -> dict[str, list[Spell]]:
    """For each practice, the places that it belongs to one after another, each with its first snapshot."""
    spells: dict[str, list[Spell]] = {}
    for practices in snapshots:
        for practice, places in _places(practices, former_ccgs):
            own = spells.setdefault(practice, [])
            if not own or own[-1][0] != places:
                own.append((places, practices.snapshot.end))
    return spells


@lru_cache(maxsize=10_000)
def _parents(spells: tuple[Spell, ...]) -> tuple[Parent, ...]:
    """A practice's parents: undated where there is one of a kind, else each dated up to the next."""
    kinds = zip(*(places for places, _ in spells), strict=True)
    days = [day for _, day in spells]
    return tuple(parent for codes in kinds for parent in _parents_of_a_kind(codes, days))


def _parents_of_a_kind(codes: Sequence[str], days: Sequence[date]) -> Iterator[Parent]:
    changes = [number for number, code in enumerate(codes) if not number or code != codes[number - 1]]
    for number, following in zip(changes, [*changes[1:], None], strict=True):
        if codes[number]:
            start = days[number] if number else None
            end = None if following is None else days[following] - _DAY
            yield Parent(codes[number], start, end)


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
