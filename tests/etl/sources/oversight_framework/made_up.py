"""Data files and league tables as the publisher prints them, with made-up figures of a few trusts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from etl.source import RawFile

DATA_HEADER = (
    "Quarter,Region,Trust_type,Trust_subtype,Trust_code,Trust_name,Domain,Sub-domain,Metric_ID,Metric_description,"
    "Reporting_date,Units,Value,Median_value,Lower_quartile,Upper_quartile,Rank"
)
LEAGUE_HEADER = (
    "Quarter,Region,Trust_type,Trust_subtype,Trust_code,Trust_name,Average_score,Likely_range_of_average_score,"
    "Segment,Trust_in_financial_deficit,Rank,Likely_range_of_rank"
)
DATA, LEAGUE = DATA_HEADER.split(","), LEAGUE_HEADER.split(",")
ACUTE, COMMUNITY, AMBULANCE = "Acute trust", "Mental health and community trust", "Ambulance trust"
Q4 = "Q4 2025/26"
Row = dict[str, str]


def row(code: str, metric: str, value: str, rank: str = "", **changed: str) -> Row:
    """A row of a data file: of an acute trust in the last quarter of 2025/26, but for what is `changed`."""
    given = {
        "Quarter": Q4,
        "Region": "South East",
        "Trust_type": ACUTE,
        "Trust_subtype": "Acute - Large",
        "Trust_code": code,
        "Trust_name": f"Trust {code}, of Kent",
        "Domain": "Summary",
        "Sub-domain": "Summary",
        "Metric_ID": metric,
        "Metric_description": "Adjusted segment",
        "Reporting_date": Q4,
        "Units": "segment",
        "Value": value,
        "Rank": rank,
    }
    quarter = {"Reporting_date": changed["Quarter"]} if "Quarter" in changed else {}
    return {**given, **quarter, **changed}


def summary(
    code: str, segment: str, score: str, rank: str, alone: str = "", override: str = "0.0", **changed: str
) -> list[Row]:
    """The rows of a trust's summary, with the ids of the quarter's year."""
    year = 2 if "2026/27" in changed.get("Quarter", Q4) else 0
    return [
        row(code, f"OF5{year}00", segment, rank, **changed),
        row(code, f"OF5{year}02", score, "1.0", **changed),
        row(code, f"OF5{year}03", alone or segment, **changed),
        row(code, f"OF5{year}04", override, **changed),
    ]


def place(code: str, score: str, segment: str, rank: str, likely: str, **changed: str) -> Row:
    """A row of a league table of mental health and community trusts."""
    given = {
        "Quarter": Q4,
        "Region": "South East",
        "Trust_type": COMMUNITY,
        "Trust_subtype": "Community",
        "Trust_code": code,
        "Trust_name": f"Trust {code}, of Kent",
        "Average_score": score,
        "Likely_range_of_average_score": "1.2 to 3.89",
        "Segment": segment,
        "Trust_in_financial_deficit": "No",
        "Rank": rank,
        "Likely_range_of_rank": likely,
    }
    return {**given, **changed}


def table(
    rows: Sequence[Row], columns: Sequence[str] = DATA, name: str = "nhs-oversight-framework.csv"
) -> RawFile:
    """A file of rows with the publisher's byte order mark and line ends; what a row does not name is empty."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[item.get(column, "") for column in columns] for item in rows])
    return RawFile(name, output.getvalue().encode("utf-8-sig"))
