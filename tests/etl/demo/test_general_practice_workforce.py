"""The demonstration edition of general practice workforce: its tables, its vintages and the whole way into a store."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from sqlalchemy import text

from db.catalogue import load_catalogue
from db.domain import FileState, Period
from db.settings import AreaSettings, FetchSettings, Settings, StoreSettings
from db.store import Store, open_store
from etl.demo.edition import published_at, run_demonstration
from etl.demo.general_practice_workforce.columns import detailed_columns, original_columns, series_columns
from etl.demo.general_practice_workforce.publisher import WorkforcePublisher, WorkforceRelease
from etl.demo.general_practice_workforce.staff import Surgeries
from etl.demo.general_practice_workforce.tables import Vintage, practice_table
from etl.demo.publication import Part, Size
from etl.demo.server import served
from etl.pipeline.run import RunSummary
from etl.reading.demonstration_mark import is_demonstration
from etl.registry import source_by_id
from etl.source import Hints, RawFile

TODAY = date(2026, 11, 21)
SOURCE = "general_practice_workforce"
NEIGHBOURHOOD = frozenset({"QKS", "QKK", "QNX", "QXU", "S9B9J"})
NO_RETURN = {"NA", "ND"}
DEFINITIONS = {
    "gp-all-fte-rate": "TOTAL_GP_FTE",
    "gp-fully-qualified-fte-rate": "TOTAL_GP_EXTG_FTE",
    "gp-qualified-permanent-fte-rate": "TOTAL_GP_EXTGL_FTE",
}
Row = dict[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small edition with all its years; beside it (`of_the_year`) as it stood when only the newest was out."""
    made = tmp_path_factory.mktemp("workforce") / "whole"
    publisher = WorkforcePublisher(made, load_catalogue(), TODAY, Size.SMALL)
    assert list(publisher.newest()) == [TODAY]
    copytree(made, of_the_year(made))
    assert len(list(publisher.older())) == 1
    return made


def of_the_year(whole: Path) -> Path:
    return whole.with_name("of-the-year")


@pytest.fixture(scope="module")
def surgeries() -> Surgeries:
    return Surgeries(load_catalogue(), Period.month(2026, 9), 7, NEIGHBOURHOOD)


def lines_of(path: Path) -> io.StringIO:
    """The detailed table of a zip, for the plain csv module."""
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("Detailed.csv"))
        return io.StringIO(archive.read(name).decode(), newline="")


@pytest.fixture(scope="module")
def newest(folder: Path) -> list[Row]:
    (path,) = folder.rglob("GPWPracticeCSV.092026-*.zip")
    return list(csv.DictReader(lines_of(path)))


def hours(row: Row, columns: list[str]) -> int:
    return sum(round(float(row[column]) * 37.5) for column in columns)


# Columns


def test_the_detailed_table_has_the_publishers_805_columns() -> None:
    columns = detailed_columns()
    assert len(columns) == len(set(columns)) == 805
    assert columns[10:14] == ("TOTAL_PATIENTS", "TOTAL_MALE", "TOTAL_FEMALE", "TOTAL_UNKNOWN_GENDER")
    # Places in the definitions workbook, counting from 1.
    places = {"TOTAL_GP_HC": 33, "TOTAL_GP_FTE": 87, "TOTAL_NURSES_HC": 320, "TOTAL_NURSES_FTE": 350}
    places |= {"TOTAL_DPC_FTE": 539, "TOTAL_ADMIN_FTE": 728, "TOTAL_ADMIN_FTE_UNKNOWN_AGE": 805}
    assert {name: columns.index(name) + 1 for name in places} == places


@pytest.mark.real_data
def test_the_columns_are_those_of_the_definitions_workbook(shared_data: Path) -> None:
    from openpyxl import load_workbook

    (path,) = (shared_data / "workforce/layout").glob("0 *Detailed*.xlsx")
    with closing(load_workbook(path, read_only=True)) as book:
        rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert detailed_columns() == tuple(row[1] for row in rows)


def test_older_layouts_lack_what_they_lacked() -> None:
    groups, boards = series_columns(boards=False), series_columns(boards=True)
    assert "CCG_CODE" in groups
    assert "SUB_ICB_CODE" not in groups
    assert {"SUB_ICB_CODE", "ICB_CODE"} < set(boards)
    assert "TOTAL_UNKNOWN_GENDER" not in {*groups, *boards}
    assert {"TOTAL_GP_EXR_FTE", "TOTAL_GP_EXRRL_FTE", "TOTAL_GP_REG_ST1_4_FTE"} < set(original_columns())
    assert not any("EXTG" in name for name in original_columns())


# Figures


def test_roles_add_up_to_every_definition_of_gps(newest: list[Row]) -> None:
    permanent = ["SEN_PTNR", "PTNR_PROV", "SAL_BY_PRAC", "SAL_BY_OTH", "RET"]
    locums = ["LOCUM_VAC", "LOCUM_ABS", "LOCUM_OTH"]
    trainees = [f"TRN_GR_{name}" for name in ("ST1", "ST2", "ST3", "ST4", "OTH", "F1_2")]
    sums = {
        "TOTAL_GP_FTE": permanent + locums + trainees,
        "TOTAL_GP_EXTG_FTE": permanent + locums,
        "TOTAL_GP_EXL_FTE": permanent + trainees,
        "TOTAL_GP_EXTGL_FTE": permanent,
    }
    own = [row for row in newest if row["TOTAL_GP_FTE"] not in NO_RETURN]
    assert len(own) > 500
    for row in own:
        for total, roles in sums.items():
            assert hours(row, [total]) == hours(row, [f"TOTAL_GP_{role}_FTE" for role in roles])


def test_nurses_and_patients_add_up(newest: list[Row]) -> None:
    roles = [name for name in newest[0] if name.startswith("TOTAL_N_") and name.endswith("_FTE")]
    ages = [name for name in newest[0] if "_PATIENTS_" in name]
    assert (len(roles), len(ages)) == (9, 14)
    for row in newest:
        if row["TOTAL_NURSES_FTE"] not in NO_RETURN:
            assert hours(row, ["TOTAL_NURSES_FTE"]) == hours(row, roles)
        assert sum(int(row[name]) for name in ages) == int(row["TOTAL_PATIENTS"]) > 0
        assert int(row["TOTAL_MALE"]) + int(row["TOTAL_FEMALE"]) == int(row["TOTAL_PATIENTS"])


def test_practices_without_a_return_say_so_in_every_column_of_the_group(newest: list[Row]) -> None:
    without = [row for row in newest if row["GP_SOURCE"].startswith("Fully estimated")]
    assert 0 < len(without) < 0.05 * len(newest)
    gps = [name for name in newest[0] if name.startswith("TOTAL_GP_") and newest[0][name] != ""]
    for row in newest:
        coded = {row[name] == "NA" for name in gps}
        assert coded == {row in without}


def test_kent_is_short_of_gps_and_near_the_average_for_nurses() -> None:
    england = Surgeries(load_catalogue(), Period.month(2026, 9), 20_231_001).snapshot(Period.month(2026, 9))
    kent = [place.board == "QKS" for place in england.places]
    assert 6_000 < len(england.codes) < 6_500
    patients = england.patients
    short = {}
    for group, staff in (
        ("gps", england.gp_hours[:, :8].sum(axis=1)),
        ("nurses", england.nurse_hours.sum(axis=1)),
    ):
        rate = staff.sum() / patients.sum()
        short[group] = (rate * patients[kent].sum() - staff[kent].sum()) / 37.5
    assert 100 < short["gps"] < 150
    assert abs(short["nurses"]) < 15


# Vintages


def test_each_vintage_parses_to_the_same_fully_qualified_gps(surgeries: Surgeries) -> None:
    """One set of practices in the layouts of 2019, 2021 and 2022: what trainees are called makes no difference."""
    month = Period.month(2019, 9)
    catalogue, source = load_catalogue(), source_by_id(SOURCE)
    name = "General Practice – September 2019 Practice Level.csv"
    sums = {}
    for vintage in (Vintage.BOARDS, Vintage.COMMISSIONING_GROUPS, Vintage.ORIGINAL):
        content = practice_table(surgeries.snapshot(month), catalogue, vintage)
        frame = source.parse(RawFile(name, content), Hints()).frame
        whole = frame[frame["breakdown"] == "all"].groupby("indicator", observed=True)["numerator"].sum()
        sums[vintage] = {key: round(whole[key] * 37.5) for key in DEFINITIONS}
    snapshot = surgeries.snapshot(month)
    own = snapshot.gp_hours[~snapshot.no_gps]
    expected = {
        "gp-all-fte-rate": own.sum(),
        "gp-fully-qualified-fte-rate": own[:, :8].sum(),
        "gp-qualified-permanent-fte-rate": own[:, :5].sum(),
    }
    assert sums == dict.fromkeys(sums, expected)


def test_practices_without_a_return_are_nd_or_nothing_before_2023(surgeries: Surgeries) -> None:
    snapshot = surgeries.snapshot(Period.month(2019, 9), original=True)
    content = practice_table(snapshot, load_catalogue(), Vintage.ORIGINAL).decode()
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    without = [row for row, missing in zip(rows, snapshot.no_nurses, strict=True) if missing]
    assert Counter(row["TOTAL_NURSES_FTE"] for row in without).keys() == {"ND", "0"}
    frame = (
        source_by_id(SOURCE)
        .parse(RawFile("General Practice September 2019 Practice Level.csv", content.encode()), Hints())
        .frame
    )
    nurses = frame[(frame["indicator"] == "gp-nurse-fte-rate") & (frame["breakdown"] == "all")]
    missing = nurses[nurses["numerator"].isna()]
    assert len(missing) >= len(without)
    assert {row["PRAC_CODE"] for row in without} <= set(missing["organisation"])
    assert missing["missing_reason"].str.startswith("no valid return").all()


def test_places_are_those_of_the_day(surgeries: Surgeries) -> None:
    former = {"09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J"}
    in_2019, in_2021, in_2023 = (
        {place.commissioner for place in surgeries.snapshot(Period.month(year, 9)).places}
        for year in (2019, 2021, 2023)
    )
    assert former < in_2019
    assert "91Q" not in in_2019
    assert "91Q" in in_2021 & in_2023
    assert not former & in_2021
    boards = {place.board for place in surgeries.snapshot(Period.month(2021, 9)).places}
    assert boards == {""}
    later = surgeries.snapshot(Period.month(2021, 9), placed_on=date(2022, 7, 31)).places
    assert {place.board for place in later if place.commissioner == "91Q"} == {"QKS"}


def test_the_standard_edition_has_the_vintages() -> None:
    publisher = WorkforcePublisher(Path(), load_catalogue(), TODAY)
    releases = {
        release.zip_name.removesuffix("-DEMONSTRATION.zip"): release for release in publisher.releases()
    }
    original, groups = releases["GPWPracticeCSV.0919"], releases["GPWPracticeCSV.062021"]
    boards = releases["GPWFPracticeCSVpt2.072022"]
    assert original.months == (Period.month(2019, 9),)
    assert (groups.months[0], groups.months[-1]) == (Period.month(2019, 9), Period.month(2021, 6))
    assert (boards.months[0], boards.months[-1]) == (Period.month(2021, 6), Period.month(2022, 7))
    assert original.published_on < groups.published_on < boards.published_on
    assert releases["GPWPracticeCSV.122022"].vintage is Vintage.BOARDS
    assert releases["GPWPracticeCSV.032023"].vintage is Vintage.DETAILED
    newest = [release.month for release in publisher.releases()][-4:]
    assert newest == [Period.month(2026, month) for month in (6, 7, 8, 9)]


def test_the_national_edition_is_of_ten_years_and_every_month_since_july_2021() -> None:
    publisher = WorkforcePublisher(Path(), load_catalogue(), TODAY, Size.NATIONAL)
    months = {month for release in publisher.releases() for month in release.months}
    assert min(months) == Period.month(2015, 9)
    assert {
        Period.month(number // 12, number % 12 + 1) for number in range(2021 * 12 + 6, 2026 * 12 + 9)
    } < months


def test_months_come_out_on_the_fourth_thursday() -> None:
    publisher = WorkforcePublisher(Path(), load_catalogue(), date(2026, 10, 21))
    assert publisher.last == Period.month(2026, 8)
    assert WorkforcePublisher(Path(), load_catalogue(), date(2026, 10, 22)).last == Period.month(2026, 9)
    june = WorkforceRelease(Period.month(2021, 6), (), Vintage.COMMISSIONING_GROUPS)
    # The edition of June 2021 came out in August.
    assert june.published_on == date(2021, 8, 26)


# The publisher's site and the mark


def test_the_pages_lead_to_the_files_of_the_year(folder: Path) -> None:
    source = source_by_id(SOURCE)
    with (
        served(of_the_year(folder)) as address,
        httpx.Client(trust_env=False, follow_redirects=True) as client,
    ):
        at = published_at(source, address)
        discovery = source.discover(lambda url: client.get(url).text, at.landing_url, TODAY)
        assert all(client.get(file.url).content.startswith(b"PK") for file in discovery.files)
    assert discovery.findings == ()
    months = ("122025", "032026", "062026", "072026", "082026", "092026")
    assert [file.name for file in discovery.files] == [
        f"GPWPracticeCSV.{month}-DEMONSTRATION.zip" for month in months
    ]
    assert discovery.files[-1].hints.published_on == date(2026, 10, 22)


def test_every_zip_and_every_table_inside_is_known_for_invented(folder: Path) -> None:
    found = list(folder.rglob("*.zip"))
    assert len(found) == 10
    for path in found:
        assert is_demonstration(RawFile("renamed.zip", path.read_bytes()))
    with zipfile.ZipFile(found[0]) as archive:
        assert len(archive.namelist()) == 4
        for name in archive.namelist():
            assert is_demonstration(RawFile("renamed", archive.read(name)))
            lines = archive.read(name).splitlines()
            if name.endswith(".csv"):
                assert is_demonstration(RawFile("part.csv", lines[0] + b"\r\n" + lines[77]))


def test_another_zip_of_tables_is_not_marked() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "1 General Practice – April 2025 Practice Level - Detailed.csv", "PRAC_CODE,PRAC_NAME\n"
        )
    assert not is_demonstration(RawFile("GPWPracticeCSV.042025.zip", content.getvalue()))


# The whole way


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, RunSummary]]:
    made = tmp_path_factory.mktemp("store")
    store = open_store(f"sqlite:///{made}/store.sqlite")
    area = AreaSettings(name="Kent and Medway", commissioner="QKS", trusts=("RVV",))
    settings = Settings.model_construct(
        area=area, store=StoreSettings(raw_folder=made / "raw"), fetch=FetchSettings(), schedules={}
    )
    summaries = [
        run_demonstration(store, settings=settings, size=Size.SMALL, part=part, sources=[SOURCE], today=TODAY)
        for part in (Part.NEWEST, Part.OLDER)
    ]
    yield store, summaries[0]
    store.close()


def test_the_newest_year_comes_first(loaded: tuple[Store, RunSummary]) -> None:
    store, summary = loaded
    assert not summary.failed, [result.message for result in summary.results]
    assert [result.state for result in summary.results] == [FileState.LOADED] * 6
    periods = [period for result in summary.results for period in result.periods]
    assert periods[-1] == Period.snapshot(date(2026, 9, 30))
    with store.reading() as connection:
        runs = connection.execute(text("SELECT state, trigger FROM load_run")).all()
        marks = connection.execute(text("SELECT demonstration FROM source_file")).scalars().all()
    assert [tuple(run) for run in runs] == [("succeeded", "demonstration")] * 2
    assert [bool(mark) for mark in marks] == [True] * 10
    publisher = WorkforcePublisher(Path(), store.catalogue, TODAY, Size.SMALL)
    assert [publisher.files_in(part) for part in (Part.NEWEST, Part.OLDER)] == [6, 4]


def test_stored_rates_are_those_added_up_from_the_files(
    loaded: tuple[Store, RunSummary], folder: Path
) -> None:
    """England's and the board's, by both definitions of GPs (fully qualified, all) and of the permanent."""
    expected: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for path in folder.rglob("*.zip"):
        month, year = path.name[15:17], path.name[17:21]
        table = csv.reader(lines_of(path))
        places = {name: place for place, name in enumerate(next(table))}
        for row in table:
            if row[places["TOTAL_GP_FTE"]] in NO_RETURN:
                continue
            for organisation in {"ENG", row[places["ICB_CODE"]]} & {"ENG", "QKS"}:
                for indicator, column in DEFINITIONS.items():
                    sums = expected[organisation, indicator, f"{year}-{month}"]
                    sums[0] += float(row[places[column]])
                    sums[1] += float(row[places["TOTAL_PATIENTS"]])
    query = text(
        "SELECT o.code, i.code AS indicator, p.end AS day, v.numerator, v.denominator FROM observation v "
        "JOIN indicator i ON i.id = v.indicator_id JOIN breakdown b ON b.id = v.breakdown_id "
        "JOIN organisation o ON o.id = v.organisation_id JOIN period p ON p.id = v.period_id "
        "WHERE b.key = 'all' AND o.code IN ('ENG', 'QKS')"
    )
    store, _ = loaded
    with store.reading() as connection:
        rows = connection.execute(query).all()
    found = {
        (row.code, row.indicator, str(row.day)[:7]): row.numerator / row.denominator
        for row in rows
        if row.indicator in DEFINITIONS
    }
    assert len(found) == 2 * 3 * 10
    assert found == pytest.approx(
        {key: fte / patients for key, (fte, patients) in expected.items()}, rel=1e-9
    )
    assert all(0.0003 < rate < 0.0007 for rate in found.values())
