"""Small practice-level workforce files in the publisher's layouts, with made-up counts, for tests."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence

from etl.source import RawFile

ROLES = (
    "TOTAL_N_PRAC_NURSE_FTE",
    "TOTAL_N_ADV_NURSE_PRAC_FTE",
    "TOTAL_N_ENH_PRAC_NURSE_FTE",
    "TOTAL_N_NURSE_SPEC_FTE",
    "TOTAL_N_EXT_ROLE_NURSE_FTE",
    "TOTAL_N_TRAINEE_NURSE_FTE",
    "TOTAL_N_NURSE_DISP_FTE",
    "TOTAL_N_NURSE_PTNR_FTE",
    "TOTAL_N_NURSE_OTH_FTE",
)
DETAILED = (
    *("PRAC_CODE", "PRAC_NAME", "PCN_CODE", "PCN_NAME", "SUB_ICB_CODE", "SUB_ICB_NAME"),
    *("ICB_CODE", "ICB_NAME", "REGION_CODE", "REGION_NAME", "TOTAL_PATIENTS"),
    *("GP_SOURCE", "NURSE_SOURCE", "TOTAL_GP_HC", "TOTAL_GP_EXTG_HC"),
    *("TOTAL_GP_FTE", "TOTAL_GP_EXTG_FTE", "TOTAL_GP_EXL_FTE", "TOTAL_GP_EXTGL_FTE"),
    *("TOTAL_NURSES_HC", "TOTAL_NURSES_FTE", *ROLES, "TOTAL_DPC_FTE"),
)
OLD = (
    *("PRAC_CODE", "PRAC_NAME", "CCG_CODE", "CCG_NAME", "REGION_CODE", "REGION_NAME", "CONTRACT"),
    *("TOTAL_PATIENTS", "GP_SOURCE", "NURSE_SOURCE", "TOTAL_GP_HC", "TOTAL_GP_FTE", "TOTAL_GP_EXR_FTE"),
    *("TOTAL_GP_EXL_FTE", "TOTAL_GP_EXRL_FTE", "TOTAL_GP_EXRRL_FTE", "TOTAL_GP_REG_ST3_4_FTE"),
    *("TOTAL_GP_REG_F1_2_FTE", "TOTAL_GP_RET_FTE", "TOTAL_GP_LOCUM_VAC_FTE", "TOTAL_GP_LOCUM_ABS_FTE"),
    *("TOTAL_GP_LOCUM_OTH_FTE", "TOTAL_NURSES_FTE", "TOTAL_N_PRAC_NURSE_FTE"),
)
HIGH_LEVEL = ("PRAC_CODE", "PRAC_NAME", "STAFF_GROUP", "DETAILED_STAFF_ROLE", "MEASURE", "VALUE")

KENT = {
    "PCN_CODE": "U00001",
    "SUB_ICB_CODE": "91Q",
    "SUB_ICB_NAME": "NHS Kent and Medway ICB - 91Q",
    "ICB_CODE": "QKS",
    "ICB_NAME": "NHS Kent and Medway ICB",
    "REGION_CODE": "Y59",
    "REGION_NAME": "South East",
    "GP_SOURCE": "Fully provided",
    "NURSE_SOURCE": "Fully provided",
}
SUSSEX = {
    **KENT,
    "SUB_ICB_CODE": "97R",
    "SUB_ICB_NAME": "East Sussex",
    "ICB_CODE": "QNX",
    "ICB_NAME": "Sussex",
}

APRIL = "1 General Practice – April 2025 Practice Level - Detailed.csv"
MAY = "1 General Practice – May 2025 Practice Level - Detailed.csv"


def practice(
    code: str,
    patients: object = 10_000,
    gps: tuple[object, object, object] = (6, 5, 4),
    nurses: object = 3,
    *,
    place: Mapping[str, str] = KENT,
    **cells: object,
) -> dict[str, object]:
    """A row of the detailed layout: GPs are all, fully qualified and qualified permanent; nurses hold one role."""
    return {
        **place,
        "PRAC_CODE": code,
        "PRAC_NAME": f"SURGERY {code}",
        "TOTAL_PATIENTS": patients,
        "TOTAL_GP_HC": 99,
        "TOTAL_GP_EXTG_HC": 99,
        "TOTAL_GP_FTE": gps[0],
        "TOTAL_GP_EXTG_FTE": gps[1],
        "TOTAL_GP_EXTGL_FTE": gps[2],
        "TOTAL_NURSES_HC": 99,
        "TOTAL_NURSES_FTE": nurses,
        **dict.fromkeys(ROLES, nurses if nurses == "NA" else 0),
        "TOTAL_N_PRAC_NURSE_FTE": nurses,
        **cells,
    }


def table(
    *rows: Mapping[str, object], columns: Sequence[str] = DETAILED, encoding: str = "utf-8", end: str = "\n"
) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=end)
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return buffer.getvalue().encode(encoding)


def zipped(name: str, members: Mapping[str, bytes]) -> RawFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return RawFile(name, buffer.getvalue())
