"""Which month a file is of and how settled it is, where file, name and hints must not contradict."""

from __future__ import annotations

import re
from collections.abc import Iterable

from db.domain import Maturity, Period
from etl.reading.periods import MONTH_NAMES, span_in_name
from etl.source import Hints, RawFile, SourceError

_MONTHS = {name[:3]: number for number, name in enumerate(MONTH_NAMES, 1)}
_MONTH = re.compile(rf"(?<![a-z])({'|'.join(_MONTHS)})[a-z]{{0,6}} ?(20\d\d|\d\d)(?![0-9a-z])")
_REVISED = re.compile(r"(?<![a-z])(revised|revisions?)(?![a-z])")


class MonthError(SourceError):
    """When a file is from cannot be told, or file, name and hints do not agree."""


def month_in_name(name: str) -> Period | None:
    """The one month that a name or a link's text has: "Jul25", "-Jan19-revised", "20260131-RTT-January-2026"."""
    text = re.sub(r"[^a-z0-9]+", " ", name.casefold())
    found = {(int(year) % 100, _MONTHS[month]) for month, year in _MONTH.findall(text)}
    if len(found) == 1:
        year, month = found.pop()
        return Period.month(2000 + year, month)
    span = span_in_name(name) if not found else None
    return span.first if span is not None and span.months == 1 else None


def is_revised_name(name: str) -> bool:
    """Whether a name or a link's text says that its figures are revised: "-revised-XLS", "-revisions", "revised-2"."""
    return _REVISED.search(name.casefold().replace("_", "-")) is not None


def settle_month(raw: RawFile, hints: Hints, said: Iterable[tuple[str, Period]]) -> Period:
    """The month of a file, said in it at some places. Raises MonthError where places, name and hints disagree."""
    sayings = [*said]
    if (in_name := month_in_name(raw.name)) is not None:
        sayings.append(("the file name", in_name))
    if hints.period is not None:
        sayings.append(("the request or the page that links to it", hints.period))
    first_place, first = sayings[0]
    for place, month in sayings[1:]:
        if month != first:
            raise MonthError(f"{raw.name}: {first_place} says {first.label}, but {place} says {month.label}")
    return first


def maturity_of_file(raw: RawFile, hints: Hints, *, revised: bool = False) -> Maturity:
    """Revised where the file or its name says so, else as hinted, else provisional: half-years are revised later."""
    if revised or is_revised_name(raw.name):
        return Maturity.REVISED
    return hints.maturity if hints.maturity is not None else Maturity.PROVISIONAL
