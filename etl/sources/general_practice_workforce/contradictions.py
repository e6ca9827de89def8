"""What a practice's row says against itself: roles against totals, full-time equivalents against people, patients.

Roles add up to the totals exactly in every real row seen (June, July and December 2025) in full-time equivalents. In
headcount a person with two roles stands in both, so there a total may be below its roles, never above them. Columns
that a file lacks are not missed: without all roles of a group, only more roles than there are in total is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import Finding, Period, Severity
from etl.reading.spreadsheets import Header
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
_GP_TOTALS = {"": (), "EXTG": ("trainees",), "EXL": ("locums",), "EXTGL": ("trainees", "locums")}
_OLD_TOTALS = frozenset({"EXR", "EXRL", "EXRRL"})
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
    return tuple(sorted(wanted & present))


def contradictions(text: pd.DataFrame, snapshot: Period) -> Iterator[Finding]:
    """What the rows of a table deny, one finding a kind with the first rows; `text` has the file's cells."""
    present = {str(name) for name in text.columns}
    checked = _Checked(text, snapshot)
    yield from checked.patients()
    yield from checked.roles(_wholes(present))
    yield from checked.people(sorted(name for name in present if re.fullmatch(r"TOTAL_(GP|N)\w*_FTE", name)))


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

    def _numbers(self, name: str) -> pd.Series[float]:
        cells = self._text[name].str.strip().str.replace(",", "", regex=False)
        return pd.to_numeric(cells, errors="coerce").astype(float)

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
        exact = UNKNOWN_SEX in self._text
        if exact:
            sexes = sexes + self._numbers(UNKNOWN_SEX).fillna(0)
        allowed = 0.5 if exact else np.maximum(10.0, patients * 0.01)
        wrong = (patients - sexes).abs() > allowed
        yield from self._finding(
            "patients by sex",
            wrong,
            [words.PATIENTS, *SEXES],
            "wanted all patients to be men and women, found {} all, {} men and {} women",
        )

    def roles(self, wholes: Iterable[_Whole]) -> Iterator[Finding]:
        """Roles add up to their total."""
        for whole in wholes:
            parts = pd.DataFrame({name: self._numbers(name) for name in whole.parts})
            given = parts.notna().any(axis=1)
            added, largest = parts.sum(axis=1), parts.max(axis=1).fillna(0)
            total = self._numbers(whole.total)
            shown = total.fillna(0)
            above = (largest if whole.people else added) - shown > _TOLERANCE
            below = (shown - added > _TOLERANCE) & whole.complete
            # A group without a return has a code in every column: what has roles has a total.
            wrong = given & (above | below) & (total.notna() | added.gt(0))
            yield from self._finding(
                "roles against total",
                wrong,
                [whole.total],
                f"{whole.total}: wanted what its {len(whole.parts)} roles add up to, {{added}}, found {{}}",
                added=added,
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
