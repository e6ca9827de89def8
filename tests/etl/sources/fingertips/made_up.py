"""Tables of values as the site writes them, with made-up rows."""

from __future__ import annotations

import csv
import io

from etl.source import RawFile

HEADER = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,"
    "Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Lower CI 99.8 limit,Upper CI 99.8 limit,Count,"
    "Denominator,Value note,Recent Trend,Compared to England value or percentiles,Column not used,"
    "Time period Sortable,New data,Compared to goal,Time period range"
)
COLUMNS = HEADER.split(",")
MORTALITY = {
    "Indicator ID": "93721",
    "Indicator Name": "Under 75 mortality rate from causes considered preventable (2019 definition)",
    "Area Code": "E92000001",
    "Area Name": "England",
    "Area Type": "England",
    "Sex": "Persons",
    "Age": "<75 yrs",
    "Time period": "2018",
    "Value": "143.8",
    "Lower CI 95.0 limit": "142.7",
    "Upper CI 95.0 limit": "144.9",
    "Count": "70000",
    "Denominator": "51000000",
    "Time period Sortable": "20180000",
    "Time period range": "1y",
}
SMOKING = {
    **MORTALITY,
    "Indicator ID": "91547",
    "Indicator Name": "Smoking prevalence in adults (15+) - current smokers (QOF)",
    "Age": "15+ yrs",
    "Time period": "2018/19",
    "Value": "16.7414",
    "Lower CI 95.0 limit": "16.73",
    "Upper CI 95.0 limit": "16.75",
    "Count": "8229910",
    "Denominator": "49158925",
}
MEDWAY = {"Area Code": "E06000035", "Area Name": "Medway", "Area Type": "UA", "Parent Code": "E92000001"}
MEDWAY_RATE = {
    **MORTALITY,
    **MEDWAY,
    "Value": "153.2",
    "Lower CI 95.0 limit": "139.0",
    "Upper CI 95.0 limit": "168.5",
    "Count": "430",
    "Denominator": "259022",
}
"""So many deaths of so many people are a crude rate of 166.0: the published one is standardised."""


def table(*rows: dict[str, str], columns: list[str] = COLUMNS, name: str = "table.csv") -> RawFile:
    """A table of rows by column; a column that a row does not name is empty."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[row.get(column, "") for column in columns] for row in rows])
    return RawFile(name, output.getvalue().encode())
