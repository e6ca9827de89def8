"""From a team's figures to the canonical frame, and the organisations that the figures are of."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from db.catalogue.stroke_teams import StrokeTeams, code_from_name, name_key, stroke_teams, tidy_name
from db.domain import (
    ALL,
    ENGLAND,
    OBSERVATION_COLUMNS,
    Basis,
    Finding,
    Maturity,
    Organisation,
    OrganisationType,
    Period,
    Severity,
)
from db.reading.characters import has_unseen, plain_text, quoted
from db.reading.spreadsheets import listed
from etl.source import LayoutError
from etl.sources.ssnap import vocabulary as words

NATIONAL = Organisation(
    "SSNAP", "SSNAP national (England, Wales and Northern Ireland)", OrganisationType.COUNTRY
)
NATIONAL_HEADING = "National"
"""What the national column is called where its own heading is empty."""

_NATIONAL_NAME = re.compile(
    r"national(?! hospital)\b.*|all teams|overall(?: national.*)?|england,? wales,? (?:and|&) n(?:orthern|\.) ?ireland"
)
_OTHER_NATIONS = frozenset({"wales", "northern ireland", "islands"})


@dataclass(frozen=True)
class Figure:
    """One published figure of one column: counts, value and reason as the canonical frame has them."""

    indicator: str
    name: str
    type: str
    period: Period
    where: str
    value: float
    reason: str
    numerator: float = math.nan
    denominator: float = math.nan
    breakdown: str = ALL
    maturity: Maturity = Maturity.FINAL


@dataclass(frozen=True)
class Canonical:
    """A file's frame, its teams and what there is to say of them."""

    frame: pd.DataFrame
    organisations: tuple[Organisation, ...]
    findings: tuple[Finding, ...]


def is_other_nation(name: str) -> bool:
    """Whether a column is the total of a nation that the product does not show."""
    return name_key(name) in _OTHER_NATIONS


def is_nation(name: str) -> bool:
    """Whether a column is of a whole nation or of all of them, and so of no team."""
    return is_national(name) or is_other_nation(name) or name_key(name) == "england"


def is_national(name: str) -> bool:
    """Whether a column is the audit's national figure: England, Wales and Northern Ireland together."""
    return _NATIONAL_NAME.fullmatch(name_key(name)) is not None


def canonical_figures(figures: Iterable[Figure]) -> Canonical:
    """The canonical frame of a file's figures, with the teams that the source vouches for.

    A team has its trust among its parents only where it routinely admits patients in this file: so the sums of
    trusts, and of England, leave the other teams out. Raises LayoutError for a team that stands twice and for
    two teams whose codes would be one.
    """
    known = stroke_teams()
    rows: dict[tuple[str, str, int, str], tuple[object, ...]] = {}
    teams: dict[str, Organisation] = {}
    unknown: dict[str, str] = {}
    odd: dict[str, str] = {}
    for figure in figures:
        item = replace(figure, name=plain_text(figure.name))
        if has_unseen(figure.name):
            odd.setdefault(figure.name, item.name)
        code, basis = _code(item, known, teams, unknown)
        key = (item.indicator, code, item.period.key, item.breakdown)
        if key in rows:
            raise LayoutError(
                item.where, f"{tidy_name(item.name)} once in {item.period.label}", "the same team twice"
            )
        rows[key] = _row(item, code, basis)
    frame = pd.DataFrame.from_records(list(rows.values()), columns=list(OBSERVATION_COLUMNS))
    return Canonical(frame, tuple(teams.values()), (*_odd_names(odd), *_unknown_teams(unknown)))


def _row(item: Figure, code: str, basis: Basis) -> tuple[object, ...]:
    name = NATIONAL.name if code == NATIONAL.code else tidy_name(item.name)
    return (
        item.indicator,
        code,
        name,
        basis.value,
        item.period.key,
        item.breakdown,
        item.numerator,
        item.denominator,
        item.value,
        item.reason,
        int(item.maturity),
        False,
    )


def _code(
    item: Figure, known: StrokeTeams, teams: dict[str, Organisation], unknown: dict[str, str]
) -> tuple[str, Basis]:
    """A figure's organisation code and basis; new teams go into `teams` and, where not in our table, `unknown`."""
    if is_national(item.name):
        teams.setdefault(NATIONAL.code, NATIONAL)
        return NATIONAL.code, Basis.NATIONAL
    if name_key(item.name) == "england":
        return ENGLAND, Basis.NATIONAL
    if not any(sign.isalpha() for sign in item.name):
        raise LayoutError(item.where, "the name of a team", quoted(item.name))
    team = known.named(item.name)
    code = team.organisation.code if team else code_from_name(item.name)
    own = (
        team.organisation if team else Organisation(code, tidy_name(item.name), OrganisationType.STROKE_TEAM)
    )
    if team is None:
        other = unknown.setdefault(code, tidy_name(item.name))
        if code in known.by_code or name_key(other) != name_key(item.name):
            raise LayoutError(item.where, "a team whose code is its own", f"'{item.name}' with code {code}")
    if item.type not in {"", words.ROUTINELY_ADMITTING}:
        own = replace(own, parents=())
    teams[code] = own
    return code, Basis.TEAM


def _odd_names(odd: dict[str, str]) -> Iterable[Finding]:
    if odd:
        names = "; ".join(map(quoted, odd))
        message = f"teams read without characters that do not show: {names}"
        yield Finding(Severity.WARNING, "characters of names", message, len(odd))


def _unknown_teams(unknown: dict[str, str]) -> Iterable[Finding]:
    if unknown:
        yield Finding(
            Severity.WARNING,
            "stroke teams",
            "not in our table of stroke teams (db/catalogue/stroke_teams.csv), so in no trust's or England's "
            f"sums until added with their trust: {listed(f'{name} ({code})' for code, name in unknown.items())}",
            len(unknown),
        )
