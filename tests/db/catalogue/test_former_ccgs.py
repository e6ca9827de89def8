"""Practices in their CCG at 31 March 2020: the catalogue's file, how it is made again, and what is refused."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from db.catalogue import FOLDER, CatalogueError, load_catalogue
from db.catalogue.former_ccgs import FORMER_CCGS, practice_former_ccgs, read_former_ccgs
from db.catalogue.quoted_claims import QUOTED_CLAIMS, quoted_claims, read_quoted_claims
from db.domain import Organisation, OrganisationType, Succession, SuccessionKind
from etl.reference.former_ccgs import (
    PracticeFiles,
    find_practice_files,
    place_practices,
    regenerate_former_ccgs,
)
from etl.source import LayoutError

KENT = {"09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J"}
CATALOGUE = {
    code: Organisation(code, code, kind, closed_on=closed_on)
    for code, kind, closed_on in (
        ("09C", OrganisationType.CCG, date(2020, 3, 31)),
        ("15N", OrganisationType.CCG, date(2020, 3, 31)),
        ("99P", OrganisationType.CCG, date(2019, 3, 31)),
        ("13W", OrganisationType.CCG, date(2016, 3, 31)),
        ("00L", OrganisationType.SUB_ICB_LOCATION, None),
        ("13Q", OrganisationType.COMMISSIONING_HUB, None),
    )
}
SUCCESSIONS = (
    Succession("99P", "15N", date(2019, 4, 1), SuccessionKind.MERGER),
    Succession("09C", "91Q", date(2020, 4, 1), SuccessionKind.MERGER),
    Succession("13W", "15N", date(2016, 4, 1), SuccessionKind.TRANSFER),
)


def line(code: str, commissioner: str, setting: str = "4") -> list[str]:
    fields = [""] * 27
    fields[0], fields[1], fields[12], fields[14], fields[25] = code, "THE SURGERY", "A", commissioner, setting
    return fields


@pytest.fixture
def ods(tmp_path: Path) -> Callable[..., Path]:
    def write(month: str, *lines: list[str]) -> Path:
        path = tmp_path / "epraccur" / month / "epraccur.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(lines)
        return path

    return write


def placed(folder: Path) -> dict[str, tuple[str, str]]:
    found = place_practices(find_practice_files(folder), CATALOGUE, SUCCESSIONS)
    return {code: (item.ccg, item.placed_by) for code, item in found.items()}


def test_the_last_file_before_the_day_places_a_practice_and_earlier_ones_what_it_no_longer_holds(
    tmp_path: Path, ods: Callable[..., Path]
) -> None:
    ods("2018-08", line("G82001", "00L"), line("G82002", "99P"), line("G82003", "00L"))
    ods(
        "2019-12",
        line("G82001", "09C"),
        line("Y00001", "09C", "1"),
        line("P00001", "13Q"),
        line("W00001", "7A1"),
    )
    ods("2024-01", line("G82001", "00L"), line("G82009", "09C"))
    assert placed(tmp_path) == {
        "G82001": ("09C", "practice file"),
        "G82002": ("15N", "practice file, CCG since merged"),
        "G82003": ("00L", "practice file"),
    }


def test_a_ccg_that_was_split_places_nobody(tmp_path: Path, ods: Callable[..., Path]) -> None:
    ods("2015-05", line("G82001", "13W"))
    assert placed(tmp_path) == {}


def test_a_successor_is_where_all_its_predecessors_were(tmp_path: Path, ods: Callable[..., Path]) -> None:
    ods("2019-12", line("G82001", "09C"), line("G82002", "09C"), line("G82003", "00L"))
    successors = tmp_path / "successors" / "succ.csv"
    successors.parent.mkdir()
    successors.write_text(
        "old_code,new_code,date\nG82011,G82021,2023-04-01\nG82001,G82011,2021-04-01\nG82002,G82011,2021-04-01\n"
        "G82001,G82012,2021-04-01\nG82003,G82012,2021-04-01\nG82099,G82013,2021-04-01\nG82003,G82001,2021-04-01\n"
    )
    found = placed(tmp_path)
    assert found["G82011"] == found["G82021"] == ("09C", "succession of the practice")
    assert "G82012" not in found, "from two CCGs"
    assert "G82013" not in found, "from a practice that nobody placed"
    assert found["G82001"] == ("09C", "practice file")


def test_the_same_files_give_the_same_bytes_and_a_zip_is_read_like_its_table(
    tmp_path: Path, ods: Callable[..., Path]
) -> None:
    plain = ods("2019-12", line("G82002", "09C"), line("G82001", "09C"))
    zipped = tmp_path / "epraccur.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(plain, "epraccur.csv")
        archive.writestr("epraccur.pdf", b"%PDF")
    texts = []
    for number, path in enumerate((plain, zipped)):
        out = tmp_path / f"out{number}"
        assert (
            regenerate_former_ccgs(PracticeFiles(((date(2019, 12, 1), path),)), out, CATALOGUE, SUCCESSIONS)
            == 2
        )
        texts.append((out / FORMER_CCGS).read_bytes())
    assert texts[0] == texts[1]
    assert texts[0] == b"practice,ccg,placed_by\nG82001,09C,practice file\nG82002,09C,practice file\n"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([["G82001", "THE SURGERY"]], r"epraccur\.csv, line 1: wanted 27 fields, found 2"),
        ([line("surgery", "09C")], "line 1, field 1: wanted a practice code, found 'surgery'"),
    ],
)
def test_a_wrong_practice_file_is_refused_by_file_and_line(
    tmp_path: Path, ods: Callable[..., Path], lines: list[list[str]], words: str
) -> None:
    ods("2019-12", *lines)
    with pytest.raises(LayoutError, match=words):
        placed(tmp_path)


def test_folders_without_a_practice_file_of_the_time_are_refused(
    tmp_path: Path, ods: Callable[..., Path]
) -> None:
    ods("2024-01", line("G82001", "91Q"))
    with pytest.raises(LayoutError, match="of 2020-03-31 or before, found none"):
        find_practice_files(tmp_path)
    ods("latest", line("G82001", "91Q"))
    with pytest.raises(LayoutError, match="wanted a month as yyyy-mm, found 'latest'"):
        find_practice_files(tmp_path)


def test_the_catalogue_places_all_of_england_in_ccgs_that_it_knows() -> None:
    ccgs, organisations = practice_former_ccgs(), load_catalogue().organisations
    assert len(ccgs) > 8_000
    assert len(set(ccgs.values())) == 191, "the CCGs of England in 2019/20"
    for code in set(ccgs.values()):
        closed_on = organisations[code].closed_on
        assert closed_on is None or closed_on >= date(2020, 3, 31)
    assert set(Counter(ccgs.values())) >= KENT
    assert (ccgs["G82049"], ccgs["G82011"]) == ("09C", "09W")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("practice,ccg\nG82001,09C\n", "line 1: wanted practice,ccg,placed_by"),
        (
            "practice,ccg,placed_by\nG82001,09C,x\nG82001,09C,x\n",
            "line 3, practice: wanted each practice once",
        ),
        ("practice,ccg,placed_by\nG82001,,x\n", "line 2, ccg: wanted an ODS code"),
        ("practice,ccg,placed_by\nG82001,09C,\n", "line 2, placed_by: wanted some text"),
    ],
)
def test_a_wrong_file_of_the_catalogue_is_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / FORMER_CCGS).write_text(text)
    with pytest.raises(CatalogueError, match=words):
        read_former_ccgs(tmp_path)


@pytest.mark.real_data
def test_the_catalogues_file_is_what_the_real_files_give(shared_data: Path, tmp_path: Path) -> None:
    catalogue = load_catalogue()
    files = find_practice_files(shared_data / "reference")
    regenerate_former_ccgs(files, tmp_path, catalogue.organisations, catalogue.successions)
    assert (tmp_path / FORMER_CCGS).read_bytes() == (FOLDER / FORMER_CCGS).read_bytes()


@pytest.mark.real_data
def test_every_kent_practice_of_2026_is_placed_and_few_of_england_are_not(shared_data: Path) -> None:
    ccgs = practice_former_ccgs()
    path = shared_data / "workforce/patients-registered/2025-26/PracPopFeb26.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kent = [ccgs.get(row["CODE"]) for row in rows if row["SUB_ICB_LOCATION_CODE"] == "91Q"]
    assert len(kent) == 175
    assert Counter(kent) == {
        "99J": 48,
        "09W": 32,
        "10A": 25,
        "09J": 21,
        "09E": 14,
        "10E": 13,
        "10D": 12,
        "09C": 10,
    }
    nowhere = [row for row in rows if row["CODE"] not in ccgs]
    assert (len(rows), len(nowhere)) == (6_169, 19)
    assert sum(int(row["NUMBER_OF_PATIENTS"]) for row in nowhere) == 114_324


def test_quoted_claims_are_words_with_a_source_and_set_beside_known_indicators() -> None:
    claims = read_quoted_claims(FOLDER, load_catalogue().indicators)
    assert claims == quoted_claims()
    assert [(claim.id, claim.shortfall) for claim in claims] == [
        ("case-for-change-gps", 245),
        ("case-for-change-nurses", 37),
        ("restated-gps", 181),
        ("restated-nurses", 27),
    ]
    assert {claim.organisation for claim in claims} == {"QKS"}
    assert [claim.reproduces for claim in claims] == ["no", "no", "no", "yes"]
    assert all(claim.source_url.startswith("https://kentandmedway.nhs.uk/") for claim in claims)
    assert not load_catalogue().indicators.keys() & {claim.id for claim in claims}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("shortfall = 245", "shortfall = 246", "case-for-change-gps: wanted the number 246 in its own words"),
        ("shortfall = 245", "shortfall = -5", r"claims\.0\.shortfall"),
        ('id = "restated-gps"', 'id = "restated-nurses"', "restated-nurses: wanted each id once"),
        ("said_on = 2017-03-24", "", "wanted said_on or said_in"),
        (
            'indicator = "gp-all-fte-rate"',
            'indicator = "gps"',
            "wanted an indicator of the catalogue, found 'gps'",
        ),
        ("[[claims]]", "[[claims", "cannot be read as TOML"),
    ],
)
def test_a_wrong_claim_is_refused_by_its_id(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (FOLDER / QUOTED_CLAIMS).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / QUOTED_CLAIMS).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError, match=words):
        read_quoted_claims(tmp_path, load_catalogue().indicators)
