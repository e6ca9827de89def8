"""Which of the publication's layouts a file has, and reading it into the canonical frame."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from db.domain import Period
from db.reading.spreadsheets import Worksheet, is_workbook, listed, read_workbook, sheet_names
from etl.reading.archives import naming
from etl.reading.monthly_returns.dating import maturity_of_file, settle_month
from etl.reading.monthly_returns.label_block import bears_title, day_said, labels_above, month_said
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.acute_discharge.daily_series import SERIES_SHEET, read_daily_series
from etl.sources.acute_discharge.days import months_frame
from etl.sources.acute_discharge.month import ENGLAND_ROW, MONTH_SHEET, read_month_of_days

MONTHLY, SERIES = "monthly-workbook", "daily-series"
_COVER = "cover sheet"
_TITLE, _COMMUNITY = "acute daily discharge situation report", "community discharge situation report"
_ENGLAND_BY = 12


def recognise(raw: RawFile) -> bool:
    """Whether a file is of this publication or its sister of community beds, by its title or its row of England."""
    try:
        if not is_workbook(raw):
            return False
        sheets = _tops(raw, (_COVER, MONTH_SHEET))
    except SourceError:
        return False
    cover, table = sheets.get(_COVER), sheets.get(MONTH_SHEET)
    titled = cover is not None and any(bears_title(cover, title) for title in (_TITLE, _COMMUNITY))
    named = table is not None and any(
        ENGLAND_ROW in (str(cell).casefold()) for row in table.rows for cell in row[:5]
    )
    return titled or named


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame.

    Raises UnreadableFileError, LayoutError, or MonthError where the file, its name and the hints disagree.
    """
    with naming(raw.name):
        tops = _tops(raw)
        cover = tops.get(_COVER)
        if cover is not None and bears_title(cover, _COMMUNITY):
            wanted = "the 'Acute Daily Discharge Situation Report' (community beds are another series, not read here)"
            raise LayoutError(cover.where(), wanted, f"'{labels_above(cover).get('title', '')}'")
        above = labels_above(cover) if cover is not None else {}
        if SERIES_SHEET in tops:
            return _parsed_series(raw, hints, tops[SERIES_SHEET].name, above)
        if MONTH_SHEET in tops:
            return _parsed_month(raw, hints, tops[MONTH_SHEET].name, above)
        found = listed(sheet.name for sheet in tops.values())
        raise LayoutError("", "a sheet 'Table 2' or 'Daily Series'", found)


def _tops(raw: RawFile, wanted: Collection[str] = ()) -> dict[str, Worksheet]:
    """The first rows of each sheet, or of those wanted, by its name in small letters: hidden ones may stand first."""
    names = [name for name in sheet_names(raw) if not wanted or name.strip().casefold() in wanted]
    return {
        name.strip().casefold(): sheet for name, sheet in read_workbook(raw, names, top=_ENGLAND_BY).items()
    }


def _parsed_month(raw: RawFile, hints: Hints, name: str, above: dict[str, str]) -> ParsedFile:
    found = read_month_of_days(read_workbook(raw, [name])[name])
    sayings = [(f"sheet '{name}'", found.month)]
    if (said := _first_month(above)) is not None:
        sayings.append(("the cover sheet", said))
    month = settle_month(raw, hints, sayings)
    published, revised = (_day(above, label) for label in ("published", "revised"))
    maturity = maturity_of_file(raw, hints, revised=revised is not None)
    return ParsedFile(
        months_frame({month: found.rows}, maturity),
        MONTHLY,
        f"Acute discharge situation report, {month.label}, {maturity.label}",
        revised or published,
        findings=found.findings,
    )


def _parsed_series(raw: RawFile, hints: Hints, name: str, above: dict[str, str]) -> ParsedFile:
    months = read_daily_series(read_workbook(raw, [name])[name])
    last = max(months)
    published, revised = (_day(above, label) for label in ("published", "revised"))
    maturity = maturity_of_file(raw, hints)
    return ParsedFile(
        months_frame({month: [row] for month, row in months.items()}, maturity),
        SERIES,
        f"Acute discharge situation report, daily series of England, to {last.label}",
        revised or published,
        edition_end=last.end,
    )


def _day(above: dict[str, str], label: str) -> date | None:
    """A day of the cover sheet. Raises LayoutError for what is no day."""
    said = above.get(label, "")
    if said in ("", "-"):
        return None
    day = day_said(said)
    if day is None:
        raise LayoutError("sheet 'Cover Sheet'", f"a day in '{label.capitalize()}:'", f"'{said}'")
    return day


def _first_month(above: dict[str, str]) -> Period | None:
    """The month of the cover sheet's period, which begins with its first day."""
    return month_said(above.get("period", ""))
