"""Making the catalogue's organisations from ODS files."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from db.catalogue import FOLDER, CatalogueError, earlier_names, load_catalogue
from db.catalogue.organisation_files import ORGANISATION_COLUMNS, read_organisations
from db.domain import OrganisationType, SuccessionKind
from etl.__main__ import application
from etl.reference.disagreements import disagreements
from etl.reference.ods import find_files, read_ods, readable_name
from etl.reference.organisations import regenerate_organisations
from etl.source import LayoutError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "EAST KENT HOSPITALS UNIVERSITY NHS FOUNDATION TRUST",
            "East Kent Hospitals University NHS Foundation Trust",
        ),
        ("NHS KENT AND MEDWAY ICB - 91Q", "NHS Kent and Medway ICB - 91Q"),
        ("NHS FRIMLEY ICB - D4U1Y", "NHS Frimley ICB - D4U1Y"),
        ("NHS NORTH EAST LONDON ICB - A3A8R", "NHS North East London ICB - A3A8R"),
        ("NHS DARTFORD, GRAVESHAM AND SWANLEY CCG", "NHS Dartford, Gravesham and Swanley CCG"),
        ("NHS HARTLEPOOL AND STOCKTON-ON-TEES CCG", "NHS Hartlepool and Stockton-on-Tees CCG"),
        ("NHS CENTRAL LONDON (WESTMINSTER) CCG", "NHS Central London (Westminster) CCG"),
        (
            "ST GEORGE'S UNIVERSITY HOSPITALS NHS FOUNDATION TRUST",
            "St George's University Hospitals NHS Foundation Trust",
        ),
        ("GUY'S AND ST THOMAS' NHS FOUNDATION TRUST", "Guy's and St Thomas' NHS Foundation Trust"),
        ("THE ROYAL MARSDEN NHS FOUNDATION TRUST", "The Royal Marsden NHS Foundation Trust"),
        ("BARTS AND THE LONDON NHS TRUST", "Barts and the London NHS Trust"),
        (
            "THE NEWCASTLE UPON TYNE HOSPITALS NHS FOUNDATION TRUST",
            "The Newcastle upon Tyne Hospitals NHS Foundation Trust",
        ),
        (
            "THE QUEEN ELIZABETH HOSPITAL, KING'S LYNN, NHS FOUNDATION TRUST",
            "The Queen Elizabeth Hospital, King's Lynn, NHS Foundation Trust",
        ),
        ("EAST OF ENGLAND - H&J COMMISSIONING HUB", "East of England - H&J Commissioning Hub"),
        ("NATIONAL COMMISSIONING HUB 1", "National Commissioning Hub 1"),
        ("2GETHER NHS FOUNDATION TRUST", "2gether NHS Foundation Trust"),
        ("THE MCDONALD HOSPITAL OF BATH", "The McDonald Hospital of Bath"),
        ("NHS BIRMINGHAM CROSSCITY CCG", "NHS Birmingham CrossCity CCG"),
    ],
)
def test_a_name_in_capitals_becomes_readable(text: str, wanted: str) -> None:
    assert readable_name(text) == wanted


def ods(*fields: str, closed: str = "", roles: str = "") -> str:
    """A row of 27 fields: code, name, region, ICB and opening day as given, the rest empty."""
    *named, opened = fields
    cells = [*named, *[""] * 6, opened, closed, "", roles, *[""] * 13]
    return ",".join(f'"{cell}"' for cell in cells) + "\r\n"


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A small country: two boards merge on 1 April 2026, three CCGs became one, two trusts became one."""
    texts = {
        "etr/2018-08/etr.csv": ods("RAA", "OLD NAME NHS TRUST", "Y57", "Q81", "20000401")
        + ods("RBB", "TAKEN OVER NHS TRUST", "Y57", "Q81", "20000401")
        + ods("7XX", "CARDIFF NHS TRUST", "W00", "", "20000401"),
        "etr/2025-12/etr.csv": ods("RAA", "NEW NAME NHS TRUST", "Y59", "QAA", "20000401")
        + ods("RBB", "TAKEN OVER NHS TRUST", "Y59", "QAA", "20000401", closed="20201231"),
        "etr/2026-04/etr.csv": ods("RAA", "NEW NAME NHS TRUST", "Y59", "N3W0X", "20000401")
        + ods("RBB", "TAKEN OVER NHS TRUST", "Y59", "N3W0X", "20000401", closed="20201231"),
        "eccg/2025-12/eccg.csv": ods("01A", "NHS ONE CCG", "Y59", "QAA", "20130401", closed="20200331")
        + ods("01B", "NHS TWO CCG", "Y59", "QAA", "20130401", closed="20200331")
        + ods("11A", "NHS A ICB - 11A", "Y59", "QAA", "20200401", roles="RO319")
        + ods("11B", "NHS B ICB - 11B", "Y59", "QBB", "20130401", roles="RO319|RO326")
        + ods("13Q", "NATIONAL COMMISSIONING HUB 1", "Y63", "QWO", "20130401", roles="RO218")
        + ods("P1A2B", "PLACE - SUB-ICB REPORTING ENTITY", "Y59", "QAA", "20240401", roles="RO327"),
        "successors/successors.csv": "old_code,new_code,date\n01A,11A,2020-04-01\n01B,11A,2020-04-01\n"
        "RBB,RAA,2021-01-01\nZZZ,RAA,1999-04-01\n",
        "lookups/icb_names_codes_dec_2024.csv": "ICB24CD,ICB24CDH,ICB24NM\nE1,QAA,NHS A Integrated Care Board\n"
        "E2,QBB,NHS B Integrated Care Board\n",
        "lookups/SICBL_ICB_ISDN.csv": "LOC22CDH,ICB22CDH,NHSER22CDH\n11A,QAA,Y59\n11B,QBB,Y59\n",
        "lookups/ccg_lad_lookup.csv": "CCG21CDH,CCG21NM\n11A,NHS A CCG\n11A,NHS A CCG\n11B,NHS B CCG\n",
        "reviewed/organisations.csv": "code,name,type,opened_on,closed_on,source\nENG,England,country,,,s\n"
        "Y59,South East,region,,,s\nQAA,,,,2026-03-31,s\nQBB,,,,2026-03-31,s\n"
        "N3W0X,NHS New Integrated Care Board,ICB,2026-04-01,,s\n",
        "reviewed/parents.csv": "code,parent,effective_from,effective_to,source\nY59,ENG,,,s\n"
        "N3W0X,Y59,2026-04-01,,s\n",
        "reviewed/successions.csv": "predecessor,successor,effective_on,kind,source\n"
        "QAA,N3W0X,2026-04-01,merger,s\nQBB,N3W0X,2026-04-01,merger,s\n",
        "reviewed/organisation_names.csv": "code,name,as_at,source\nY59,South,2018-03-31,s\n",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return tmp_path


def make(reference: Path) -> dict[str, list[list[str]]]:
    out = reference / "out"
    regenerate_organisations(find_files(reference), out, reference / "reviewed")
    return {
        name: list(csv.reader((out / name).read_text(encoding="utf-8").splitlines()))
        for name in ORGANISATION_COLUMNS
    }


def change(reference: Path, name: str, old: str, new: str) -> None:
    path = reference / name
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def test_organisations_carry_their_latest_name_and_their_days(reference: Path) -> None:
    rows = {row[0]: row[1:] for row in make(reference)["organisations.csv"][1:]}
    assert rows["RAA"] == ["New Name NHS Trust", "trust", "2000-04-01", ""]
    assert rows["RBB"] == ["Taken Over NHS Trust", "trust", "2000-04-01", "2020-12-31"]
    assert rows["11B"] == ["NHS B ICB - 11B", "sub-ICB location", "2013-04-01", ""]
    assert rows["01A"] == ["NHS One CCG", "CCG", "2013-04-01", "2020-03-31"]
    assert rows["13Q"][1] == "commissioning hub"
    assert rows["QAA"] == ["NHS A Integrated Care Board", "ICB", "2022-07-01", "2026-03-31"]
    assert not {"7XX", "P1A2B", "ZZZ"} & set(rows)
    assert list(rows) == sorted(rows)


def test_parents_change_when_boards_do(reference: Path) -> None:
    rows = make(reference)["parents.csv"][1:]
    assert [row[1:] for row in rows if row[0] == "RAA"] == [
        ["N3W0X", "2026-04-01", ""],
        ["QAA", "2022-07-01", "2026-03-31"],
        ["Y59", "", ""],
    ]
    assert [row[1:] for row in rows if row[0] == "RBB"] == [["Y59", "", ""]]
    assert [row[1:] for row in rows if row[0] == "11A"] == [
        ["N3W0X", "2026-04-01", ""],
        ["QAA", "2022-07-01", "2026-03-31"],
        ["Y59", "", "2022-06-30"],
    ]
    assert [row for row in rows if row[0] == "13Q"] == []


def test_successions_are_named_by_what_happened(reference: Path) -> None:
    rows = make(reference)["successions.csv"][1:]
    assert rows == [
        ["01A", "11A", "2020-04-01", "merger"],
        ["01B", "11A", "2020-04-01", "merger"],
        ["11A", "QAA", "2022-07-01", "rename"],
        ["11B", "QBB", "2022-07-01", "rename"],
        ["QAA", "N3W0X", "2026-04-01", "merger"],
        ["QBB", "N3W0X", "2026-04-01", "merger"],
        ["RBB", "RAA", "2021-01-01", "merger"],
    ]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ("01A,11A,2020-04-01\n", SuccessionKind.RENAME),
        ("01A,11A,2020-04-01\n01A,11B,2020-04-01\n", SuccessionKind.SPLIT),
        ("01A,11B,2020-04-01\n", SuccessionKind.MERGER),
        ("01A,11B,2016-04-01\n", SuccessionKind.TRANSFER),
    ],
)
def test_the_kind_follows_from_who_closed_and_who_opened(
    reference: Path, rows: str, kind: SuccessionKind
) -> None:
    (reference / "successors/successors.csv").write_text("old_code,new_code,date\n" + rows, encoding="utf-8")
    made = make(reference)["successions.csv"]
    assert {row[3] for row in made if row[0] == "01A"} == {kind.value}


def test_earlier_names_are_kept_with_the_day_they_were_seen(reference: Path) -> None:
    assert make(reference)["organisation_names.csv"][1:] == [
        ["11A", "NHS A CCG", "2021-04-01"],
        ["11B", "NHS B CCG", "2021-04-01"],
        ["RAA", "Old Name NHS Trust", "2018-08-01"],
        ["Y59", "South", "2018-03-31"],
    ]


def test_the_same_files_give_the_same_bytes(reference: Path) -> None:
    make(reference)
    first = {name: (reference / "out" / name).read_bytes() for name in ORGANISATION_COLUMNS}
    make(reference)
    assert first == {name: (reference / "out" / name).read_bytes() for name in ORGANISATION_COLUMNS}


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("etr/2026-04/etr.csv", '"RAA",', "", "etr.csv, line 1: wanted 27 fields, found 26"),
        ("etr/2026-04/etr.csv", '"RAA"', '"ra a"', "etr.csv, line 1, field 1: wanted an ODS code"),
        ("etr/2026-04/etr.csv", "NEW NAME NHS TRUST", "", "etr.csv, line 1, field 2: wanted a name"),
        (
            "etr/2026-04/etr.csv",
            "20000401",
            "01/04/00",
            "field 11: wanted a day as yyyymmdd, found '01/04/00'",
        ),
        ("etr/2026-04/etr.csv", '"RBB"', '"RAA"', "line 2, field 1: wanted each code once, found RAA"),
        (
            "etr/2026-04/etr.csv",
            "N3W0X",
            "N0N0N",
            "line 1, field 4: wanted an ICB of the lookup or of reviewed/",
        ),
        ("reviewed/organisations.csv", "QAA,,,,2026-03-31,s\n", "", "wanted the day on which RAA left QAA"),
        ("eccg/2025-12/eccg.csv", "RO218", "RO999", "field 14: wanted one of the roles .* found RO999"),
        ("successors/successors.csv", "2021-01-01", "1 Jan 2021", "row 4, date: wanted a day as yyyy-mm-dd"),
        ("lookups/icb_names_codes_dec_2024.csv", "ICB24NM", "NAME", "line 1: wanted ICB24NM"),
    ],
)
def test_a_changed_layout_is_refused_by_file_and_line(
    reference: Path, name: str, old: str, new: str, message: str
) -> None:
    change(reference, name, old, new)
    with pytest.raises(LayoutError, match=message):
        make(reference)
    assert not (reference / "out").exists()


def test_a_reviewed_fact_without_a_source_is_refused(reference: Path) -> None:
    change(reference, "reviewed/parents.csv", "Y59,ENG,,,s", "Y59,ENG,,,")
    with pytest.raises(CatalogueError, match=r"parents.csv, line 2, source: wanted some text"):
        make(reference)


def test_a_file_that_is_not_there_is_named(reference: Path) -> None:
    (reference / "lookups/ccg_lad_lookup.csv").unlink()
    with pytest.raises(LayoutError, match=r"lookups/ccg_lad_lookup\.csv"):
        find_files(reference)


def test_an_empty_ods_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "etr.csv"
    path.touch()
    with pytest.raises(LayoutError, match=r"etr.csv: wanted rows, found none"):
        read_ods(path)


# Real files


def test_a_reviewed_parent_of_a_trust_stands_instead_of_the_files(reference: Path) -> None:
    change(
        reference, "reviewed/parents.csv", "Y59,ENG,,,s\n", "Y59,ENG,,,s\nRAA,QBB,2022-07-01,2026-03-31,s\n"
    )
    assert [row for row in make(reference)["parents.csv"] if row[0] == "RAA"] == [
        ["RAA", "QBB", "2022-07-01", "2026-03-31"]
    ]


def test_a_trust_that_moved_apart_from_its_neighbours_is_listed(reference: Path) -> None:
    neighbours = [f"R{number:02}" for number in range(11)]
    for vintage, board in (("2018-08", "Q81"), ("2025-12", "QAA")):
        path = reference / f"etr/{vintage}/etr.csv"
        rows = "".join(ods(code, "A TRUST", "Y59", board, "20000401") for code in neighbours)
        path.write_text(path.read_text(encoding="utf-8") + rows, encoding="utf-8", newline="")
    moved = '"RAA","NEW NAME NHS TRUST","{}"'
    change(reference, "etr/2025-12/etr.csv", moved.format('Y59","QAA'), moved.format('Y56","QBB'))
    (found,) = disagreements(find_files(reference), (), reference / "reviewed")
    assert (found.code, found.earlier, found.later) == ("RAA", ("Y57", "Q81"), ("Y56", "QBB"))
    assert (found.earlier_day, found.later_day, found.reviewed) == (date(2018, 8, 1), date(2025, 12, 1), ())


@pytest.mark.real_data
def test_every_trust_whose_vintages_disagree_is_reviewed(shared_data: Path) -> None:
    files = find_files(shared_data / "reference")
    found = disagreements(files, load_catalogue().successions)
    assert {item.code: item.reviewed for item in found} == {"RPG": ("QKK", "Y56"), "RTX": ("QE1", "Y62")}
    finished = CliRunner().invoke(
        application,
        ["organisations", str(shared_data / "reference"), "--disagreements"],
        env={"COLUMNS": "200"},
    )
    assert finished.exit_code == 0
    assert "Y56/Q71 in August 2018, Y59/QKS in December 2025; reviewed: QKK, Y56" in finished.stdout


def test_oxleas_is_a_trust_of_south_east_london() -> None:
    known = load_catalogue().organisations
    kent = {code for code, item in known.items() if any(parent.code == "QKS" for parent in item.parents)}
    trusts = {code for code in kent if known[code].type is OrganisationType.TRUST}
    assert [parent.code for parent in known["RPG"].parents] == ["QKK", "Y56"]
    assert {"RVV", "RWF", "RPA", "RN7"} < trusts
    assert "RPG" not in trusts


@pytest.mark.real_data
def test_regenerating_gives_the_committed_files(shared_data: Path, tmp_path: Path) -> None:
    regenerate_organisations(find_files(shared_data / "reference"), tmp_path)
    for name in ORGANISATION_COLUMNS:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
    assert read_organisations(tmp_path)[0] == load_catalogue().organisations


@pytest.mark.real_data
def test_the_names_of_sub_icb_locations_are_those_of_the_ons(shared_data: Path) -> None:
    with (shared_data / "reference/lookups/SICBL_ICB_ISDN.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        wanted = {row["LOC22CDH"]: row["LOC22NM"] for row in csv.DictReader(file)}
    organisations = load_catalogue().organisations
    assert len(wanted) == 106
    assert {code: organisations[code].name for code in wanted} == wanted


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "column", "wanted"),
    [("ccg_2018_map", "ccg19nm", 191), ("ccg20", "ccg20nm", 135), ("ccg21", "CCG21NM", 106)],
)
def test_the_names_of_ccgs_are_those_of_the_ons(
    shared_data: Path, file: str, column: str, wanted: int
) -> None:
    text = (shared_data / f"reference/boundaries/{file}.geojson").read_text(encoding="utf-8")
    published = {feature["properties"][column] for feature in json.loads(text)["features"]}
    ours = {
        item.name for item in load_catalogue().organisations.values() if item.type is OrganisationType.CCG
    }
    ours |= {name.name for names in earlier_names().values() for name in names}
    assert len(published) == wanted
    assert published - ours == set()


def published_codes(paths: list[Path]) -> set[str]:
    """The codes under a heading such as ODS CODE (1) in every sheet of some workbooks."""
    codes: set[str] = set()
    for path in paths:
        workbook = CalamineWorkbook.from_path(path)
        for sheet in workbook.sheet_names:
            column = None
            for row in workbook.get_sheet_by_name(sheet).to_python():
                headings = [re.fullmatch(r"(ODS|CCG) CODE( \(\d\))?", str(cell).strip()) for cell in row]
                if any(headings):
                    column = next(number for number, heading in enumerate(headings) if heading)
                elif column is not None and row[column]:
                    codes.add(str(row[column]))
    return codes


@pytest.mark.real_data
def test_every_trust_and_commissioner_of_the_cancer_workbooks_is_known(shared_data: Path) -> None:
    folder = shared_data / "cancer"
    commissioners = [*folder.glob("*-COMMISSIONER-*.xlsx"), *folder.glob("nhs_commissioner_*.xlsx")]
    assert published_codes(commissioners) - set(load_catalogue().organisations) == {"UNKNOWN"}
    providers = published_codes(list(folder.glob("SEPTEMBER-2025-*PROVIDER-*.xlsx")))
    trusts = {code for code in providers if re.fullmatch(r"R[A-Z0-9]{2}", code)}
    assert len(trusts) > 110
    assert trusts - set(load_catalogue().organisations) == set()
    # Independent providers are not in the ODS files held: they become findings of the load.
    unknown = providers - set(load_catalogue().organisations)
    assert all(re.fullmatch(r"[ADGNS][A-Z0-9]{2,4}", code) for code in unknown)


@pytest.mark.real_data
def test_kents_ccgs_close_when_the_succession_file_says(shared_data: Path) -> None:
    with next((shared_data / "reference/successors").glob("*.csv")).open(
        encoding="utf-8", newline=""
    ) as file:
        eight = {row["old_code"] for row in csv.DictReader(file) if row["new_code"] == "91Q"}
    organisations = load_catalogue().organisations
    assert eight == {"09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J"}
    assert {organisations[code].closed_on for code in eight} == {date(2020, 3, 31)}
