"""The league table of a kind of trust: one quarter, a row a trust, with likely ranges that no other file has."""

from __future__ import annotations

import re
from math import nan

from etl.source import LayoutError, RawFile
from etl.sources.oversight_framework import vocabulary as words
from etl.sources.oversight_framework.figures import (
    OversightFigure,
    OversightFile,
    league_is_whole,
    place_words,
)
from etl.sources.oversight_framework.rows import OversightRow, oversight_rows

LEAGUE_COLUMNS = (
    *("Trust_type", "Trust_code", "Trust_name", "Average_score", "Likely_range_of_average_score", "Segment"),
    *("Trust_in_financial_deficit", "Rank", "Likely_range_of_rank"),
)
_RANGE = re.compile(r"(\d+(?:\.\d+)?) to (\d+(?:\.\d+)?)")


def league_table(raw: RawFile) -> OversightFile:
    """A trust's segment, its average score and its place in the league, with the likely ranges of the last two.

    A table that lacks rows says how many trusts there are no more. Raises LayoutError and UnreadableFileError.
    """
    rows = list(oversight_rows(raw, LEAGUE_COLUMNS))
    leagues = {(row.quarter, row.trust.kind) for row in rows}
    if len(leagues) > 1:
        found = sorted(f"{quarter.label}, {kind.plural}" for quarter, kind in leagues)
        raise LayoutError("", "one quarter and one kind of trust in a league table", " and ".join(found))
    seen: set[str] = set()
    for row in rows:
        if row.trust.code in seen:
            raise LayoutError(row.where, f"{row.trust.code} once", "a second row")
        seen.add(row.trust.code)
    ((quarter, kind),) = leagues
    whole = league_is_whole([row.place("Rank") for row in rows])
    cut = f"{quarter.label}, {kind.plural}: places in the league that nobody has, so rows are missing"
    figures = [figure for row in rows for figure in _figures(row, len(rows) if whole else 0)]
    return OversightFile(tuple(figures), quarter, cuts=() if whole else (cut,))


def _figures(row: OversightRow, trusts: int) -> list[OversightFigure]:
    deficit = row.cells["Trust_in_financial_deficit"]
    if deficit.casefold() not in {"yes", "no"}:
        raise LayoutError(row.where, "Yes or No in 'Trust_in_financial_deficit'", f"'{deficit}'")
    segment, score, place = row.segment("Segment"), row.score("Average_score"), row.place("Rank")
    note = place_words(row.trust.kind, trusts)
    return [
        OversightFigure(words.SEGMENT, row.trust, row.quarter, segment),
        OversightFigure(
            words.AVERAGE_SCORE,
            row.trust,
            row.quarter,
            score,
            likely=_likely(row, "Likely_range_of_average_score", score),
        ),
        OversightFigure(
            words.LEAGUE_PLACE,
            row.trust,
            row.quarter,
            place,
            note,
            likely=_likely(row, "Likely_range_of_rank", place),
        ),
    ]


def _likely(row: OversightRow, label: str, value: float) -> tuple[float, float]:
    """A likely range, which holds the value; NaN for a blank cell."""
    text = row.cells[label]
    if not text:
        return nan, nan
    match = _RANGE.fullmatch(text)
    if match is None or not float(match[1]) <= value <= float(match[2]):
        wanted = f"a range with {value:g} in it in '{label}', such as 1 to 11"
        raise LayoutError(row.where, wanted, f"'{text}'")
    return float(match[1]), float(match[2])
