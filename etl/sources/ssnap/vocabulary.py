"""The publisher's words: indicators, levels, team types and the ways of saying that there is no figure."""

from __future__ import annotations

import math
import re
from datetime import datetime, time, timedelta

from db.reading.spreadsheets import Cell, normalise_label, number, text_of
from etl.source import LayoutError

WITHIN_60_MINUTES = "stroke-thrombolysis-within-60-minutes"
ELIGIBLE_THROMBOLYSED = "stroke-eligible-thrombolysed"
THROMBOLYSED = "stroke-thrombolysed"
RESIDENTS_WITHIN_60_MINUTES = "stroke-residents-thrombolysis-within-60-minutes"
DOOR_TO_NEEDLE = "stroke-door-to-needle-median-minutes"
SCORE = "stroke-ssnap-score"
LEVEL = "stroke-ssnap-level"
DOMAIN_LEVEL = "stroke-thrombolysis-domain-level"

ATTRIBUTION, PATIENT_CENTRED = "attribution", "patient-centred"

LEVELS = {"A": 5.0, "B": 4.0, "C": 3.0, "D": 2.0, "E": 1.0}
LOWEST_SCORES = (("A", 80.0), ("B", 70.0), ("C", 60.0), ("D", 40.0))
"""A is above 80; the others begin at their figure; below 40 is E (all levels of October 2013 to September 2024)."""

ROUTINELY_ADMITTING = "routinely admitting team"
TEAM_TYPES = frozenset(
    {ROUTINELY_ADMITTING, "non-routinely admitting acute team", "non-acute inpatient team"}
)
_SUFFIX = re.compile(r"\.\d+$")

NOT_APPLICABLE = "Not applicable to this team"
LEFT_EMPTY = "Left empty by the publisher: not applicable to this team"
TOO_FEW = "Too few to report: the team had fewer than 20 patients"
INSUFFICIENT_RECORDS = "Insufficient records: the team entered too few of its patients"
NONE_ENTERED = "None entered: the team entered no patients"
NO_RECORDS = "No records: the team entered no patients"
NONE_COMPLETED = "None completed: the team completed no records"
NOT_SCORED = "Not included in scoring: no patients are attributed to the team"
REPORTED_SEPARATELY = "Reported separately, under another type of team"
SUPPRESSED = "Suppressed: the team's total is under 10"
NO_LEVEL = "No level given (X): the team entered too few of its patients"
NO_PATIENTS = "No patients to whom it applies"

_OF_AREAS = {
    INSUFFICIENT_RECORDS: "Insufficient records: under 20 patients of the area, or under half of those expected",
    TOO_FEW: "Too few to report: under 20 patients of the area",
    NOT_APPLICABLE: NO_PATIENTS,
    LEFT_EMPTY: "Left empty by the publisher",
    NONE_ENTERED: "None entered: no patients of the area were entered",
    NO_RECORDS: "No records: no patients of the area were entered",
    NONE_COMPLETED: "None completed: no records of the area's patients were completed",
    SUPPRESSED: "Suppressed: the area's total is under 10",
}
_WORDS = {
    "": LEFT_EMPTY,
    ".": NOT_APPLICABLE,
    "n/a": NOT_APPLICABLE,
    "too few to report": TOO_FEW,
    "tfp": TOO_FEW,
    "insufficient records": INSUFFICIENT_RECORDS,
    "x": NO_LEVEL,
    "none entered": NONE_ENTERED,
    "no records": NO_RECORDS,
    "none completed": NONE_COMPLETED,
    "not included in scoring": NOT_SCORED,
    "reported separately": REPORTED_SEPARATELY,
    "s": SUPPRESSED,
}
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::[0-5]\d)?")
_PUBLISHED_WORDS = "or one of the publisher's words for a missing figure"


def missing_reason(cell: Cell) -> str:
    """Why a cell holds no figure, "" where it is none of the publisher's words for that."""
    return _WORDS.get(text_of(cell).casefold(), "")


def area_reason(reason: str) -> str:
    """Why an area has no figure, by the reason that the same word gives for a team."""
    return _OF_AREAS.get(reason, reason)


def team_type(cell: Cell) -> str:
    """A cell as one of `TEAM_TYPES`, "" where it is none.

    A CSV round trip numbers repeated column names: "Routinely admitting team.12".
    """
    text = _SUFFIX.sub("", normalise_label(cell))
    return text if text in TEAM_TYPES else ""


def level(cell: Cell, where: str) -> tuple[float, str]:
    """A level as 5 (A) to 1 (E) and "", or NaN and why there is none. Raises LayoutError."""
    text = text_of(cell)
    if text in LEVELS:
        return LEVELS[text], ""
    reason = missing_reason(cell)
    if not reason:
        raise LayoutError(where, f"a level A to E {_PUBLISHED_WORDS}", f"'{text}'")
    return math.nan, reason


def figure(cell: Cell, where: str, largest: float = math.inf) -> tuple[float, str]:
    """A number from 0 to `largest` and "", or NaN and why there is none. Raises LayoutError."""
    reason = missing_reason(cell)
    if reason:
        return math.nan, reason
    value = number(cell, where, blanks=())
    if not (math.isfinite(value) and 0 <= value <= largest):
        upper = "" if math.isinf(largest) else f" to {largest:g}"
        raise LayoutError(where, f"a number from 0{upper} {_PUBLISHED_WORDS}", f"'{text_of(cell)}'")
    return value, ""


def count(cell: Cell, where: str) -> tuple[float, str]:
    """A whole number of patients and "", or NaN and why there is none. Raises LayoutError."""
    value, reason = figure(cell, where)
    if not reason and not value.is_integer():
        raise LayoutError(where, "a whole number of patients", f"'{text_of(cell)}'")
    return value, reason


def minutes(cell: Cell, where: str) -> tuple[float, str]:
    """Minutes and "", or NaN and why there are none: 53, "0:53" and the clock time 00:53 are all 53.

    Raises LayoutError, also for a part of a day (0.0368), which a clock time becomes where its format is lost.
    """
    if isinstance(cell, datetime):
        raise LayoutError(where, "minutes or h:mm", f"'{text_of(cell)}'")
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute + cell.second / 60, ""
    if isinstance(cell, timedelta):
        return cell.total_seconds() / 60, ""
    clock = _CLOCK.fullmatch(text_of(cell))
    if clock:
        return int(clock[1]) * 60.0 + int(clock[2]), ""
    value, reason = figure(cell, where)
    if 0 < value < 1:
        raise LayoutError(where, "minutes or h:mm", f"'{text_of(cell)}'")
    return value, reason


def level_of_score(score: float) -> str:
    """The overall level that goes with an overall score."""
    for letter, lowest in LOWEST_SCORES:
        if score > lowest or (score == lowest and letter != "A"):
            return letter
    return "E"
