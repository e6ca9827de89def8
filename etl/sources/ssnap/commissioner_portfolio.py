"""The results portfolio by commissioner: another output of the audit, known so that its refusal says what it is.

It is set out like the portfolio of hospital teams, but counts patients once each, by where they live: in clinical
commissioning groups and Welsh local health boards (CCG and LHB), later in other areas. Neither its items nor its
organisations are those of a stroke team.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from etl.reading.spreadsheets import Cell, Worksheet, normalise_label
from etl.sources.ssnap.grid import is_heading

NOT_READ = (
    "the audit's results portfolio by commissioner (CCG and LHB), which counts patients by where they live and not by "
    "the team that treated them: no indicator here is read from it. Load the results portfolio of hospital teams, "
    "such as JulSep2024-FullResultsPortfolio.xlsx"
)

_AREAS = re.compile(r"\b(ccgs?|lhbs?|clinical commissioning groups?|local health boards?|sub-?icbs?)\b")
_AUDIT = re.compile(r"\b(ssnap|sentinel stroke|stroke patients|thrombolysis)\b")
_AREA_CODE = re.compile(r"[0-9][0-9A-Z][A-Z]|7A[0-9]|E380\d{5}|W110\d{5}")
_FEWEST_AREAS = 2


def is_commissioner_portfolio(sheets: Iterable[Worksheet]) -> bool:
    """Whether sheets are this portfolio's: the audit's words, and areas by code or by name across a heading row."""
    known = list(sheets)
    texts = [normalise_label(cell) for sheet in known for row in sheet.rows for cell in row[:4]]
    audit = any(_AUDIT.search(text) for text in (*texts, *(normalise_label(sheet.name) for sheet in known)))
    return audit and any(_is_of_areas(row) for sheet in known for row in sheet.rows)


def _is_of_areas(row: Iterable[Cell]) -> bool:
    """Whether a row names several commissioners and no teams: most of its cells are their codes or names."""
    cells = {cell.strip() for cell in row if isinstance(cell, str) and cell.strip()}
    said = {text for text in cells if not is_heading(text)}
    areas = {text for text in said if _AREA_CODE.fullmatch(text) or _AREAS.search(normalise_label(text))}
    return len(areas) >= _FEWEST_AREAS and 2 * len(areas) > len(said)
