"""Invented stroke patients: how many each team admitted and treated with thrombolysis in a reporting period.

Teams are real (`db.catalogue.stroke_teams`); which of them routinely admit patients is as the audit printed it for July
to September 2024, and for Kent and Medway as it was at the time. All numbers are invented: about a tenth of patients
are treated, some three in five of them within an hour, so that a team's quarter has 5 to 40 of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zlib import crc32

import numpy as np

from db.catalogue.policy_dates import ICB_START
from db.catalogue.stroke_teams import StrokeTeam, stroke_teams
from db.domain import Catalogue, OrganisationType, Period

ROUTINE, NON_ROUTINE = "Routinely admitting team", "Non-routinely admitting acute team"
TOO_FEW, INSUFFICIENT = "Too few to report", "Insufficient records"
FEWEST_REPORTED = 20

# Scoring Summary of July to September 2024, teams of England, Wales and Northern Ireland.
# fmt: off
_ROUTINE_NUMBERS = (
    101, 105, 110, 111, 113, 116, 123, 125, 128, 130, 136, 137, 138, 141, 142, 143, 145, 148, 150, 152, 153, 154,
    156, 157, 160, 166, 173, 175, 176, 177, 179, 181, 185, 186, 188, 189, 190, 191, 193, 196, 199, 201, 203, 204,
    210, 211, 213, 219, 223, 226, 227, 228, 232, 233, 236, 237, 238, 239, 240, 244, 245, 246, 249, 250, 253, 255,
    256, 257, 259, 260, 262, 263, 265, 267, 270, 274, 275, 276, 278, 279, 281, 284, 286, 289, 299, 300, 302, 306,
    307, 321, 432, 517, 534, 121, 135, 164, 200, 221, 229, 230, 282, 301, 303, 304, 104, 107, 134, 139, 146, 215,
    254, 341,
)
_NON_ROUTINE_NUMBERS = (
    102, 106, 109, 112, 117, 118, 124, 165, 167, 169, 170, 171, 178, 183, 187, 197, 208, 214, 217,
)
# fmt: on
_ROUTINE_CODES = frozenset(
    {f"S{number}" for number in _ROUTINE_NUMBERS}
    | {"SGXVZZ", "SJSWYD", "SLJCLM", "SLYSGB", "SPMEKQ", "SPQBQP", "SUYNDU", "SKVGOZ"}
)
_NON_ROUTINE_CODES = frozenset(f"S{number}" for number in _NON_ROUTINE_NUMBERS)


@dataclass(frozen=True)
class Story:
    """A team's admissions a quarter, its shares thrombolysed and within an hour, and the latter's yearly rise."""

    admitted: float
    treated: float
    within: float
    rise: float = 0.01


# Kent and Medway's teams: sizes like their own, and a board's usual stories. East Kent's patients went to Canterbury in
# April 2020, Tunbridge Wells' to Maidstone in September 2019, Medway's to Darent Valley and Maidstone in July 2020.
_KENT = {
    "S148": Story(150, 0.088, 0.52, 0.03),
    "S196": Story(245, 0.12, 0.68, 0.02),
    "SPMEKQ": Story(190, 0.16, 0.74),
    "S182": Story(95, 0.1, 0.55),
    "S198": Story(130, 0.09, 0.4),
    "S294": Story(120, 0.11, 0.58),
    "S235": Story(110, 0.1, 0.56),
    "S178": Story(105, 0.1, 0.6),
}
_KENT_ROUTINE_TO = {
    "S182": date(2019, 9, 30),
    "S198": date(2019, 12, 31),
    "S294": date(2023, 9, 30),
    "S235": date(2023, 9, 30),
    "S178": date(2017, 3, 31),
}
_TINY_FROM, _TINY = date(2020, 4, 1), 11.0
"""The East Kent hospitals other than Canterbury, after centralisation: a few patients a quarter."""

_QUARTERS = {1: 1.03, 4: 0.97, 7: 0.98, 10: 1.02, 8: 1.0, 12: 1.03}
_REFERENCE_YEAR = 2021.5


@dataclass(frozen=True)
class TeamFigures:
    """One team in one period. Counts are patients, times minutes.

    `within` of the `treated` had thrombolysis within an hour of clock start. `word` is what is printed where
    nothing is published, else "". `others` is the mean score of the other nine domains.
    """

    name: str
    type: str
    network: str
    trust: str
    word: str
    admitted: int
    treated: int
    eligible: int
    eligible_treated: int
    within: int
    median: int
    quartiles: tuple[int, int]
    stroke_unit: int
    others: float

    @property
    def routine(self) -> bool:
        return self.type == ROUTINE


@dataclass(frozen=True)
class Strokes:
    """The invented patients of an area's teams. `boards` None means all of England, and Wales and Northern Ireland."""

    catalogue: Catalogue
    seed: int
    boards: frozenset[str] | None = None

    def teams(self, period: Period) -> list[TeamFigures]:
        """Every team that the audit names in a period, those that routinely admit first, by area and code."""
        placed = [(team, self._place(team, period)) for team in self._candidates]
        kept = [(team, place) for team, place in placed if place is not None and _is_open(team, period)]
        found = [self._figures(team, place, period) for team, place in kept]
        return sorted(found, key=lambda item: (not item.routine, item.network))

    @cached_property
    def _candidates(self) -> list[StrokeTeam]:
        codes = _ROUTINE_CODES | _NON_ROUTINE_CODES | _KENT.keys()
        return [team for code, team in sorted(stroke_teams().by_code.items()) if code in codes]

    def _place(self, team: StrokeTeam, period: Period) -> tuple[str, str] | None:
        """The area and trust that a team is printed under, None where it is not of this edition."""
        if team.country != "England":
            return (team.country, f"{team.country} health board") if self.boards is None else None
        trust = self._parent(team.organisation.code, OrganisationType.TRUST, period.end)
        board = self._parent(trust, OrganisationType.ICB, max(period.end, ICB_START))
        if not trust or (self.boards is not None and board not in self.boards):
            return None
        organisations = self.catalogue.organisations
        area = organisations[board].name if board else ""
        return area.removeprefix("NHS ").removesuffix(" Integrated Care Board"), organisations[trust].name

    def _parent(self, code: str, kind: OrganisationType, day: date) -> str:
        known = stroke_teams().by_code
        item = known[code].organisation if code in known else self.catalogue.organisations.get(code)
        for parent in item.parents if item else ():
            if parent.in_force(day) and self.catalogue.organisations[parent.code].type is kind:
                return parent.code
        return ""

    def _figures(self, team: StrokeTeam, place: tuple[str, str], period: Period) -> TeamFigures:
        code = team.organisation.code
        rng = np.random.default_rng([self.seed, 40, crc32(code.encode()), period.key])
        story = self._story(code)
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
        size = _TINY if _is_tiny(code, period) else story.admitted
        admitted = int(rng.poisson(size * months / 3 * _QUARTERS[period.start.month]))
        eligible = int(rng.binomial(admitted, min(0.9, story.treated * 1.12)))
        eligible_treated = int(rng.binomial(eligible, 0.86))
        treated = eligible_treated + int(rng.binomial(admitted - eligible, story.treated * 0.05))
        years = period.end.year + period.end.month / 12 - _REFERENCE_YEAR
        chance = float(np.clip(story.within + story.rise * years, 0.2, 0.92))
        median = round(60 * float(np.exp(1.1 * (0.5 - chance) + rng.normal(0, 0.06))))
        return TeamFigures(
            name=team.organisation.name,
            type=_type(code, period),
            network=place[0],
            trust=place[1],
            word=_word(code, admitted, period),
            admitted=admitted,
            treated=treated,
            eligible=eligible,
            eligible_treated=eligible_treated,
            within=int(rng.binomial(treated, chance)),
            median=median,
            quartiles=(round(median * 0.72), round(median * 1.45)),
            stroke_unit=int(rng.binomial(admitted, 0.45 + 0.25 * chance)),
            others=float(np.clip(rng.normal(72, 9), 30, 96)),
        )

    def _story(self, code: str) -> Story:
        if code in _KENT:
            return _KENT[code]
        rng = np.random.default_rng([self.seed, 41, crc32(code.encode())])
        return Story(
            float(np.clip(np.exp(rng.normal(5.2, 0.4)), 75, 400)),
            float(np.clip(rng.normal(0.108, 0.025), 0.05, 0.2)),
            float(np.clip(rng.normal(0.6, 0.11), 0.3, 0.85)),
            float(rng.normal(0.005, 0.012)),
        )


def total(teams: list[TeamFigures], name: str) -> TeamFigures:
    """The sum of the teams that routinely admit patients, as the audit's national column has it."""
    own = [team for team in teams if team.routine and not team.word]

    def added(count: str) -> int:
        return sum(getattr(team, count) for team in own)

    counts = ("admitted", "treated", "eligible", "eligible_treated", "within", "stroke_unit")
    sums: Mapping[str, int] = {count: added(count) for count in counts}
    median = int(np.median([team.median for team in own]))
    quartiles = round(median * 0.7), round(median * 1.5)
    return TeamFigures(name, "", "", "", "", **sums, median=median, quartiles=quartiles, others=70.0)


def year_of(quarters: list[TeamFigures]) -> TeamFigures:
    """A team's financial year from its quarters: counts added up, times averaged."""
    last = quarters[-1]
    own = [item for item in quarters if not item.word]
    if not own or not last.routine:
        return last
    counts = ("admitted", "treated", "eligible", "eligible_treated", "within", "stroke_unit")
    sums: Mapping[str, int] = {count: sum(getattr(item, count) for item in own) for count in counts}
    median = round(sum(item.median for item in own) / len(own))
    return TeamFigures(
        last.name,
        last.type,
        last.network,
        last.trust,
        "",
        **sums,
        median=median,
        quartiles=(round(median * 0.72), round(median * 1.45)),
        others=last.others,
    )


def _is_open(team: StrokeTeam, period: Period) -> bool:
    item = team.organisation
    opened = item.opened_on is None or item.opened_on <= period.start
    return opened and (item.closed_on is None or period.end <= item.closed_on)


def _type(code: str, period: Period) -> str:
    last = _KENT_ROUTINE_TO.get(code)
    if last is not None:
        return ROUTINE if period.end <= last else NON_ROUTINE
    return ROUTINE if code in _ROUTINE_CODES else NON_ROUTINE


def _is_tiny(code: str, period: Period) -> bool:
    return code in {"S294", "S235"} and period.start >= _TINY_FROM


def _word(code: str, admitted: int, period: Period) -> str:
    """What is printed in place of a team's figures: too few patients, or too few of them entered."""
    if _is_tiny(code, period) and period.end < date(2022, 4, 1):
        return INSUFFICIENT
    return TOO_FEW if admitted < FEWEST_REPORTED else ""
