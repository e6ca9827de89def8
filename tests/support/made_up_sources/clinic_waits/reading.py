"""What clinic waits offer, and one file's frame."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pandas as pd

from db.domain import ALL, OBSERVATION_COLUMNS, Basis, Maturity, Period
from etl.reading.links import links
from etl.source import Discovery, Hints, LayoutError, ParsedFile, RawFile, ReadPage, RemoteFile

TITLE = "Clinic waits by trust"
INDICATOR = "cancer-28-day-faster-diagnosis"


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """Every CSV file that the page links to."""
    found = [link for link in links(read_page(landing_url), landing_url) if link.url.endswith(".csv")]
    return Discovery(
        tuple(RemoteFile(link.url, link.url.rsplit("/", 1)[-1], link.text, last=today) for link in found)
    )


def recognise(raw: RawFile) -> bool:
    """Whether the first line is this publication's title."""
    return raw.content.startswith(TITLE.encode())


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """One row a trust. Raises LayoutError where the title is missing."""
    title, *lines = raw.content.decode().splitlines()
    if title != TITLE:
        raise LayoutError(raw.name, TITLE, title)
    frame = pd.DataFrame(
        [
            {
                "indicator": INDICATOR,
                "organisation": row["code"],
                "organisation_name": row["trust"],
                "basis": Basis.PROVIDER.value,
                "period": Period.month(*map(int, row["month"].split("-"))).key,
                "breakdown": ALL,
                "numerator": float(row["in time"]),
                "denominator": float(row["seen"]),
                "value": float("nan"),
                "missing_reason": "",
                "maturity": int(hints.maturity or Maturity.FINAL),
                "derived": False,
            }
            for row in csv.DictReader(StringIO("\n".join(lines)))
        ],
        columns=list(OBSERVATION_COLUMNS),
    )
    return ParsedFile(frame, "clinic-waits", title)
