"""Staff against the national average: posts short by area and over time, by each definition of who is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db.catalogue.policy_dates import FORMER_CCGS_END
from db.catalogue.quoted_claims import QuotedClaim
from db.domain import ENGLAND, Indicator
from stp_dash.analysis.series import position
from stp_dash.analysis.standing.verdict import rate_gap_text
from stp_dash.analysis.wording import (
    capitalised,
    date_text,
    distance_text,
    listing,
    number_word,
    value_text,
    within,
)
from stp_dash.pages.staffing.shortfalls import StaffingShortfalls
from stp_dash.statistics.counts import fewest_holding_half

_MOST_NAMED = 6
"""Parts that are named in one sentence; more are counted."""
_BESIDE = 0.75
"""Years that a figure may lie from the day of a claim to be set beside it."""


def placed_words(view: StaffingShortfalls) -> str:
    """In which place a practice is counted."""
    if view.given.parts_words.startswith("sub-ICB"):
        return "Practices stand in the sub-ICB location that they belong to"
    return f"Practices stand in the CCG that they belonged to on {date_text(FORMER_CCGS_END)}"


def counted_as(indicator: Indicator) -> str:
    """A definition inside a sentence: `fully qualified GPs`, `GP nurses`, `all GPs`."""
    first = indicator.short_name.split(" ", 1)[0]
    name = indicator.short_name
    return name if first.isupper() else name[:1].lower() + name[1:]


def staffing_title(view: StaffingShortfalls) -> str:
    """The page's finding: how many posts the area is short of England's rate, by the chosen definition."""
    area, row = view.given.area_name, view.chosen
    if row is None:
        return f"{area}: no figure of {counted_as(view.given.chosen)} {within(view.given.period)}"
    counted = counted_as(row.indicator)
    if view.given.area_code == ENGLAND:
        return f"{area} has {value_text(row.indicator, row.reading.value)} {counted} per 10,000 registered patients"
    count = row.found.count
    if distance_text(abs(count)) == "0":
        return f"{area} is level with England's rate of {counted}"
    side = "short of" if count > 0 else "above"
    return f"{area} is {distance_text(abs(count))} {counted} {side} England's rate"


def staffing_lede(view: StaffingShortfalls) -> str:
    """The rates behind the title, and which parts hold most of it."""
    row = view.chosen
    if row is None:
        return ""
    here, there = (value_text(row.indicator, item.value) for item in (row.reading, row.national))
    day = within(row.reading.period)
    rates = f"{here} full-time posts per 10,000 registered patients"
    if view.given.area_code != ENGLAND:
        rates += f" against {there} in England"
    told = f"{capitalised(day)}: {rates}."
    return " ".join(part for part in (told, _holders(view)) if part)


def _holders(view: StaffingShortfalls) -> str:
    """The fewest parts that hold at least half of the posts that parts are short of."""
    short = [row for row in view.parts if row.found.count > 0]
    if len(short) < 3:
        return ""
    counts = [row.found.count for row in short]
    half = fewest_holding_half(counts)
    names, verb = listing([row.name for row in short[:half]]), "holds" if half == 1 else "hold"
    part = _part_of(sum(counts[:half]) / sum(counts))
    if half > _MOST_NAMED:
        count = capitalised(number_word(half))
        return f"{count} of the {view.given.parts_words} hold {part} of what they are short of."
    return f"{names} {verb} {part} of what the {view.given.parts_words} are short of."


def _part_of(share: float) -> str:
    steps = ((0.525, "half"), (0.6, "more than half"), (0.75, "two thirds"))
    return next((words for least, words in steps if share < least), "most")


def over_time_sentence(view: StaffingShortfalls) -> str:
    """First, lowest, highest and latest: no claim on what comes next."""
    found = view.shortfalls[view.given.chosen.id]
    if not found:
        return "There is no day with figures of both the area and England."
    if view.given.area_code == ENGLAND:
        return "England is what areas are held against, so its own line is level."
    if len(found) == 1:
        return f"One day is held: {rate_gap_text(found[0][1].count)} {within(found[0][0].period)}."
    low = min(found, key=lambda pair: pair[1].count)
    high = max(found, key=lambda pair: pair[1].count)
    first, last = found[0], found[-1]
    return capitalised(
        f"{rate_gap_text(last[1].count)} {within(last[0].period)}, {rate_gap_text(first[1].count)} "
        f"{within(first[0].period)}. In between from {rate_gap_text(low[1].count)} ({low[0].period.short_label}) to "
        f"{rate_gap_text(high[1].count)} ({high[0].period.short_label})."
    )


def parts_sentence(view: StaffingShortfalls) -> str:
    """How many parts are below England's rate, and the two ends."""
    if not view.parts:
        return f"No figure for the {view.given.parts_words} is held on this day."
    if len(view.parts) == 1:
        return f"There is one only, {view.parts[0].name}: {view.parts[0].gap}."
    below = [row for row in view.parts if row.found.count > 0]
    many = f"{number_word(len(below))} of {number_word(len(view.parts))}"
    every = "Every area is" if len(below) == len(view.parts) else capitalised(f"{many} are")
    first, last = view.parts[0], view.parts[-1]
    return f"{every} below England's rate. {first.name}: {first.gap}; {last.name}: {last.gap}."


def definitions_sentence(view: StaffingShortfalls) -> str:
    """That the answer depends on who is counted, with the range of answers."""
    if len(view.rows) < 2:
        return ""
    ordered = sorted(view.rows, key=lambda row: row.found.count)
    low, high = ordered[0], ordered[-1]
    return (
        f"From {low.gap} ({counted_as(low.indicator)}) to {high.gap} ({counted_as(high.indicator)}) "
        f"{within(view.given.period)}."
    )


def year_position(claim: QuotedClaim) -> float:
    """Where a claim stands on an axis of years: its day, or the middle of the years that its source gives."""
    if claim.said_on is not None:
        return claim.said_on.year + (claim.said_on.month - 1) / 12
    years = [int(word) for word in claim.said_in.split() if word.isdigit()]
    return sum(years) / len(years) + 0.5 if years else float(date.max.year)


def said_words(claim: QuotedClaim) -> str:
    """When a claim was made: its month, or what its source says of it."""
    return f"quoted, {claim.said_on:%B %Y}" if claim.said_on else f"quoted, {claim.said_in}"


@dataclass(frozen=True)
class ClaimRow:
    """A claim as it was made, and what the figures held give nearest to its day."""

    claim: QuotedClaim
    said: str
    nearest: str


def claim_rows(view: StaffingShortfalls) -> tuple[ClaimRow, ...]:
    """Each quoted claim with the nearest day that is held by the definition it is set beside."""
    return tuple(ClaimRow(claim, said_words(claim), _nearest(view, claim)) for claim in view.given.claims)


def _nearest(view: StaffingShortfalls, claim: QuotedClaim) -> str:
    found = view.shortfalls.get(claim.indicator, ())
    indicator = next((item for item in view.given.definitions if item.id == claim.indicator), None)
    if not found or indicator is None:
        return "No figure to set beside it is held."
    wanted = year_position(claim)
    reading, result = min(found, key=lambda pair: abs(position(pair[0].period) / 12 - wanted))
    if abs(position(reading.period) / 12 - wanted) > _BESIDE:
        return "No figure of that time is held."
    invented = " (demonstration data)" if reading.demonstration else ""
    return f"{indicator.short_name}, {reading.period.label}: {rate_gap_text(result.count)}{invented}."
