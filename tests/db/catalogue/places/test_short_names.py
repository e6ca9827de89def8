"""Short names: every organisation of the service by a name of its own, and what the rule makes of a new one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.catalogue import CatalogueError, load_catalogue
from db.catalogue.places import short_names as reviewed
from db.catalogue.places.short_names import (
    SHORT_NAMES,
    SHORTENED,
    names_in_little_room,
    read_short_names,
    short_names,
)
from db.domain import Organisation, OrganisationType

KNOWN = load_catalogue().organisations


def test_every_organisation_of_the_service_has_a_reviewed_name_of_its_own() -> None:
    assert set(short_names()) == {code for code, item in KNOWN.items() if item.type in SHORTENED}
    for kind, count in zip(SHORTENED, (271, 48, 107, 142, 7), strict=True):
        names = [name.casefold() for code, name in short_names().items() if KNOWN[code].type is kind]
        assert len(names) == len(set(names)) == count
    assert max(map(len, short_names().values())) <= 28
    for name in short_names().values():
        assert "NHS" not in name
        assert "Trust" not in name
        assert name == name.strip()
        assert "…" not in name


def test_a_name_is_no_others_place() -> None:
    """An acute trust and one of mental or community health of the same place are told apart."""
    for words in ("Leeds", "Sussex", "Lincolnshire", "Norfolk", "Birmingham", "Dorset"):
        own = [
            n
            for code, n in short_names().items()
            if n == words and KNOWN[code].type is OrganisationType.TRUST
        ]
        assert not own, words


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("10Q", "Oxfordshire"),
        ("15A", "Berkshire West"),
        ("70F", "West Sussex"),
        ("91Q", "Kent and Medway"),
        ("RVV", "East Kent"),
        ("RYR", "Sussex University Hospitals"),
        ("RJ1", "Guy's and St Thomas'"),
        ("S9B9J", "Surrey and Sussex"),
        ("99J", "West Kent"),
        ("Y59", "South East"),
    ],
)
def test_an_organisation_is_named_as_people_say_it(code: str, name: str) -> None:
    assert short_names()[code] == name


def called(name: str, kind: OrganisationType = OrganisationType.TRUST, *more: Organisation) -> str:
    new = Organisation("ZZ9", name, kind)
    return names_in_little_room([*KNOWN.values(), new, *more])["ZZ9"]


@pytest.mark.parametrize(
    ("name", "kind", "short"),
    [
        ("University Hospitals of Camelot NHS Foundation Trust", OrganisationType.TRUST, "Camelot"),
        ("The Lyonesse Hospitals University NHS Trust", OrganisationType.TRUST, "Lyonesse"),
        ("Avalon Ambulance Service NHS Trust", OrganisationType.TRUST, "Avalon Ambulance"),
        ("Blackpool Healthcare NHS Foundation Trust", OrganisationType.TRUST, "Blackpool Healthcare"),
        ("NHS Camelot and Lyonesse Integrated Care Board", OrganisationType.ICB, "Camelot and Lyonesse"),
        ("NHS Devon ICB - 99Z", OrganisationType.SUB_ICB_LOCATION, "Devon 99Z"),
        ("NHS Camelot CCG", OrganisationType.CCG, "Camelot"),
        ("CAMELOT SURGERY", OrganisationType.PRACTICE, "CAMELOT SURGERY"),
        ("Camelot District Council", OrganisationType.DISTRICT, "Camelot District Council"),
    ],
)
def test_a_new_organisation_has_the_rules_name(name: str, kind: OrganisationType, short: str) -> None:
    assert called(name, kind) == short


def test_a_proposal_that_another_bears_or_that_is_too_long_is_not_taken() -> None:
    long = "Camelot, Lyonesse, Avalon and Brocéliande Partnership NHS Trust"
    assert called(long) == long
    assert called("Blackpool NHS Trust") == "Blackpool NHS Trust"
    twin = Organisation("ZZ8", "Camelot Teaching Hospitals NHS Trust", OrganisationType.TRUST)
    assert (
        called("Camelot General Hospital NHS Trust", OrganisationType.TRUST, twin)
        == "Camelot General Hospital"
    )


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("70F,A name of more than twenty-eight letters", "name: wanted at most 28 letters"),
        ("10R,West Sussex", "name: wanted each name once"),
        ("RVL,east kent", "name: wanted each name once"),
        ("ZZZ,Nowhere", "code: wanted a code of organisations.csv"),
    ],
)
def test_a_wrong_row_is_refused_by_file_and_line(tmp_path: Path, extra: str, message: str) -> None:
    shutil.copy(Path(reviewed.__file__).with_name(SHORT_NAMES), tmp_path)
    with (tmp_path / SHORT_NAMES).open("a") as file:
        file.write(f"{extra}\n")
    with pytest.raises(CatalogueError, match=f"^short_names.csv, line 577, {message}"):
        read_short_names(tmp_path)
