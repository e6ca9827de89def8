"""The columns of the practice-level workforce tables: 805 in the "Detailed" file of today, fewer in older ones.

The names are those of the publisher's definitions workbook. They follow a pattern (whom, staff group, role,
measure, age or country), so that they are made here from their parts; one name does not follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

SEXES = ("TOTAL", "MALE", "FEMALE")
MEASURES = ("HC", "FTE")
SOURCES = ("GP_SOURCE", "NURSE_SOURCE", "DPC_SOURCE", "ADMIN_SOURCE")
PLACES = (
    *("PCN_CODE", "PCN_NAME", "SUB_ICB_CODE", "SUB_ICB_NAME"),
    *("ICB_CODE", "ICB_NAME", "REGION_CODE", "REGION_NAME"),
)
CCG_PLACES = ("PCN_CODE", "PCN_NAME", "CCG_CODE", "CCG_NAME", "REGION_CODE", "REGION_NAME")
OLD_PLACES = ("CCG_CODE", "CCG_NAME", "REGION_CODE", "REGION_NAME", "CONTRACT")
PATIENT_AGES = ("0TO4", "5TO14", "15TO44", "45TO64", "65TO74", "75TO84", "85PLUS")
PATIENTS = (
    *("TOTAL_PATIENTS", "TOTAL_MALE", "TOTAL_FEMALE", "TOTAL_UNKNOWN_GENDER"),
    *(f"{sex}_PATIENTS_{age}" for sex in ("MALE", "FEMALE") for age in PATIENT_AGES),
)

GP_TOTALS = ("", "EXTG", "EXL", "EXTGL")
TRAINEES = ("TRN_GR_ST1", "TRN_GR_ST2", "TRN_GR_ST3", "TRN_GR_ST4", "TRN_GR_OTH", "TRN_GR_F1_2")
LOCUMS = ("LOCUM_VAC", "LOCUM_ABS", "LOCUM_OTH")
PERMANENT = ("SEN_PTNR", "PTNR_PROV", "SAL_BY_PRAC", "SAL_BY_OTH", "RET")
_GP_ROLES = (*PERMANENT[:4], *TRAINEES, "RET", *LOCUMS)
OLD_GP_TOTALS = ("", "EXR", "EXL", "EXRL", "EXRRL")
_OLD_GP_ROLES = (*PERMANENT[:4], "REG_ST1_4", "REG_F1_2", "RET", *LOCUMS)

NURSE_ROLES = {
    "PRAC_NURSE": "Practice Nurse",
    "ADV_NURSE_PRAC": "Advanced Nurse Practitioner",
    "ENH_PRAC_NURSE": "Enhanced Practice Nurse",
    "NURSE_SPEC": "Nurse Specialist",
    "EXT_ROLE_NURSE": "Extended Role Practice Nurse",
    "TRAINEE_NURSE": "Trainee Nurse",
    "NURSE_DISP": "Nurse Dispenser",
    "NURSE_PTNR": "Practice Nurse Partner",
    "NURSE_OTH": "Other Nurse",
}
"""Roles of nurses, with the words of the "High level" file."""

_DPC_ADVANCED = ("DIETICIAN", "PARAMED", "PHARMA", "PHYSIO", "PODIA", "THERA_OCC")
_DPC_APPRENTICES = ("HCA", "PHLEB", "PHARMA", "PHYSIO", "PHYSICIAN_ASSOC", "OTH")
_DPC_ROLES = (
    *(f"ADV_{role}_PRAC" for role in _DPC_ADVANCED),
    *("DIETICIAN", "DISPENSER", "GPA", "HCA", "OST", "PHLEB", "PHARMA", "PHYSIO", "PODIA", "PHYSICIAN_ASSOC"),
    *("THERA_COU", "THERA_OCC", "THERA_OTH", "NURSE_ASSOC", "TRAINEE_NURSE_ASSOC", "PARAMED", "PHARMT"),
    *("TRAINEE_PHARMT", "SPLW", "NHS_TALKING_THERA", "TRAINEE_NHS_TALKING_THERA"),
    *(f"APP_{role}" for role in _DPC_APPRENTICES),
    *("APPRENTICE", "HLTH_SPRT_WRK", "OTH"),
)
_ADMIN_ROLES = (
    *("MANAGER", "MANAGE_PTNR", "MED_SECRETARY", "RECEPT", "TELEPH", "ESTATES_ANC", "DT_LEAD", "OTH", "APP"),
)
_AGES = tuple(f"{age}TO{age + 4}" for age in range(30, 70, 5))
_GP_AGES = ("UNDER30", *_AGES, "70PLUS", "UNKNOWN_AGE")
_STAFF_AGES = ("UNDER25", "25TO29", *_AGES, "70PLUS", "UNKNOWN_AGE")
_COUNTRIES = (
    *("UK", "EEA", "EUROPE_OTHER", "AFRICA", "ASIA_OTHER", "ASIA_SOUTH", "AUS_PAC", "CEN_AMERICA"),
    *("NORTH_AMERICA", "SOUTH_AMERICA", "MIDDLE_EAST", "UNKNOWN"),
)
_MISSPELT = {"FEMALE_DPC_TRAINEE_NURSE_ASSOC_HC": "FEMALE_TRAINEE_DPC_NURSE_ASSOC_HC"}


def gp_column(role: str, measure: str, sex: str = "TOTAL") -> str:
    """A column of GPs; role "" is the whole group."""
    return f"{sex}_GP_{role}_{measure}" if role else f"{sex}_GP_{measure}"


def nurse_column(role: str, measure: str, sex: str = "TOTAL") -> str:
    """A column of nurses; role "" is the whole group."""
    return f"{sex}_N_{role}_{measure}" if role else f"{sex}_NURSES_{measure}"


@cache
def detailed_columns() -> tuple[str, ...]:
    """The 805 columns of the detailed file since March 2024."""
    return ("PRAC_CODE", "PRAC_NAME", *PLACES, *PATIENTS, *SOURCES, *_staff())


@cache
def series_columns(*, boards: bool) -> tuple[str, ...]:
    """The columns of re-issued months before February 2023: with integrated care boards, or with CCGs.

    Talking-therapy roles had other names then; nothing is read of them, so they stand here under today's.
    """
    patients = tuple(name for name in PATIENTS if name != "TOTAL_UNKNOWN_GENDER")
    return ("PRAC_CODE", "PRAC_NAME", *(PLACES if boards else CCG_PLACES), *patients, *SOURCES, *_staff())


@cache
def original_columns() -> tuple[str, ...]:
    """The columns of an original of 2018 or 2019 that are used: CCGs, registrars, and no EXTG or EXTGL."""
    gps = [gp_column(role, measure) for measure in MEASURES for role in (*OLD_GP_TOTALS, *_OLD_GP_ROLES)]
    nurses = [nurse_column(role, measure) for measure in MEASURES for role in ("", *NURSE_ROLES)]
    patients = tuple(name for name in PATIENTS if name != "TOTAL_UNKNOWN_GENDER")
    return ("PRAC_CODE", "PRAC_NAME", *OLD_PLACES, *patients, *SOURCES[:2], *gps, *nurses)


def _staff() -> list[str]:
    columns = [
        *_by_role("GP", "GP", (*GP_TOTALS[1:], *_GP_ROLES)),
        *_by_age("GP", _GP_AGES),
        *(f"{sex}_GP_HC_COQ_{country}" for sex in SEXES for country in _COUNTRIES),
    ]
    for total in GP_TOTALS[1:]:
        columns += [f"{sex}_GP_{total}_HC_{age}" for sex in SEXES for age in _GP_AGES]
    for group, prefix, roles in (
        ("NURSES", "N", tuple(NURSE_ROLES)),
        ("DPC", "DPC", _DPC_ROLES),
        ("ADMIN", "ADMIN", _ADMIN_ROLES),
    ):
        columns += [*_by_role(group, prefix, roles), *_by_age(group, _STAFF_AGES)]
    return [_MISSPELT.get(name, name) for name in columns]


def _by_role(group: str, prefix: str, roles: Sequence[str]) -> list[str]:
    return [
        name
        for measure in MEASURES
        for sex in SEXES
        for name in (f"{sex}_{group}_{measure}", *(f"{sex}_{prefix}_{role}_{measure}" for role in roles))
    ]


def _by_age(group: str, ages: Sequence[str]) -> list[str]:
    headcounts = [f"{sex}_{group}_HC_{age}" for sex in SEXES for age in ages]
    return headcounts + [f"TOTAL_{group}_FTE_{age}" for age in ages]
