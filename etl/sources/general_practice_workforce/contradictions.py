"""What a practice's row says against itself: roles against totals, full-time equivalents against people, patients.

Roles add up to the totals exactly in every real row seen (June, July and December 2025) in full-time equivalents. In
headcount a person with two roles stands in both, so there a total may be below its roles, never above them. Columns
that a file lacks are not missed: without all roles of a group, only more roles than there are in total is wrong.

One such practice of thousands holds the whole month, which a person may then accept as printed: it is named, and with
fewer than one in a thousand the others are right. A size beyond all reason is never accepted, for it would be
England's too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from db.domain import Finding, Period, Severity
from db.reading.spreadsheets import Header, without_thousands
from etl.source import FEW_ROWS
from etl.sources.general_practice_workforce import vocabulary as words

EXAMPLES = 5
SEXES = ("TOTAL_MALE", "TOTAL_FEMALE")
UNKNOWN_SEX = "TOTAL_UNKNOWN_GENDER"
MOST_PATIENTS, MOST_FTE = 1_000_000, 2_000
"""The largest practice of England's has some 110 thousand patients, and 39 full-time equivalents of permanent GPs."""
MOST_FTE_A_PERSON = 3.0
"""Of 62,673 practice years of 2015 to 2024, 72 are above 1.6 for each GP and none is above 2."""
NOTABLE_FTE_A_PERSON = 2.0
_TOLERANCE = 0.011
"""Of totals printed with two decimals; with more decimals they are held to what those can differ by."""
_SMALLEST_TOLERANCE, _SMALLEST_OF_FIXED_DECIMALS = 1e-7, 1e-9
"""Where cells are printed with the digits that a number has, its decimals do not say how far it was rounded."""
FEW = 0.001
"""Of all practices: with fewer that deny themselves a person may accept the file. England has some 6,200."""
USUAL = 5
"""Times as many practices as are placed otherwise: what they say is then taken for the rule."""
_NEVER_ACCEPTED = frozenset({"patients", "full-time equivalents"})
_GP_TOTALS = {"": (), "EXTG": ("trainees",), "EXL": ("locums",), "EXTGL": ("trainees", "locums")}
_NESTED = {
    "TOTAL_GP_EXTG": ("TOTAL_GP",),
    "TOTAL_GP_EXL": ("TOTAL_GP",),
    "TOTAL_GP_EXTGL": ("TOTAL_GP_EXTG", "TOTAL_GP_EXL"),
}
"""Totals of which each leaves out some of those in the others, and so is never above them."""
_FEWEST_STAFFED = 20
_OLD_TOTALS = frozenset({"EXR", "EXRL", "EXRRL"})
_GROUPS = {"TOTAL_GP_": words.GP_TOTAL, "TOTAL_N_": words.NURSE_TOTAL}
_LEFT_OUT = {"trainees": re.compile(r"TRN_GR_\w+"), "locums": re.compile(r"LOCUM_\w+")}
_GP_ROLES = frozenset(
    {"SEN_PTNR", "PTNR_PROV", "SAL_BY_PRAC", "SAL_BY_OTH", "RET", "LOCUM_VAC", "LOCUM_ABS", "LOCUM_OTH"}
    | {f"TRN_GR_{grade}" for grade in ("ST1", "ST2", "ST3", "ST4", "OTH", "F1_2")}
)
_NURSE_ROLES = frozenset(
    name.removeprefix("TOTAL_N_").removesuffix("_FTE")
    for name in words.NURSE_ROLES
    if name != "TOTAL_N_ENH_PRAC_NURSE_FTE"
)
"""Those that files since 2020 all have. A role that is new to us is added too: it is known by how it is named."""


@dataclass(frozen=True)
class _Whole:
    """A total's column, the columns of its roles, and whether these are all there are."""

    total: str
    parts: tuple[str, ...]
    complete: bool
    people: bool


def columns_to_check(header: Header) -> tuple[str, ...]:
    """The columns of a table, as they should be spelt, that its contradictions are looked for in."""
    present = {label.upper() for label in header.labels}
    wanted = {words.PATIENTS, *SEXES, UNKNOWN_SEX}
    for whole in _wholes(present):
        wanted |= {whole.total, *whole.parts}
    wanted |= {
        f"{total}_{measure}" for total in ("TOTAL_GP", *_NESTED, "TOTAL_NURSES") for measure in ("FTE", "HC")
    }
    return tuple(sorted(wanted & present))


def contradictions(text: pd.DataFrame, figures: Sequence[str], snapshot: Period) -> Iterator[Finding]:
    """What the rows of a table deny, one finding a kind with the first rows; `text` has the file's cells.

    `figures` are the columns whose numbers are loaded.
    """
    present = {str(name) for name in text.columns}
    checked = _Checked(text, snapshot)
    found = [
        *checked.patients(),
        *checked.no_patients(),
        *checked.roles(_wholes(present)),
        *checked.nested(),
        *checked.people(sorted(name for name in present if re.fullmatch(r"TOTAL_(GP|N)\w*_FTE", name))),
        *checked.blanks(figures),
        *checked.codes(),
    ]
    few = len(checked.denied) < FEW * len(text)
    for item in found:
        if few and item.severity is Severity.ERROR and item.check not in _NEVER_ACCEPTED:
            yield replace(item, check=FEW_ROWS, message=f"{item.check}: {item.message}")
        else:
            yield item


def _wholes(present: Iterable[str]) -> Iterator[_Whole]:
    columns = set(present)
    for measure in ("FTE", "HC"):
        roles = {
            match[1]
            for name in columns
            if (match := re.fullmatch(rf"TOTAL_GP_(\w+)_{measure}", name))
            and match[1] not in {*_GP_TOTALS, *_OLD_TOTALS}
        }
        complete = roles >= _GP_ROLES
        for total, groups in _GP_TOTALS.items():
            left = [role for role in roles if not any(_LEFT_OUT[group].fullmatch(role) for group in groups)]
            name = f"TOTAL_GP_{total}_{measure}" if total else f"TOTAL_GP_{measure}"
            # An original of 2015 to 2019 names its trainees otherwise, and other totals than these.
            if name in columns and left and (complete or not total):
                parts = tuple(f"TOTAL_GP_{role}_{measure}" for role in sorted(left))
                yield _Whole(name, parts, complete, measure == "HC")
        nurses = {match[1] for name in columns if (match := re.fullmatch(rf"TOTAL_N_(\w+)_{measure}", name))}
        if nurses and f"TOTAL_NURSES_{measure}" in columns:
            parts = tuple(f"TOTAL_N_{role}_{measure}" for role in sorted(nurses))
            yield _Whole(f"TOTAL_NURSES_{measure}", parts, nurses >= _NURSE_ROLES, measure == "HC")


class _Checked:
    """A table's cells as numbers, NaN where there is none."""

    def __init__(self, text: pd.DataFrame, snapshot: Period) -> None:
        self._codes, self._snapshot, self._text = text[words.PRACTICE], snapshot, text
        self.denied: set[int] = set()
        self._read: dict[str, pd.Series[float]] = {}
        self._cells: dict[str, frozenset[str]] = {}
        self._decimals: dict[str, int] = {}

    def _numbers(self, name: str) -> pd.Series[float]:
        """A column's numbers. Most cells repeat, so each different one is read once."""
        if name not in self._read:
            places, cells = pd.factorize(self._text[name])
            self._cells[name] = frozenset(cells)
            texts = pd.Series(cells).str.strip().map(without_thousands)
            numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
            self._read[name] = pd.Series(numbers[places], index=self._text.index)
        return self._read[name]

    def patients(self) -> Iterator[Finding]:
        """Patients are whole, not beyond all reason, and the sum of men, women and those of unknown sex."""
        patients = self._numbers(words.PATIENTS)
        odd = (patients > MOST_PATIENTS) | patients.mod(1).gt(0)
        yield from self._finding(
            "patients", odd, [words.PATIENTS], f"wanted whole patients, at most {MOST_PATIENTS:,}, found {{}}"
        )
        if not {*SEXES} <= {*self._text.columns}:
            return
        sexes = sum((self._numbers(name) for name in SEXES), start=patients * 0)
        given = pd.DataFrame({name: self._numbers(name) for name in SEXES}).sum(axis=1)
        exact = UNKNOWN_SEX in self._text
        if exact:
            sexes = sexes + self._numbers(UNKNOWN_SEX).fillna(0)
        allowed = 0.5 if exact else np.maximum(10.0, patients * 0.01)
        wrong = ((patients - sexes).abs() > allowed) | (
            patients.isna() & self._are_blank(words.PATIENTS) & given.gt(0)
        )
        yield from self._finding(
            "patients by sex",
            wrong,
            [words.PATIENTS, *SEXES],
            "wanted all patients to be men and women, found {} all, {} men and {} women",
        )

    def no_patients(self) -> Iterator[Finding]:
        """Practices with staff have patients: where most have none, the column was lost."""
        staffed = self._numbers(words.GP_TOTAL) > 0
        without = staffed & ~(self._numbers(words.PATIENTS) > 0)
        if staffed.sum() >= _FEWEST_STAFFED and without.sum() > staffed.sum() / 2:
            wanted = "wanted registered patients of a practice with GPs, found {}"
            yield from self._finding("patients", without, [words.PATIENTS], wanted)

    def nested(self) -> Iterator[Finding]:
        """A total that leaves some staff out is not above one that leaves out fewer."""
        for inner, outers in _NESTED.items():
            for measure in ("FTE", "HC"):
                for outer in outers:
                    names = [f"{inner}_{measure}", f"{outer}_{measure}"]
                    if {*names} <= {*self._text.columns}:
                        part, whole = map(self._numbers, names)
                        wanted = f"{names[0]}: wanted no more than {names[1]}, found {{}} and {{}}"
                        yield from self._finding("totals of GPs", part > whole + _TOLERANCE, names, wanted)

    def roles(self, wholes: Iterable[_Whole]) -> Iterator[Finding]:
        """Roles add up to their total."""
        for whole in wholes:
            parts = pd.DataFrame({name: self._numbers(name) for name in whole.parts})
            given = parts.notna().any(axis=1)
            added, largest = parts.sum(axis=1), parts.max(axis=1).fillna(0)
            total = self._numbers(whole.total)
            shown = total.fillna(0)
            tolerance = self._tolerance(whole)
            above = (largest if whole.people else added) - shown > tolerance
            below = (shown - added > tolerance) & whole.complete
            # A group without a return has a code in every column: what has roles has a total.
            wrong = given & (above | below) & (total.notna() | added.gt(0))
            yield from self._finding(
                "roles against total",
                wrong,
                [whole.total],
                f"{whole.total}: wanted what its {len(whole.parts)} roles add up to, {{added}}, found {{}}",
                added=added,
            )

    def _tolerance(self, whole: _Whole) -> float:
        """How far a sum of rounded parts may lie from its rounded total, by the most decimals that are printed."""
        cells = frozenset[str]().union(*(self._cells[name] for name in (whole.total, *whole.parts)))
        for cell in cells - self._decimals.keys():
            printed = re.search(r"\.(\d+)$", cell.strip())
            self._decimals[cell] = len(printed[1]) if printed else 0
        decimals = [found for cell in cells if (found := self._decimals[cell])]
        if not decimals:
            return _TOLERANCE
        most = max(decimals)
        alike = decimals.count(most) / len(decimals) > 0.9
        smallest = _SMALLEST_OF_FIXED_DECIMALS if alike else _SMALLEST_TOLERANCE
        exact = (len(whole.parts) + 1) * 0.5 * 10.0**-most
        return min(_TOLERANCE, max(smallest, exact))

    def _are_blank(self, name: str) -> pd.Series[bool]:
        return self._text[name].str.strip().eq("")

    def blanks(self, figures: Sequence[str]) -> Iterator[Finding]:
        """Blank cells of a group with a total, where the column is printed for most others: no figure, and not 0."""
        shown: dict[tuple[int, str], str] = {}
        for name in figures:
            total = next((whole for start, whole in _GROUPS.items() if name.startswith(start)), "")
            counted = (
                self._numbers(total).notna()
                if total in self._text
                else pd.Series(True, index=self._text.index)
            )
            blank = self._are_blank(name) & counted
            if 0 < blank.sum() <= counted.sum() / 2:
                shown |= {
                    (place, name): f"row {place + 2}, {self._codes.loc[place]}: {name}"
                    for place in blank[blank].index
                }
        if shown:
            cells = [shown[key] for key in sorted(shown)]
            more = f"; and {len(cells) - EXAMPLES} more" if len(cells) > EXAMPLES else ""
            message = (
                f"{self._snapshot.label}: blank where other practices have a number, so taken as not given and not as "
                f"0: {'; '.join(cells[:EXAMPLES])}{more}"
            )
            yield Finding(Severity.WARNING, "blank cells", message, len(cells))

    def codes(self) -> Iterator[Finding]:
        """Practice codes that are not a letter and five digits, as all are that were ever seen."""
        odd = ~self._codes.str.fullmatch(r"[A-Z]\d{5}")
        if odd.mean() <= 0.5:
            yield from self._finding(
                "practice codes", odd, [], "a letter and five digits are usual", severity=Severity.WARNING
            )

    def people(self, names: Iterable[str]) -> Iterator[Finding]:
        """Nobody works several full weeks in one, and nobody's hours are nobody's."""
        for name in names:
            fte = self._numbers(name)
            yield from self._finding(
                "full-time equivalents",
                fte > MOST_FTE,
                [name],
                f"{name}: wanted at most {MOST_FTE:,}, found {{}}",
            )
            people = name.removesuffix("FTE") + "HC"
            if people not in self._text:
                continue
            heads = self._numbers(people)
            impossible = fte > MOST_FTE_A_PERSON * heads + 1
            yield from self._finding(
                "full-time equivalents against headcount",
                impossible,
                [name, people],
                f"{name} and {people}: wanted at most {MOST_FTE_A_PERSON:g} for each person, found {{}} of {{}} people",
            )
            yield from self._finding(
                "full-time equivalents against headcount",
                (fte > NOTABLE_FTE_A_PERSON * heads + _TOLERANCE) & ~impossible,
                [name, people],
                f"{name} and {people}: more than {NOTABLE_FTE_A_PERSON:g} for each person: {{}} of {{}} people",
                severity=Severity.WARNING,
            )

    def _finding(
        self,
        check: str,
        wrong: pd.Series[bool],
        columns: list[str],
        words_of_row: str,
        *,
        added: pd.Series[float] | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Iterator[Finding]:
        places = wrong.index[wrong.to_numpy()]
        if not len(places):
            return
        if severity is Severity.ERROR:
            self.denied |= {*places.tolist()}
        shown = [
            f"row {place + 2}, {self._codes.loc[place]}: "
            + words_of_row.format(
                *(self._text[name].loc[place] or "nothing" for name in columns),
                added="" if added is None else f"{added.loc[place]:g}",
            )
            for place in places[:EXAMPLES]
        ]
        more = f"; and {len(places) - EXAMPLES} more" if len(places) > EXAMPLES else ""
        yield Finding(severity, check, f"{self._snapshot.label}, {'; '.join(shown)}{more}", len(places))


def disputed_places(table: pd.DataFrame, snapshot: Period) -> Iterator[Finding]:
    """Practices whose commissioner, ICB and region are not placed, or not named, as in the other rows of the table.

    A commissioner lies in one ICB and region, and has one name, which no other has: so it is in all 209 of 2016/17.
    """
    pairs = [("commissioner", "board"), ("commissioner", "region"), ("board", "region")]
    pairs += [pair for kind in words.PLACES for pair in ((kind, f"{kind}_name"), (f"{kind}_name", kind))]
    disputed: dict[int, str] = {}
    for one, other in pairs:
        known = table[table[one].ne("") & table[other].ne("")]
        if known.empty:
            continue
        sizes = known.groupby([one, other]).size()
        usual = sizes.sort_values(kind="stable").groupby(level=0).tail(1).reset_index(other)[other]
        wanted = known[one].map(usual)
        own, most = (
            pd.Series(
                sizes.reindex(pd.MultiIndex.from_arrays([known[one], values])).to_numpy(), index=known.index
            )
            for values in (known[other], wanted)
        )
        for place in known.index[known[other].ne(wanted) & (most >= USUAL * own)]:
            row = known.loc[place]
            told = f"row {place + 2}, {row['code']}: '{row[one]}' with '{row[other]}', elsewhere with '{wanted[place]}'"
            disputed.setdefault(int(place), told)
    if disputed:
        shown = [disputed[place] for place in sorted(disputed)]
        more = f"; and {len(shown) - EXAMPLES} more" if len(shown) > EXAMPLES else ""
        yield Finding(
            Severity.WARNING, "places", f"{snapshot.label}: {'; '.join(shown[:EXAMPLES])}{more}", len(shown)
        )
