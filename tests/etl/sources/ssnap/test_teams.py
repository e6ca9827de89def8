"""Our own table of stroke teams."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from db.catalogue import FOLDER, CatalogueError, load_catalogue
from db.catalogue.stroke_teams import (
    TEAM_COLUMNS,
    TEAM_PARENTS,
    TEAMS,
    code_from_name,
    read_stroke_teams,
    stroke_teams,
)
from db.domain import OrganisationType

HEAD = ",".join(TEAM_COLUMNS)
PARENT_HEAD = "code,parent,effective_from,effective_to"


def test_kents_teams_have_their_trusts_and_sites() -> None:
    teams = stroke_teams().by_code
    found = {
        code: (teams[code].organisation.parents[0].code, teams[code].site)
        for code in ("S148", "S196", "S182", "S198", "S294", "S235", "S178", "SPMEKQ")
    }
    assert found == {
        "S148": ("RN7", "RN707"),
        "S196": ("RWF", "RWF03"),
        "S182": ("RWF", "RWFTW"),
        "S198": ("RPA", "RPA02"),
        "S294": ("RVV", "RVV01"),
        "S235": ("RVV", "RVV09"),
        "S178": ("RVV", "RVVKC"),
        "SPMEKQ": ("RVV", "RVVKC"),
    }
    assert teams["S198"].organisation.closed_on == date(2020, 6, 30)
    assert teams["SPMEKQ"].organisation.opened_on == date(2020, 4, 1)


def test_every_team_is_a_stroke_team_whose_code_is_its_own() -> None:
    teams = stroke_teams().by_code
    catalogue = load_catalogue().organisations
    assert len(teams) == 404
    assert not set(teams) & {
        code for code, item in catalogue.items() if item.type is not OrganisationType.STROKE_TEAM
    }
    assert {team.organisation.type for team in teams.values()} == {OrganisationType.STROKE_TEAM}
    assert all(re.fullmatch(r"SC?\d{3}|S[A-Z]{5}", code) for code in teams)


def test_a_code_made_from_a_name_is_that_of_the_table() -> None:
    made = {
        code: team.organisation.name
        for code, team in stroke_teams().by_code.items()
        if re.fullmatch(r"S[A-Z]{5}", code)
    }
    assert len(made) == 36
    assert {code: code_from_name(name) for code, name in made.items()} == {code: code for code in made}
    assert code_from_name("Invicta  Ward Kent and Canterbury hospital ") == "SPMEKQ"


def test_names_are_found_whatever_their_spelling() -> None:
    teams = stroke_teams()
    walton = teams.by_code["S502"]
    assert teams.named("The Walton Centre Stroke Team") is walton
    assert teams.named("Walton Centre  Stroke Team ") is walton
    assert teams.named("King’s College Hospital HASU") == teams.named("King's College Hospital HASU")
    assert teams.named("No Such Team") is None


@pytest.mark.parametrize(
    ("teams", "parents", "message"),
    [
        ("S1,A,,England,,,,x", "", r"code: wanted an ODS code"),
        ("RVV,A,,England,,,,x", "", r"code: wanted a code of no other team or organisation"),
        ("S900,A,,Scotland,,,,x", "", r"country: wanted one of England"),
        ("S900,A  B,,England,,,,x", "", r"name: wanted single spaces"),
        ("S900,A,,England,,2020-01-01,2019-01-01,x", "", r"closed_on: wanted a day from 2020-01-01"),
        ("S900,A,,England,,,,x\nS901,B,a,England,,,,x", "", r"line 3, name: wanted a name of one team only"),
        ("S900,A,,England,,,,x", "S901,RVV,,", r"code: wanted a code of stroke_teams.csv"),
        ("S900,A,,England,,,,x", "S900,QKS,,", r"parent: wanted a trust"),
        (
            "S900,A,,England,,,,x",
            "S900,RVV,,\nS900,RN7,2020-01-01,",
            r"wanted a day after the team's time with RVV",
        ),
    ],
)
def test_a_fault_in_the_table_is_named(tmp_path: Path, teams: str, parents: str, message: str) -> None:
    (tmp_path / TEAMS).write_text(f"{HEAD}\n{teams}\n", encoding="utf-8")
    (tmp_path / TEAM_PARENTS).write_text(f"{PARENT_HEAD}\n{parents}\n" if parents else f"{PARENT_HEAD}\n")
    with pytest.raises(CatalogueError, match=message):
        read_stroke_teams(tmp_path, load_catalogue().organisations)


def test_the_tables_are_sorted_so_that_changes_show() -> None:
    lines = (FOLDER / TEAMS).read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(lines, key=lambda line: line.split(",")[0])
