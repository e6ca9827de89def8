"""Stroke teams of the Sentinel Stroke National Audit Programme (SSNAP), by our own table.

`stroke_teams.csv` has one line a team: our code, the name as the publisher prints it, other spellings of it (parted
by `|`), its country, the NHS code of its site (two teams can share one), when it opened or closed where that is
known, and where the facts are from. `stroke_team_parents.csv` says which trust a team belongs to, and when;
`stroke_team_moves.csv` to which teams the patients of a closed one have gone, where a source says so.

A code is S and the audit's own team number where the team list of about 2019-20 has one (148 gives S148, C466 would
give SC466), else the code that `code_from_name` makes. Sites and numbers: `inst/extdata/teamdetails.csv` of
https://github.com/md0u80c9/SSNAPStats at bf0caeb. Trusts: the trust that each Scoring Summary of October 2013 to
September 2024 prints for the team, changed on the day of the trusts' merger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from db.catalogue.organisation_files import (
    ORGANISATION_COLUMNS,
    PARENTS,
    CsvRow,
    read_organisations,
    read_rows,
)
from db.domain import Organisation, OrganisationType, Parent

TEAMS = "stroke_teams.csv"
TEAM_PARENTS = "stroke_team_parents.csv"
TEAM_MOVES = "stroke_team_moves.csv"
MOVE_COLUMNS = ("code", "patients_to", "since", "source")
TEAM_COLUMNS = ("code", "name", "aliases", "country", "site", "opened_on", "closed_on", "source")
COUNTRIES = frozenset({"England", "Wales", "Northern Ireland", "Islands"})

_FOLDER = Path(__file__).resolve().parent
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class StrokeTeam:
    """A team as an organisation whose parents are trusts, with what only a team has.

    `site` is an NHS site code, "" where unknown. Teams outside England have no trust here.
    """

    organisation: Organisation
    aliases: tuple[str, ...]
    country: str
    site: str


@dataclass(frozen=True)
class StrokeTeams:
    """All teams by code, found by any spelling of their names."""

    by_code: Mapping[str, StrokeTeam]
    codes: Mapping[str, str]

    def named(self, name: str) -> StrokeTeam | None:
        """The team that bears a name, whatever its case, spacing and apostrophes."""
        code = self.codes.get(name_key(name))
        return self.by_code[code] if code else None


def tidy_name(name: str) -> str:
    """A name as printed, with single spaces, straight apostrophes and no blanks at its ends."""
    return " ".join(name.replace("’", "'").split())


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return tidy_name(name).casefold()


def code_from_name(name: str) -> str:
    """The code of a team that the audit's own list does not have: S and five letters made from its name.

    The same name always gives the same code. Five letters never meet S and a number, nor a code of the
    Organisation Data Service, whose codes of six characters end in digits.
    """
    number = int.from_bytes(sha256(name_key(name).encode()).digest(), "big")
    letters = []
    for _ in range(5):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "S" + "".join(letters)


@lru_cache(maxsize=1)
def stroke_teams() -> StrokeTeams:
    """The product's own table of teams, read and checked once. Raises CatalogueError."""
    return read_stroke_teams(_FOLDER, read_organisations(_FOLDER)[0])


def team_trusts() -> Mapping[str, str]:
    """The trust of each team by the team's code, its last one. Raises CatalogueError."""
    teams = (team.organisation for team in stroke_teams().by_code.values())
    return {team.code: team.parents[-1].code for team in teams if team.parents}


@lru_cache(maxsize=1)
def patients_moved() -> Mapping[str, tuple[str, ...]]:
    """The codes of the teams to which a closed team's patients have gone, by its code. Raises CatalogueError."""
    teams = {code: team.organisation for code, team in stroke_teams().by_code.items()}
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for row in read_rows(_FOLDER / TEAM_MOVES, MOVE_COLUMNS):
        found[row.known("code", teams)] += (row.known("patients_to", teams),)
    return found


def read_stroke_teams(folder: Path, organisations: Mapping[str, Organisation]) -> StrokeTeams:
    """The teams of a folder, whose trusts are among `organisations`.

    Raises CatalogueError naming the file, line and column: for a code that is malformed, twice there or another
    organisation's, a name that two teams bear, a parent that is no trust, or two trusts on one day.
    """
    teams: dict[str, StrokeTeam] = {}
    codes: dict[str, str] = {}
    for row in read_rows(folder / TEAMS, TEAM_COLUMNS):
        team = _team(row)
        code = team.organisation.code
        if code in teams or code in organisations:
            raise row.fault("code", "a code of no other team or organisation")
        teams[code] = team
        for name in (team.organisation.name, *team.aliases):
            if codes.setdefault(name_key(name), code) != code:
                raise row.fault("name", f"a name of one team only, not also of {codes[name_key(name)]}")
    for code, parents in _parents(folder, teams, organisations).items():
        teams[code] = replace(
            teams[code], organisation=replace(teams[code].organisation, parents=tuple(parents))
        )
    return StrokeTeams(teams, codes)


def _team(row: CsvRow) -> StrokeTeam:
    opened_on, closed_on = row.day_or_none("opened_on"), row.day_or_none("closed_on")
    if opened_on and closed_on and closed_on < opened_on:
        raise row.fault("closed_on", f"a day from {opened_on}")
    if row.cells["country"] not in COUNTRIES:
        raise row.fault("country", f"one of {', '.join(sorted(COUNTRIES))}")
    name = row.text("name")
    if name != tidy_name(name):
        raise row.fault("name", "single spaces and straight apostrophes")
    return StrokeTeam(
        Organisation(row.code("code"), name, OrganisationType.STROKE_TEAM, opened_on, closed_on),
        tuple(alias for alias in row.cells["aliases"].split("|") if alias),
        row.cells["country"],
        row.code("site") if row.cells["site"] else "",
    )


def _parents(
    folder: Path, teams: Mapping[str, StrokeTeam], organisations: Mapping[str, Organisation]
) -> dict[str, list[Parent]]:
    parents: dict[str, list[Parent]] = defaultdict(list)
    for row in read_rows(folder / TEAM_PARENTS, ORGANISATION_COLUMNS[PARENTS]):
        if row.code("code") not in teams:
            raise row.fault("code", f"a code of {TEAMS}")
        trust = row.known("parent", organisations)
        if organisations[trust].type is not OrganisationType.TRUST:
            raise row.fault("parent", "a trust")
        parent = Parent(trust, row.day_or_none("effective_from"), row.day_or_none("effective_to"))
        before = parents[row.cells["code"]]
        if before and not _follows(before[-1], parent):
            raise row.fault("effective_from", f"a day after the team's time with {before[-1].code}")
        before.append(parent)
    return parents


def _follows(earlier: Parent, later: Parent) -> bool:
    """Whether one parent's time ends before the next one's begins."""
    if earlier.effective_to is None or later.effective_from is None:
        return False
    return earlier.effective_to < later.effective_from
