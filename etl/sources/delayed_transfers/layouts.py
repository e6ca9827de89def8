"""Which of the publication's layouts a file has, and reading it into the canonical frame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from db.domain import Maturity, Period
from db.reading.spreadsheets import is_workbook, listed, read_workbook, sheet_names
from etl.reading.archives import naming
from etl.reading.monthly_returns.label_block import (
    TOP_ROWS,
    bears_title,
    day_said,
    labels_above,
    month_said,
)
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.delayed_transfers.authorities import BY_CARE, read_authorities
from etl.sources.delayed_transfers.days import months_of_days_frame
from etl.sources.delayed_transfers.england import BY_TYPE, read_england_months

AUTHORITIES, SERIES = "by-local-authority", "england-series"
_TITLE, _DAYS = "delayed transfer", "number of delayed days"
_SHEETS_LOOKED_AT = 2


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this publication's, by its title."""
    try:
        if not is_workbook(raw):
            return False
        names = sheet_names(raw)[:_SHEETS_LOOKED_AT]
        return any(bears_title(sheet, _TITLE) for sheet in read_workbook(raw, names, top=TOP_ROWS).values())
    except SourceError:
        return False


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame. Its month is what it says inside, never what its name says.

    Raises UnreadableFileError or LayoutError.
    """
    with naming(raw.name):
        sheets = {name.strip().casefold(): sheet for name, sheet in read_workbook(raw).items()}
        wanted = BY_CARE if BY_CARE in sheets else BY_TYPE
        if wanted not in sheets:
            raise LayoutError(
                "",
                "a sheet 'LA - by type of care' or 'Delayed Days by type' (files by trust are not read)",
                listed(sheet.name for sheet in sheets.values()),
            )
        above = labels_above(sheets[wanted])
        if not above.get("summary", "").casefold().startswith(_DAYS):
            raise LayoutError(
                sheets[wanted].where(),
                "'Summary:' Number of Delayed Days ... (snapshots of patients are another count)",
                f"'{above.get('summary', '')}'",
            )
        published, revised = (_day(above, label) for label in ("published", "revised"))
        maturity = Maturity.FINAL if revised is None else Maturity.REVISED
        if wanted == BY_TYPE:
            series = read_england_months(sheets)
            last = max(series)
            return ParsedFile(
                months_of_days_frame({month: [row] for month, row in series.items()}, maturity),
                SERIES,
                f"Delayed transfers of care, England, to {last.label}",
                revised or published,
                edition_end=last.end,
            )
        month = _month(above, hints)
        return ParsedFile(
            months_of_days_frame({month: read_authorities(sheets, month)}, maturity),
            AUTHORITIES,
            f"Delayed transfers of care, by local authority, {month.label}, {maturity.label}",
            revised or published,
        )


def _month(above: Mapping[str, str], hints: Hints) -> Period:
    said = above.get("period", "")
    month = month_said(said)
    if month is None:
        raise LayoutError("", "'Period:' with a month on top", f"'{said}'")
    if hints.period is not None and hints.period != month:
        raise LayoutError("'Period:'", f"{hints.period.label}, as was asked for", month.label)
    return month


def _day(above: Mapping[str, str], label: str) -> date | None:
    """A day on top, which some files leave out. Raises LayoutError for what is no day."""
    said = above.get(label, "")
    if said in ("", "-"):
        return None
    day = day_said(said)
    if day is None:
        raise LayoutError("", f"a day in '{label.capitalize()}:'", f"'{said}'")
    return day
