"""Tables as the framework is described to print them, with made-up places beside England's printed figures."""

from __future__ import annotations

import csv
import io

from etl.source import RawFile

NAME = "NHSOF_2.3.i_I00708_D.csv"
HEADER = (
    "Year,Quarter,Period of coverage,Breakdown,Level,Level description,Indicator value,Lower CI,Upper CI,"
    "Standardised ratio,Standardised ratio lower CI,Standardised ratio upper CI,Observed,Population,Expected,"
    "Percent unclassified"
)
COLUMNS = HEADER.split(",")
FIGURES = ("Indicator value", "Lower CI", "Upper CI", "Standardised ratio", "Observed", "Expected")
Row = dict[str, str]


def row(breakdown: str, level: str, name: str, figures: str, year: str = "2023/24", **changed: str) -> Row:
    """A row of a year; `figures` are those of FIGURES, and `changed` is by column with _ for a space."""
    first = int(year[:4])
    return {
        "Year": year,
        "Quarter": "Annual",
        "Period of coverage": f"1/4/{first} to 31/3/{first + 1}",
        "Breakdown": breakdown,
        "Level": level,
        "Level description": name,
        "Population": "290000",
        **dict(zip(FIGURES, figures.split(), strict=True)),
        **{label.replace("_", " "): text for label, text in changed.items()},
    }


UPPER, LOWER = "Upper tier local authority", "Lower tier local authority"
MEDWAY_FIGURES = "893.9 860.1 928.6 109.0 2612 2397.4"
ENGLAND = row("England", "England", "England", "841.8 839.5 844.1 102.6 521065 507865.9")
ENGLAND_2021 = row("England", "England", "England", "808.9 806.6 811.2 98.6 486173 493128.1", "2021/22")
MEDWAY = row(UPPER, "E06000035", "Medway", MEDWAY_FIGURES)
KENT = row(UPPER, "E10000016", "Kent", "800.1 787.0 813.3 97.5 14320 14684.4")
ASHFORD = row(LOWER, "E07000105", "Ashford", "738.4 692.0 787.0 90.0 1000 1111.1")
SOUTH_EAST = row("Region", "South East", "South East", "700.1 696.0 704.2 85.3 75011 87906.0")


def table(*rows: Row, name: str = NAME, columns: list[str] = COLUMNS) -> RawFile:
    """A text file of rows by column; a column that a row does not name is empty."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[item.get(column, "") for column in columns] for item in rows])
    return RawFile(name, output.getvalue().encode())
