"""The API's numbers are those of pages and their downloads, for whatever is asked.

Some requests by default; MONITOR_API=1000 asks so many.
"""

from __future__ import annotations

import csv
import io
import os
import random
from collections.abc import Mapping
from datetime import datetime
from math import isclose
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from flask.testing import FlaskClient

from db.store import Store
from stp_dash.api.figures import FIGURE_KEYS, FUNNEL_KEYS, RANKED_KEYS, REVISION_KEYS, SERIES_KEYS

REQUESTS = int(os.environ.get("MONITOR_API", "12"))
INDICATORS = (
    *("cancer-62-day-combined", "cancer-31-day-combined", "cancer-28-day-faster-diagnosis"),
    *("gp-fully-qualified-fte-rate", "gp-nurse-fte-rate", "stroke-thrombolysed"),
)
ORGANISATIONS = ("RVV", "RWF", "RPA", "RN7", "QKS", "ENG", "S148", "G82001")
AREAS = ("QKS", "ENG")
KINDS = ("trust", "icb", "sub-icb", "practice", "team", "ccg", "former-ccg")
SHEETS = {
    "series": ("trend", "trend", SERIES_KEYS),
    "figures": ("data", "series", FIGURE_KEYS),
    "revisions": ("data", "revisions", REVISION_KEYS),
    "variation": ("variation", "ranked", RANKED_KEYS),
}
"""Each table's page, the sheet of that page that holds the same, and the columns that both have."""
Cells = Mapping[str, Any]


def _request(chance: random.Random) -> tuple[str, dict[str, str]]:
    table = chance.choice(list(SHEETS))
    asked = {"indicator": chance.choice(INDICATORS)}
    if table == "variation":
        asked["by"] = chance.choice(KINDS)
    else:
        asked["organisation"] = chance.choice(ORGANISATIONS)
    if table == "series" and chance.random() < 0.4:
        asked["rules"] = "nhs-r"
    if table == "series" and chance.random() < 0.3:
        asked["to"] = "2026-03"
    return table, asked


def _rows_of_csv(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.removeprefix("\ufeff").split("\r\n") if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\r\n".join(lines), newline="")))


def _rows_of_book(content: bytes) -> list[dict[str, Any]]:
    rows = list(openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0].values)
    gap = next(place for place, row in enumerate(rows) if not any(cell is not None for cell in row))
    heads = [str(head) for head in rows[gap + 1] if head is not None]
    return [dict(zip(heads, row[: len(heads)], strict=True)) for row in rows[gap + 2 :]]


def _alike(cell: Any, other: Any) -> bool:
    """Whether two formats tell the same: a number by its value (a workbook holds 16 digits), else by its words."""
    if cell in {None, ""} or other in {None, ""}:
        return cell in {None, ""} and other in {None, ""}
    if isinstance(cell, int | float):
        return float(cell) == float(other) if isinstance(other, str) else isclose(cell, other, rel_tol=1e-15)
    return str(cell) == str(other)[: len(str(cell))]


@pytest.mark.parametrize("number", range(REQUESTS))
def test_json_csv_page_and_workbook_say_the_same(client: FlaskClient, number: int) -> None:
    table, asked = _request(random.Random(number))
    page, sheet, keys = SHEETS[table]
    query = urlencode(asked)
    answer = client.get(f"/api/v1/{table}.json?{query}&limit=10000")
    assert answer.status_code in {200, 404}, answer.get_data(as_text=True)
    file = client.get(f"/download/{page}.csv?{query}&sheet={sheet}")
    rows = answer.get_json().get("data", [])
    if not rows:
        # Nothing to compare: the page has no table either, or an empty one.
        assert file.status_code != 200 or not _rows_of_csv(file.get_data(as_text=True))
        return
    book = client.get(f"/download/{page}.xlsx?{query}&sheet={sheet}")
    others = {
        "CSV of the API": _rows_of_csv(
            client.get(f"/api/v1/{table}.csv?{query}&limit=10000").get_data(as_text=True)
        ),
        "CSV of the page": _rows_of_csv(file.get_data(as_text=True)),
        "workbook": _rows_of_book(book.get_data()),
    }
    for format_, found in others.items():
        assert len(found) == len(rows), (format_, asked)
        for row, other in zip(rows, found, strict=True):
            wrong = [
                (key, row[key], other[key])
                for key in keys
                if key in other and not _alike(row[key], other[key])
            ]
            assert wrong == [], (format_, asked, wrong)


@pytest.mark.parametrize("number", range(max(2, REQUESTS // 20)))
def test_the_packs_workbook_says_the_same(client: FlaskClient, number: int) -> None:
    """Every figure of every sheet of a board pack is the row of the series that the API gives."""
    chance, kept = random.Random(number), {"rules": ("national", "nhs-r")[number % 2]}
    months = {}
    if number >= 2:
        kept["area"] = chance.choice(AREAS)
        months["period"] = f"{chance.choice((2025, 2026))}-{chance.randint(1, 8):02}"
    answer = client.get(f"/pack/board-pack.xlsx?{urlencode({**kept, **months})}")
    assert answer.status_code == 200
    compared = 0
    for sheet in openpyxl.load_workbook(io.BytesIO(answer.get_data())).worksheets:
        found = _rows_of_sheet(sheet)
        if not found:
            continue
        first = found[0]
        asked = {**kept, "indicator": first["indicator"], "organisation": first["organisation_code"]}
        if months:
            asked["to"] = str(first["period_start"])[:7]
        series = client.get(f"/api/v1/series?{urlencode(asked)}&limit=10000").get_json()["data"]
        assert 0 < len(found) <= len(series)
        for row, own in zip(series, found, strict=False):
            told = {**own, **{key: str(own[key])[:10] for key in own if isinstance(own[key], datetime)}}
            assert [
                (key, row[key], told[key])
                for key in SERIES_KEYS
                if key in told and not _alike(row[key], told[key])
            ] == []
            compared += 1
    assert compared > 60


def _rows_of_sheet(sheet: Any) -> list[dict[str, Any]]:
    """The series of a sheet of a pack's workbook; none where it has none."""
    rows = list(sheet.values)
    heads = next((place for place, row in enumerate(rows) if row[:2] == ("period", "period_start")), None)
    if heads is None:
        return []
    names = [str(name) for name in rows[heads]]
    return [dict(zip(names, row, strict=True)) for row in rows[heads + 1 :]]


def test_the_funnel_of_a_comparison_is_that_of_the_page(client: FlaskClient) -> None:
    query = "indicator=cancer-62-day-combined&by=trust"
    rows = client.get(f"/api/v1/variation?{query}").get_json()["data"]
    text = client.get(f"/download/variation.csv?{query}&sheet=funnel").get_data(as_text=True)
    drawn = {row["organisation_code"]: row for row in _rows_of_csv(text)}
    assert drawn
    for row in rows:
        other: Cells = drawn.get(row["organisation_code"], dict.fromkeys(FUNNEL_KEYS))
        assert [key for key in FUNNEL_KEYS if not _alike(row[key], other[key])] == []


def test_a_series_has_the_value_its_limits_and_its_gap(client: FlaskClient, held: Store) -> None:
    found = client.get("/api/v1/series?indicator=cancer-62-day-combined&organisation=RVV").get_json()
    newest = found["data"][0]
    standard = held.catalogue.indicators["cancer-62-day-combined"].standards
    assert newest["value"] == pytest.approx(100 * newest["numerator"] / newest["denominator"])
    assert newest["lower_process_limit"] < newest["mean"] < newest["upper_process_limit"]
    assert newest["standard"] in {item.value for item in standard}
    assert newest["status_of_data"] == "demonstration data"
    assert found["total"] == len(found["data"]) >= newest["limits_values"] > 12


def test_an_earlier_state_is_read_by_version_and_by_day(client: FlaskClient) -> None:
    query = "/api/v1/figures?indicator=cancer-62-day-combined&organisation=RVV"
    now = client.get(query).get_json()
    then = client.get(f"{query}&version={now['version']}").get_json()
    assert (then["version"], then["data"]) == (now["version"], now["data"])
    before = client.get(f"{query}&published=2001-01-01").get_json()
    assert (before["published"], before["data"]) == (None, [])
