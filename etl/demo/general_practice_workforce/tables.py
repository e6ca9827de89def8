"""The practice-level tables of invented practices, in the layouts of four vintages, and the zips that hold them.

Filled are a practice's name and places, its patients by sex and age, whether it gave returns, and its GPs and nurses
by role, in headcounts and full-time equivalents. The columns of men and women, ages and countries of staff, and of
direct patient care and administrative staff by role, stand in the header and are left blank.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from db.domain import Catalogue, Period
from etl.demo.general_practice_workforce.columns import (
    LOCUMS,
    NURSE_ROLES,
    OLD_GP_TOTALS,
    PATIENT_AGES,
    PERMANENT,
    SOURCES,
    TRAINEES,
    detailed_columns,
    gp_column,
    nurse_column,
    original_columns,
    series_columns,
)
from etl.demo.general_practice_workforce.staff import FULL_TIME_HOURS, GP_ROLES, Counts, Flags, Snapshot
from etl.demo.workbook import workbook
from etl.reading.demonstration_mark import NAME_SUFFIX, STATEMENT

Column = Sequence[str]
Texts = NDArray[np.object_]

HIGH_LEVEL_COLUMNS = ("PRAC_CODE", "PRAC_NAME", "STAFF_GROUP", "DETAILED_STAFF_ROLE", "MEASURE", "VALUE")
_HOURS_A_PERSON = 30
_AGE_SHARES = (0.049, 0.112, 0.395, 0.257, 0.1, 0.062, 0.025)
_DIRECT_CARE, _ADMINISTRATION = 2.5, 11.2
_RETURNED, _NOT_RETURNED = "Fully provided", "Fully estimated - no data provided"


class Vintage(StrEnum):
    """How a table was issued, by what marks it."""

    DETAILED = "since February 2023: NA, sub-ICB locations and integrated care boards"
    BOARDS = "July 2022, the series issued again: ND and 0, sub-ICB locations and integrated care boards"
    COMMISSIONING_GROUPS = "June 2021, the series issued again: ND and 0, clinical commissioning groups"
    ORIGINAL = "2019, as first issued: registrars and no EXTG, ND and 0, clinical commissioning groups"


_COLUMNS: dict[Vintage, Callable[[], tuple[str, ...]]] = {
    Vintage.DETAILED: detailed_columns,
    Vintage.BOARDS: lambda: series_columns(boards=True),
    Vintage.COMMISSIONING_GROUPS: lambda: series_columns(boards=False),
    Vintage.ORIGINAL: original_columns,
}


def practice_table(snapshot: Snapshot, catalogue: Catalogue, vintage: Vintage) -> bytes:
    """The wide practice-level CSV of a snapshot in the layout of a vintage."""
    count = len(snapshot.codes)
    filled = {
        **_who(snapshot, catalogue),
        **_patients(snapshot),
        **_gps(snapshot, vintage),
        **_nurses(snapshot, vintage),
        **_others(snapshot),
    }
    blank = [""] * count
    columns = _COLUMNS[vintage]()
    lines = [",".join(columns)]
    lines += map(",".join, zip(*(filled.get(name, blank) for name in columns), strict=True))
    return ("\r\n".join(lines) + "\r\n").encode()


def high_level_table(snapshot: Snapshot) -> bytes:
    """The tidy CSV of a snapshot: totals of GPs and nurses in both measures, and nurses by role in one."""
    gps, nurses = snapshot.gp_hours.sum(axis=1), snapshot.nurse_hours.sum(axis=1)
    no_gps, no_nurses = (
        _missing(gone, snapshot.codes, Vintage.DETAILED) for gone in (snapshot.no_gps, snapshot.no_nurses)
    )
    blocks = [
        ("GP,Total,FTE", no_gps.coded(_fte(gps))),
        ("GP,Total,Headcount", no_gps.coded(_headcount(gps))),
        ("Nurses,Total,FTE", no_nurses.coded(_fte(nurses))),
        ("Nurses,Total,Headcount", no_nurses.coded(_headcount(nurses))),
    ]
    for number, role in enumerate(NURSE_ROLES.values()):
        blocks.append((f"Nurses,{role},FTE", no_nurses.coded(_fte(snapshot.nurse_hours[:, number]))))
    who = [f"{code},{_name(code)}" for code in snapshot.codes]
    lines = [",".join(HIGH_LEVEL_COLUMNS)]
    for label, cells in blocks:
        lines += map(",".join, zip(who, [label] * len(who), cells, strict=True))
    return ("\r\n".join(lines) + "\r\n").encode()


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of named files: the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, file in members:
            archive.writestr(zipfile.ZipInfo(name), file, zipfile.ZIP_DEFLATED)
    return content.getvalue()


@cache
def definitions(title: str, columns: tuple[str, ...]) -> bytes:
    """The workbook that comes with a table: its fields in order."""
    rows: list[list[str]] = [["Columns", "Name of Field", "Description", "Comments"]]
    rows += [[str(number), name, "", STATEMENT] for number, name in enumerate(columns, 1)]
    return workbook([(title, rows)])


def month_name(month: Period) -> str:
    """A month as the publication writes it: `August 2026`."""
    return f"{month.start:%B %Y}"


def _name(code: str) -> str:
    return f"Practice {code}{NAME_SUFFIX}"


def _quoted(text: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()


def _who(snapshot: Snapshot, catalogue: Catalogue) -> dict[str, Column]:
    organisations = catalogue.organisations
    codes = {
        "PCN_CODE": snapshot.networks,
        "REGION_CODE": [place.region for place in snapshot.places],
        "ICB_CODE": [place.board for place in snapshot.places],
        "SUB_ICB_CODE": [place.commissioner for place in snapshot.places],
    }
    names = {
        code: _quoted(organisations[code].name)
        for own in codes.values()
        for code in own
        if code in organisations
    }
    names |= {code: f"Network {code}" for code in snapshot.networks}
    titles = {
        kind.replace("CODE", "NAME"): [names.get(code, "") for code in own] for kind, own in codes.items()
    }
    found: dict[str, Column] = {**codes, **titles}
    found |= {"CCG_CODE": found["SUB_ICB_CODE"], "CCG_NAME": found["SUB_ICB_NAME"]}
    contracts = [("GMS", "GMS", "PMS")[crc32(code.encode()) % 3] for code in snapshot.codes]
    names_of_practices = [_name(code) for code in snapshot.codes]
    return {"PRAC_CODE": snapshot.codes, "PRAC_NAME": names_of_practices, "CONTRACT": contracts, **found}


def _patients(snapshot: Snapshot) -> dict[str, Column]:
    """Registered patients: men, women and their ages add up to all."""
    women = snapshot.patients * 501 // 1000
    found = {"TOTAL_PATIENTS": snapshot.patients, "TOTAL_UNKNOWN_GENDER": snapshot.patients * 0}
    for sex, own in (("MALE", snapshot.patients - women), ("FEMALE", women)):
        found[f"TOTAL_{sex}"] = own
        parts = np.floor(own[:, None] * np.array(_AGE_SHARES)).astype(np.int64)
        parts[:, 2] += own - parts.sum(axis=1)
        found |= {f"{sex}_PATIENTS_{age}": parts[:, number] for number, age in enumerate(PATIENT_AGES)}
    return {name: list(map(str, counts.tolist())) for name, counts in found.items()}


def _gps(snapshot: Snapshot, vintage: Vintage) -> dict[str, Column]:
    roles = {role: snapshot.gp_hours[:, number] for number, role in enumerate(GP_ROLES)}
    sums = {"": GP_ROLES, "EXTG": (*PERMANENT, *LOCUMS), "EXL": (*PERMANENT, *TRAINEES), "EXTGL": PERMANENT}
    if vintage is Vintage.ORIGINAL:
        sums = _old_sums()
        roles["REG_ST1_4"] = np.sum([roles[role] for role in TRAINEES[:-1]], axis=0)
        roles["REG_F1_2"] = roles[TRAINEES[-1]]
        roles = {role: hours for role, hours in roles.items() if role not in TRAINEES}
    places = {total: [GP_ROLES.index(role) for role in own] for total, own in sums.items()}
    whole = {total: snapshot.gp_hours[:, own].sum(axis=1) for total, own in places.items()}
    gone = _missing(snapshot.no_gps, snapshot.codes, vintage)
    return {"GP_SOURCE": gone.sources(), **_columns(gp_column, {**whole, **roles}, gone)}


def _old_sums() -> dict[str, tuple[str, ...]]:
    """EXR leaves out registrars and keeps foundation doctors; EXRRL leaves out registrars, retainers and locums."""
    kept = (*PERMANENT, TRAINEES[-1])
    sums = (
        GP_ROLES,
        (*kept, *LOCUMS),
        (*PERMANENT, *TRAINEES),
        kept,
        tuple(role for role in kept if role != "RET"),
    )
    return dict(zip(OLD_GP_TOTALS, sums, strict=True))


def _nurses(snapshot: Snapshot, vintage: Vintage) -> dict[str, Column]:
    roles = {role: snapshot.nurse_hours[:, number] for number, role in enumerate(NURSE_ROLES)}
    whole = {"": snapshot.nurse_hours.sum(axis=1), **roles}
    gone = _missing(snapshot.no_nurses, snapshot.codes, vintage)
    return {"NURSE_SOURCE": gone.sources(), **_columns(nurse_column, whole, gone)}


def _others(snapshot: Snapshot) -> dict[str, Column]:
    """Direct patient care and administration: totals only, in proportion to patients."""
    found: dict[str, Column] = {name: [_RETURNED] * len(snapshot.codes) for name in SOURCES[2:]}
    for group, rate in (("DPC", _DIRECT_CARE), ("ADMIN", _ADMINISTRATION)):
        hours = np.rint(snapshot.patients / 10_000 * rate * FULL_TIME_HOURS).astype(np.int64)
        found |= {f"TOTAL_{group}_FTE": _fte(hours), f"TOTAL_{group}_HC": _headcount(hours)}
    return found


def _columns(
    column: Callable[[str, str], str], hours: Mapping[str, Counts], gone: Missing
) -> dict[str, Column]:
    """Headcounts and full-time equivalents of roles, with the vintage's codes where a practice gave no return."""
    found: dict[str, Column] = {}
    for role, own in hours.items():
        found[column(role, "FTE")] = gone.coded(_fte(own))
        found[column(role, "HC")] = gone.coded(_headcount(own))
    return found


@dataclass(frozen=True)
class Missing:
    """Which practices gave no return, and what stands in place of their numbers.

    That is `NA` since February 2023. Before it is `ND`, or 0 where there were no records at all.
    """

    where: Flags
    codes: Texts

    def coded(self, cells: Sequence[str]) -> list[str]:
        return _in_places(cells, self.where, self.codes)

    def sources(self) -> list[str]:
        said = np.where(self.codes == "0", "ND", _NOT_RETURNED)
        return _in_places([_RETURNED] * len(self.where), self.where, said)


def _missing(where: Flags, codes: Sequence[str], vintage: Vintage) -> Missing:
    if vintage is Vintage.DETAILED:
        return Missing(where, np.full(len(codes), "NA", object))
    return Missing(where, np.array([("ND", "0")[crc32(code.encode()) % 2] for code in codes], object))


def _fte(hours: Counts) -> list[str]:
    """Hours as full-time equivalents, to ten digits as the publisher prints them: 6.546666667."""
    values, places = np.unique(hours, return_inverse=True)
    texts = np.array([f"{value / FULL_TIME_HOURS:.10g}" for value in values.tolist()], object)
    found: list[str] = texts[places].tolist()
    return found


def _headcount(hours: Counts) -> list[str]:
    return list(map(str, (-(-hours // _HOURS_A_PERSON)).tolist()))


def _in_places(cells: Sequence[str], where: Flags, others: Texts) -> list[str]:
    """Cells with others in the places marked."""
    found: list[str] = np.where(where, others, np.array(cells, object)).tolist()
    return found
