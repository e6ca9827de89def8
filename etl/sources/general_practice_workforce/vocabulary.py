"""The words of the practice-level files, in our own: indicators, staff roles, columns and codes for "no return"."""

from __future__ import annotations

from datetime import date
from typing import Final

ALL_GPS: Final = "gp-all-fte-rate"
FULLY_QUALIFIED: Final = "gp-fully-qualified-fte-rate"
QUALIFIED_PERMANENT: Final = "gp-qualified-permanent-fte-rate"
NURSES: Final = "gp-nurse-fte-rate"
COVERAGE: Final = "general-practice-workforce-coverage"

GP_INDICATORS: Final = (ALL_GPS, FULLY_QUALIFIED, QUALIFIED_PERMANENT)
STAFF_GROUP, STAFF_ROLE = "staff group", "staff role"
GPS, NURSE_GROUP = "GPs", "Nurses"

PRACTICE, NAME, PATIENTS = "PRAC_CODE", "PRAC_NAME", "TOTAL_PATIENTS"
GP_TOTAL, NURSE_TOTAL = "TOTAL_GP_FTE", "TOTAL_NURSES_FTE"
FULLY_QUALIFIED_COLUMN, QUALIFIED_PERMANENT_COLUMN = "TOTAL_GP_EXTG_FTE", "TOTAL_GP_EXTGL_FTE"
GP_TOTALS: Final = (GP_TOTAL, FULLY_QUALIFIED_COLUMN, QUALIFIED_PERMANENT_COLUMN)
GP_SOURCE, NURSE_SOURCE = "GP_SOURCE", "NURSE_SOURCE"

OLD_REGISTRARS: Final = ("TOTAL_GP_REG_ST1_4_FTE", "TOTAL_GP_REG_ST3_4_FTE")
OLD_FOUNDATION: Final = "TOTAL_GP_REG_F1_2_FTE"
LOCUMS: Final = ("TOTAL_GP_LOCUM_VAC_FTE", "TOTAL_GP_LOCUM_ABS_FTE", "TOTAL_GP_LOCUM_OTH_FTE")

NURSE_ROLES: Final = {
    "TOTAL_N_PRAC_NURSE_FTE": "Practice nurse",
    "TOTAL_N_ADV_NURSE_PRAC_FTE": "Advanced nurse practitioner",
    "TOTAL_N_ENH_PRAC_NURSE_FTE": "Enhanced practice nurse",
    "TOTAL_N_NURSE_SPEC_FTE": "Nurse specialist",
    "TOTAL_N_EXT_ROLE_NURSE_FTE": "Extended role practice nurse",
    "TOTAL_N_TRAINEE_NURSE_FTE": "Trainee nurse",
    "TOTAL_N_NURSE_DISP_FTE": "Nurse dispenser",
    "TOTAL_N_NURSE_PTNR_FTE": "Practice nurse partner",
    "TOTAL_N_NURSE_OTH_FTE": "Other nurse",
}
"""Role columns as the definitions workbook words them. Older files lack some: what is absent has no rows."""

COMMISSIONERS: Final = (("SUB_ICB_CODE", "SUB_ICB_NAME"), ("CCG_CODE", "CCG_NAME"))
PLACES: Final = {
    "commissioner": COMMISSIONERS,
    "board": (("ICB_CODE", "ICB_NAME"),),
    "region": (("REGION_CODE", "REGION_NAME"), ("COMM_REGION_CODE", "COMM_REGION_NAME")),
}
"""Where a practice belongs: columns of code and name, the newest spelling first."""

HIGH_LEVEL_COLUMNS: Final = (PRACTICE, "STAFF_GROUP", "DETAILED_STAFF_ROLE", "MEASURE", "VALUE")
DETAILED_MARKS: Final = (PRACTICE, PATIENTS, GP_TOTAL)

NO_RETURN_CODES: Final = frozenset({"NA", "ND", "EST", "NS", ".", ""})
"""Codes in place of a number: `NA` since February 2023, `ND` before, the others in files of 2013 to 2018."""

ZERO_MEANS_A_ZERO_FROM: Final = date(2023, 2, 28)
"""Before February 2023 a practice that gave no records of a staff group shows 0 (definitions workbook)."""

RETURNED: Final = ("fully provided", "includes fte estimates")
NOT_RETURNED: Final = ("fully estimated", "no data", "no valid")
"""How `GP_SOURCE` and `NURSE_SOURCE` begin, in any case: "Fully estimated - no data provided"."""

GP_ONLY_CENSUSES: Final = frozenset({date(2016, 12, 31), date(2017, 6, 30)})
"""Nurses were not collected at these two (definitions workbook, `NURSE_SOURCE`)."""

NOT_COLLECTED = "nurses were not collected at this census"
NOT_GIVEN = "not given in the file"
NO_PATIENTS = "no registered patients"
PATIENTS_NOT_GIVEN = "registered patients not given"
NO_RETURN_ZERO = "no valid return (0, which before February 2023 means no records)"
ESTIMATED = "no valid return (fully estimated for the area)"
TOTAL_DENIED = "the file gives a total of 0 beside roles above 0"
HIGH_LEVEL_REASON = "the high-level file gives no registered patients"


def no_return(code: str) -> str:
    """The reason for a missing value from the code that stands in its place."""
    return f"no valid return ({code or 'blank'})"
