"""A small combined CSV in the publisher's layout of November 2025 on, with made-up counts, for tests."""

from __future__ import annotations

import csv
import io

from etl.demo.cancer_waiting_times.tables import CSV_COLUMNS

COLUMNS = list(CSV_COLUMNS)

TRUSTS = {"RVV": (2756, 4326), "RWF": (1537, 1993), "RPA": (1120, 1651), "RN7": (817, 1005)}
BOARDS = {"QKS": (5000, 7000), "QNX": (1230, 1975)}

FDS = ("FDS", "ALL CANCERS", "ALL ROUTES", "")
SIXTY_TWO = ("62D", "ALL CANCERS", "ALL ROUTES", "ALL MODALITIES")


def line(
    basis: str,
    code: str,
    counts: tuple[float, float],
    *,
    period: str = "2024-11-01",
    what: tuple[str, str, str, str] = FDS,
    name: str = "",
) -> dict[str, object]:
    """One row: counts are (within, total)."""
    within, total = counts
    item, cancer, route, modality = what
    return {
        "Period": period,
        "Basis": basis,
        "Org_Code": code,
        "Org_Name": name or code,
        "Standard_or_Item": item,
        "Cancer_Type": cancer,
        "Referral_Route_or_Stage": route,
        "Treatment_Modality": modality,
        "Total": total,
        "Within": within,
        "After": total - within,
        "Performance": within / total if total else "",
    }


def month(period: str = "2024-11-01", *, change: int = 0) -> list[dict[str, object]]:
    """Four trusts, two boards and England in both bases, for one month. `change` moves East Kent and QKS."""
    trusts = {**TRUSTS, "RVV": (TRUSTS["RVV"][0] + change, TRUSTS["RVV"][1])}
    boards = {**BOARDS, "QKS": (BOARDS["QKS"][0] + change, BOARDS["QKS"][1])}
    rows = []
    for basis, counts in (("Provider", trusts), ("Commissioner", boards)):
        england = (sum(item[0] for item in counts.values()), sum(item[1] for item in counts.values()))
        for code, pair in {**counts, "Total": england}.items():
            rows.append(line(basis, code, pair, period=period))
            rows.append(line(basis, code, (pair[0] / 2, pair[1] / 2), period=period, what=SIXTY_TWO))
    return rows


def text(rows: list[dict[str, object]], *, columns: list[str] | None = None) -> bytes:
    """The rows as the publisher's comma-separated text."""
    output = io.StringIO(newline="")
    writer = csv.DictWriter(output, columns or COLUMNS, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue().encode()
