"""Which day a practice-level file describes: only its name says so.

"General Practice September 2016 Practice Level.csv", "20. General Practice – December 2020 Practice Level.csv" (the
dash mangled by some unzippers), "1 General Practice – April 2023 Practice Level - Detailed.csv", "... Mar 2018 ...".
The day is the last of the month. A zip's own name dates its edition, not its content: `GPWPracticeCSV.062021.zip`
holds the whole series up to June 2021, `GPWPracticeCSV.0919.zip` September 2019.
"""

from __future__ import annotations

import re
from datetime import date

from db.domain import Frequency, Period
from etl.reading.periods import MONTH_NAMES
from etl.source import Hints, LayoutError

FIRST_SNAPSHOT = date(2015, 9, 30)
"""The annual census before came from another source (NHAIS), had other definitions and is not comparable."""

_MONTHS = {name[:3]: number for number, name in enumerate(MONTH_NAMES, 1)}
_DATED = re.compile(
    rf"(?<![a-z])({'|'.join(MONTH_NAMES)}|{'|'.join(_MONTHS)}|sept)[\W_]+(20\d\d)(?!\d)", re.IGNORECASE
)
_EDITION = re.compile(r"GPWF?Practice\w*\.(0[1-9]|1[0-2])(20)?(\d\d)(?!\d)", re.IGNORECASE)


def snapshots_in_name(name: str) -> tuple[Period, ...]:
    """Every different month that a name spells out, as the snapshot of its last day."""
    found = (month_end(int(match[2]), _MONTHS[match[1][:3].casefold()]) for match in _DATED.finditer(name))
    return tuple(dict.fromkeys(found))


def month_end(year: int, month: int) -> Period:
    """The snapshot of the last day of a month."""
    return Period.snapshot(Period.month(year, month).end)


def edition_in_name(name: str) -> Period | None:
    """The month that a zip is the edition of: "GPWPracticeCSV.062022.zip", "GPWPracticeCSV.0919.zip"."""
    match = _EDITION.search(name)
    return Period.month(2000 + int(match[3]), int(match[1])) if match else None


def settle_snapshot(name: str, hints: Hints) -> Period:
    """The snapshot of one practice-level file: what its name says, else the hint.

    Raises LayoutError where nothing says it, where name and hint differ, and for a census before September 2015.
    """
    named = snapshots_in_name(name)
    hinted = _hinted(name, hints)
    if len(named) > 1:
        months = " and ".join(period.label for period in named)
        raise LayoutError(name, "one month and year in the file name", months)
    snapshot = named[0] if named else hinted
    if snapshot is None:
        wanted = "a month and year in the file name, since nothing else dates the file (or --period)"
        raise LayoutError(name, wanted, "none")
    if hinted is not None and hinted != snapshot:
        raise LayoutError(name, f"figures of {hinted.label}, as asked for or announced", snapshot.label)
    if snapshot.end < FIRST_SNAPSHOT:
        wanted = (
            f"a snapshot from {Period.snapshot(FIRST_SNAPSHOT).label}; earlier censuses are not comparable"
        )
        raise LayoutError(name, wanted, snapshot.label)
    return snapshot


def _hinted(name: str, hints: Hints) -> Period | None:
    period = hints.period
    if period is None:
        return None
    last_day = month_end(period.end.year, period.end.month)
    single = period.frequency in {Frequency.SNAPSHOT, Frequency.MONTH}
    if not single or period.end != last_day.end:
        raise LayoutError(name, "a month or its last day as the date asked for", period.label)
    return last_day
