"""The demonstration edition: its mark, its arithmetic, and the whole way into a store."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select, text

from db.catalogue import load_catalogue
from db.domain import FileState, Period
from db.loading.demonstration import DemonstrationError
from db.settings import AreaSettings, FetchSettings, Settings, StoreSettings
from db.store import Store, open_store
from db.store.schema import source_file
from etl.demo.cancer_waiting_times.patients import KENT
from etl.demo.cancer_waiting_times.publisher import (
    CancerPublisher,
    finalised_on,
    half_year,
    release_days,
    released_on,
)
from etl.demo.edition import published_at, run_demonstration
from etl.demo.publication import Part, Size
from etl.demo.server import served
from etl.demo.trusts import acute_trusts
from etl.demo.workbook import workbook
from etl.pipeline.run import RunSummary
from etl.reading.demonstration_mark import is_demonstration
from etl.registry import source_by_id
from etl.source import RawFile
from tests.support.releases import publish_in_turn

TODAY = date(2026, 11, 21)
AREA = AreaSettings(name="Kent and Medway", commissioner="QKS", trusts=KENT)
HEADLINES = {
    "FDS": "cancer-28-day-faster-diagnosis",
    "31D": "cancer-31-day-combined",
    "62D": "cancer-62-day-combined",
}
COUNTED = ("Total", "Within", "After")
Row = dict[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small edition as it stands after its second release."""
    made = tmp_path_factory.mktemp("demonstration")
    assert len(list(publish_in_turn(CancerPublisher(made, load_catalogue(), TODAY, Size.SMALL)))) == 2
    return made


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.rglob(pattern))


def read_rows(path: Path) -> list[Row]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


@pytest.fixture(scope="module")
def newest(folder: Path) -> list[Row]:
    (path,) = files(folder, "2026-27-Apr-Sep-*-Combined-CSV-Provisional-*.csv")
    return read_rows(path)


def is_headline(row: Row) -> bool:
    whole = row["Referral_Route_or_Stage"] in {"ALL ROUTES", "ALL STAGES"}
    return (
        whole and row["Cancer_Type"] == "ALL CANCERS" and row["Treatment_Modality"] in {"", "ALL MODALITIES"}
    )


# Figures


def test_the_columns_are_the_publishers(newest: list[Row]) -> None:
    assert len(newest[0]) == 30
    assert list(newest[0])[:6] == [
        "Period",
        "Basis",
        "Org_Code",
        "Parent_Org",
        "Org_Name",
        "Standard_or_Item",
    ]
    assert {row["Standard_or_Item"] for row in newest} == {
        *HEADLINES,
        "Urgent Suspected Cancer referral",
        "Urgent Breast Symptomatic referral",
    }
    assert {row["Period"] for row in newest} == {f"01/{month:02}/2026" for month in range(4, 10)}


def test_within_and_after_make_the_total_and_bands_make_all_three(newest: list[Row]) -> None:
    bands_within = {"FDS": ["Within_14_days", "In_15_to_28_days"], "31D": ["Within_31_days"]}
    bands_within["62D"] = ["Within_31_days", "In_32_to_38_days", "In_39_to_48_days", "In_49_to_62_days"]
    columns = list(newest[0])[13:]
    for row in newest:
        if row["Standard_or_Item"] not in HEADLINES:
            continue
        total, within, after = (float(row[name]) for name in COUNTED)
        assert within + after == total > 0
        assert sum(float(row[name]) for name in bands_within[row["Standard_or_Item"]]) == within
        assert sum(float(row[name] or 0) for name in columns) == total
        assert float(row["Performance"]) == pytest.approx(within / total, abs=5e-10)


def test_no_row_stands_twice(newest: list[Row]) -> None:
    keys = [
        tuple(row[name] for name in list(row)[:9] if name not in {"Parent_Org", "Org_Name"}) for row in newest
    ]
    assert len(keys) == len(set(keys)) > 5000


def test_trusts_and_commissioners_each_add_up_to_england(newest: list[Row]) -> None:
    sums: dict[tuple[str, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0] * 3))
    for row in newest:
        if row["Standard_or_Item"] in HEADLINES:
            key = tuple(row[name] for name in ("Period", "Standard_or_Item", "Cancer_Type"))
            key += (row["Referral_Route_or_Stage"], row["Treatment_Modality"])
            side = "England " if row["Org_Code"] == "Total" else ""
            counted = sums[key][side + row["Basis"]]
            sums[key][side + row["Basis"]] = [
                held + float(row[name]) for held, name in zip(counted, COUNTED, strict=True)
            ]
    assert len(sums) > 300
    for parts in sums.values():
        assert set(parts) == {"Provider", "Commissioner", "England Provider", "England Commissioner"}
        assert len({tuple(counted) for counted in parts.values()}) == 1


@pytest.mark.parametrize("dimension", ["Referral_Route_or_Stage", "Cancer_Type", "Treatment_Modality"])
def test_each_dimension_adds_up_to_the_whole(newest: list[Row], dimension: str) -> None:
    """In every organisation and month, rows that name one dimension only add up to the headline."""
    others = {"Referral_Route_or_Stage", "Cancer_Type", "Treatment_Modality"} - {dimension}
    wholes: dict[tuple[str, ...], float] = {}
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for row in newest:
        if row["Standard_or_Item"] not in HEADLINES:
            continue
        key = tuple(row[name] for name in ("Period", "Basis", "Org_Code", "Standard_or_Item"))
        if is_headline(row):
            wholes[key] = float(row["Total"])
        elif all(row[name] == "" or row[name].startswith("ALL ") for name in others):
            sums[key] += float(row["Total"])
    expected = {
        key: total for key, total in wholes.items() if dimension != "Treatment_Modality" or key[3] != "FDS"
    }
    assert len(expected) > 200
    assert sums == expected


def test_halves_are_on_the_providers_62_day_rows_only(newest: list[Row]) -> None:
    halves = {
        (row["Basis"], row["Standard_or_Item"])
        for row in newest
        if any(row[c].endswith(".5") for c in COUNTED)
    }
    assert halves == {("Provider", "62D")}


def test_the_levels_are_those_of_a_hard_pressed_service(newest: list[Row]) -> None:
    england = [row for row in newest if is_headline(row) and row["Org_Code"] == "Total"]
    for standard, low, high in (("FDS", 0.7, 0.82), ("31D", 0.88, 0.97), ("62D", 0.6, 0.8)):
        own = [float(row["Performance"]) for row in england if row["Standard_or_Item"] == standard]
        assert all(low < level < high for level in own)
    kent = {
        row["Org_Code"]: float(row["Performance"])
        for row in newest
        if is_headline(row) and row["Standard_or_Item"] == "62D" and row["Period"] == "01/07/2026"
    }
    assert kent["RWF"] > 0.8
    assert kent["RVV"] < 0.72


def test_the_national_series_agrees_with_the_combined_files(folder: Path, newest: list[Row]) -> None:
    (path,) = files(folder, "CWT-CRS-National-Time-Series-*-Sep-2026-*.xlsx")
    rows = (
        CalamineWorkbook.from_path(path)
        .get_sheet_by_name("Monthly Performance")
        .to_python(skip_empty_area=False)
    )
    for number, standard in enumerate(HEADLINES):
        start = 1 + 7 * number
        printed = {row[start]: row[start + 1 : start + 3] for row in rows[4:]}
        for month in range(4, 10):
            (england,) = (
                row
                for row in newest
                if is_headline(row)
                and (row["Org_Code"], row["Basis"], row["Standard_or_Item"])
                == ("Total", "Provider", standard)
                and row["Period"] == f"01/{month:02}/2026"
            )
            assert printed[date(2026, month, 1)] == [float(england["Total"]), float(england["Within"])]


def test_sub_locations_add_up_to_their_board(folder: Path, newest: list[Row]) -> None:
    (path,) = files(folder, "CWT-CRS-Apr-26-to-Sep-26-Data-Extract-ICB-Sub-Location-Provisional-*.xlsx")
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert header[3:6] == ["STANDARD", "ICB SUB LOCATION", "SUB-CATEGORY"]
    counts = [[float(str(cell)) for cell in row[6:]] for row in rows]
    assert all(total == within + breaches > 0 for total, within, breaches in counts)
    codes = {"28-day FDS": "FDS", "31-day Combined": "31D", "62-day Combined": "62D"}
    kent: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    everyone: dict[tuple[str, str], float] = defaultdict(float)
    for period, _, _, standard, code, _, total, within, _ in rows:
        assert isinstance(period, date)
        key = (f"{period:%d/%m/%Y}", codes[str(standard)])
        everyone[key] += float(str(total))
        if code == "91Q":
            kent[key] = [
                held + float(str(cell)) for held, cell in zip(kent[key], (total, within), strict=True)
            ]
    board = {
        (row["Period"], row["Standard_or_Item"]): [float(row["Total"]), float(row["Within"])]
        for row in newest
        if is_headline(row) and row["Org_Code"] == "QKS"
    }
    assert kent == board
    assert everyone == {
        (row["Period"], row["Standard_or_Item"]): float(row["Total"])
        for row in newest
        if is_headline(row) and (row["Org_Code"], row["Basis"]) == ("Total", "Commissioner")
    }


def test_a_workbook_opens_in_other_readers_too() -> None:
    content = workbook(
        [("A & B", [["x & <y>", 1, 2.5, date(2026, 9, 1), None, " z"]]), ("C", [[], ["q"] * 30])]
    )
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["A & B", "C"]
    row = [cell.value for cell in book["A & B"][1]]
    assert row == ["x & <y>", 1, 2.5, datetime(2026, 9, 1), None, " z"]
    assert book["C"]["AD2"].value == "q"
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("A & B").to_python() == [
        ["x & <y>", 1, 2.5, date(2026, 9, 1), "", " z"]
    ]


def test_the_old_standards_run_from_october_2009_to_september_2023(folder: Path) -> None:
    (path,) = files(folder, "Cancer-Waiting-Times-National-Time-Series-*.xlsx")
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["Cover", "Monthly Data", "Quarterly Data", "Annual Data"]
    rows = book.get_sheet_by_name("Monthly Data").to_python(skip_empty_area=False)
    assert [rows[4][1], rows[-1][1]] == [date(2009, 10, 1), date(2023, 9, 1)]
    assert [row[9] for row in rows[4:6]] == ["No Standard Set", ""]
    assert sum(label == "Total" for label in rows[3]) == 10


def test_final_figures_differ_a_little_from_provisional_ones(folder: Path) -> None:
    (before,) = files(folder, "2025-26-Oct-Feb-*-Provisional-*.csv")
    (after,) = files(folder, "2025-26-Oct-Mar-*-Final-*.csv")
    totals = [
        {
            (row["Period"], row["Standard_or_Item"], row["Org_Code"]): float(row["Total"])
            for row in read_rows(path)
            if is_headline(row) and row["Basis"] == "Provider"
        }
        for path in (before, after)
    ]
    england = [
        (totals[0]["01/10/2025", standard, "Total"], totals[1]["01/10/2025", standard, "Total"])
        for standard in HEADLINES
    ]
    assert all(0.95 < provisional / final < 1 for provisional, final in england)
    maidstone = totals[0]["01/10/2025", "FDS", "RWF"] / totals[1]["01/10/2025", "FDS", "RWF"]
    assert 0.85 < maidstone < 0.95


def test_trusts_are_acute_and_kents_four_are_among_them() -> None:
    trusts = acute_trusts(load_catalogue().organisations, date(2026, 9, 1))
    codes = [trust.code for trust in trusts]
    assert 120 <= len(codes) <= 140
    assert set(KENT) <= set(codes)
    assert not {"RXY", "RYY", "RPG", "RYD", "RYC"} & set(codes)
    assert codes == sorted(codes)


def test_releases_and_final_figures_come_when_the_publishers_do() -> None:
    # NHS England: October 2023 figures on 14 December 2023, May 2024 on 11 July 2024.
    assert released_on(Period.month(2023, 10)) == date(2023, 12, 14)
    assert released_on(Period.month(2024, 5)) == date(2024, 7, 11)
    # April to September 2018 became final with the release of 10 January 2019.
    assert finalised_on(Period.month(2018, 4)) == date(2019, 1, 10)
    assert half_year(Period.month(2026, 2)) == (Period.month(2025, 10), Period.month(2026, 3))


# The mark


def test_every_file_is_known_for_invented_under_any_name(folder: Path) -> None:
    found = [path for path in folder.rglob("*") if path.suffix in {".csv", ".xlsx"}]
    assert len(found) >= 8
    for path in found:
        assert "DEMONSTRATION" in path.name
        assert is_demonstration(RawFile(f"renamed{path.suffix}", path.read_bytes()))


def test_a_single_row_of_a_text_file_keeps_the_mark(folder: Path) -> None:
    path = files(folder, "*.csv")[0]
    lines = path.read_bytes().splitlines()
    assert not is_demonstration(RawFile("part.csv", lines[0]))
    assert is_demonstration(RawFile("part.csv", lines[0] + b"\r\n" + lines[57]))


def test_a_workbook_that_lost_its_properties_keeps_the_mark(folder: Path) -> None:
    path = files(folder, "CWT-CRS-National-*.xlsx")[0]
    stripped = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stripped, "w") as new:
        for name in old.namelist():
            if not name.startswith("docProps/"):
                new.writestr(name, old.read(name))
    assert is_demonstration(RawFile("stripped.xlsx", stripped.getvalue()))


def test_other_files_are_not_marked() -> None:
    book, content = Workbook(), io.BytesIO()
    book.create_sheet("Cover").append(["Cancer Waiting Times"])
    book.save(content)
    assert not is_demonstration(RawFile("real.xlsx", content.getvalue()))
    assert not is_demonstration(RawFile("real.csv", b"Org_Code,Org_Name\nRVV,EAST KENT\n"))
    assert not is_demonstration(RawFile("broken.xlsx", b"PK\x03\x04 and no more"))
    assert is_demonstration(RawFile("x-DEMONSTRATION.xlsx", b"PK\x03\x04 and no more"))


@pytest.mark.real_data
def test_no_published_file_is_taken_for_invented(shared_data: Path) -> None:
    found = list((shared_data / "cancer").glob("*.xlsx"))
    assert len(found) > 10
    assert not [path.name for path in found if is_demonstration(RawFile(path.name, path.read_bytes()))]


# The publisher's site


def test_the_pages_lead_to_every_file_of_the_newest_release(folder: Path) -> None:
    source = source_by_id("cancer_waiting_times")
    with served(folder) as address, httpx.Client(trust_env=False) as client:
        at = published_at(source, address)
        discovery = source.discover(lambda url: client.get(url).text, at.landing_url, TODAY)
        kinds = {client.get(file.url).headers["content-type"] for file in discovery.files}
        assert client.get(f"{address}/statistics/wp-content/uploads/").status_code == 404
    assert discovery.findings == ()
    combined = [file.name for file in discovery.files if "Combined" in file.name]
    assert combined == [
        "2024-25-Oct-Mar-Cumulative-Monthly-Combined-CSV-Final-DEMONSTRATION.csv",
        "2025-26-Apr-Sep-Cumulative-Monthly-Combined-CSV-Final-DEMONSTRATION.csv",
        "2025-26-Oct-Mar-Cumulative-Monthly-Combined-CSV-Final-DEMONSTRATION.csv",
        "2026-27-Apr-Sep-Cumulative-Monthly-Combined-CSV-Provisional-DEMONSTRATION.csv",
    ]
    assert len(discovery.files) == 2 * len(combined) + 2
    assert kinds == {"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@pytest.mark.parametrize("month", range(1, 13))
def test_whatever_the_month_a_half_year_becomes_final_between_the_releases(
    month: int, tmp_path: Path
) -> None:
    """The pages of both releases can be read in any month, with nothing for a person to see to."""
    source = source_by_id("cancer_waiting_times")
    publisher = CancerPublisher(tmp_path, load_catalogue(), date(2026, month, 3), Size.SMALL)
    at = published_at(source, "http://127.0.0.1")
    names = []
    for as_at in release_days(publisher.today):
        release = publisher.release(as_at, publisher.population())
        pages = {f"http://127.0.0.1{path}": html for path, html in release.pages().items()}
        discovery = source.discover(pages.__getitem__, at.landing_url, as_at)
        assert discovery.findings == ()
        assert {file.name for file in discovery.files} == {file.name for file in release.files()}
        names.append([file.name for file in discovery.files])
    provisional = [name[:11] for name in names[0] if "Provisional" in name]
    assert [name for name in names[1] if "Final" in name and name[:11] in provisional]


# The whole way


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, RunSummary]]:
    made = tmp_path_factory.mktemp("store")
    store = open_store(f"sqlite:///{made}/store.sqlite")
    settings = Settings.model_construct(
        area=AREA, store=StoreSettings(raw_folder=made / "raw"), fetch=FetchSettings(), schedules={}
    )
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["cancer_waiting_times"], today=TODAY
    )
    yield store, summary
    store.close()


def test_the_pipeline_takes_every_file_of_both_releases(loaded: tuple[Store, RunSummary]) -> None:
    store, summary = loaded
    assert not summary.failed
    outcomes = [result.state for result in summary.results]
    assert outcomes.count(FileState.LOADED) == 13
    assert outcomes.count(FileState.REFUSED) == 0
    publisher = CancerPublisher(Path(), store.catalogue, TODAY, Size.SMALL)
    assert [publisher.files_in(part) for part in (Part.NEWEST, Part.OLDER)] == [len(outcomes), 0]
    with store.reading() as connection:
        marked = connection.execute(text("SELECT DISTINCT demonstration FROM source_file")).scalars().all()
        triggers = connection.execute(text("SELECT DISTINCT trigger FROM load_run")).scalars().all()
    assert [bool(mark) for mark in marked] == [True]
    assert triggers == ["demonstration"]


def test_the_same_day_gives_the_same_bytes_and_another_gives_others(
    loaded: tuple[Store, RunSummary], folder: Path
) -> None:
    """What was loaded was published anew: its files are the folder's, byte by byte, and so are the pages."""
    made = [path for path in files(folder, "*.*") if path.suffix in {".csv", ".xlsx"}]
    written = {path.name: sha256(path.read_bytes()).hexdigest() for path in made}
    with loaded[0].reading() as connection:
        read = {row.name: row.sha256 for row in connection.execute(select(source_file))}
    assert read == written
    publisher = CancerPublisher(Path(), load_catalogue(), TODAY, Size.SMALL)
    release = publisher.release(TODAY, publisher.population())
    for path, html in release.pages().items():
        assert (folder / path.lstrip("/") / "index.html").read_text(encoding="utf-8") == html
    other = CancerPublisher(Path(), load_catalogue(), date(2026, 10, 21), Size.SMALL)
    patients = other.population()
    names = {file.name for day in release_days(other.today) for file in other.release(day, patients).files()}
    assert names != set(written)


def test_stored_figures_are_those_of_the_files(loaded: tuple[Store, RunSummary], folder: Path) -> None:
    """England, Kent and Medway's trusts and its board, month by month, against sums made here from the files."""
    store, _ = loaded
    final = files(folder, "*-Combined-CSV-Final-*.csv")
    latest = files(folder, "2026-27-Apr-Sep-*-Provisional-*.csv")
    expected = {}
    for row in (row for path in [*final, *latest] for row in read_rows(path)):
        if is_headline(row) and row["Org_Code"] in {*KENT, "QKS"}:
            expected[row["Org_Code"], row["Standard_or_Item"], month_start(row["Period"])] = (
                float(row["Within"]),
                float(row["Total"]),
            )
        if is_headline(row) and row["Basis"] == "Provider" and row["Org_Code"] != "Total":
            key = ("ENG", row["Standard_or_Item"], month_start(row["Period"]))
            held = expected.get(key, (0.0, 0.0))
            expected[key] = (held[0] + float(row["Within"]), held[1] + float(row["Total"]))
    assert len(expected) == 6 * 3 * 24
    found = stored_headlines(store)
    assert {key: found[key] for key in expected} == expected


def month_start(published: str) -> date:
    if "/" in published:
        day, month, year = published.split("/")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(published)


def stored_headlines(store: Store) -> dict[tuple[str, str, date], tuple[float, float]]:
    standards = {indicator: standard for standard, indicator in HEADLINES.items()}
    query = text(
        "SELECT i.code AS indicator, o.code AS organisation, p.start, v.numerator, v.denominator "
        "FROM observation v JOIN indicator i ON i.id = v.indicator_id JOIN breakdown b ON b.id = v.breakdown_id "
        "JOIN organisation o ON o.id = v.organisation_id JOIN period p ON p.id = v.period_id "
        "WHERE b.key = 'all' AND p.frequency = 'month'"
    )
    with store.reading() as connection:
        return {
            (row.organisation, standards[row.indicator], date.fromisoformat(str(row.start))): (
                row.numerator,
                row.denominator,
            )
            for row in connection.execute(query)
            if row.indicator in standards
        }


def test_what_was_revised_is_kept(loaded: tuple[Store, RunSummary]) -> None:
    store, _ = loaded
    query = text(
        "SELECT r.denominator AS before, v.denominator AS now FROM observation_revision r "
        "JOIN observation v USING (indicator_id, period_id, breakdown_id, organisation_id) "
        "JOIN indicator i ON i.id = r.indicator_id JOIN organisation o ON o.id = r.organisation_id "
        "JOIN breakdown b ON b.id = r.breakdown_id "
        "WHERE b.key = 'all' AND o.code = 'RWF' AND i.code = 'cancer-28-day-faster-diagnosis'"
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    assert len(rows) == 5
    assert all(0.85 < row.before / row.now < 0.95 for row in rows)


def test_a_store_with_real_figures_takes_no_invented_ones(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    real = {
        "source": "cancer_waiting_times",
        "sha256": "0" * 64,
        "parser_version": 1,
        "name": "OCTOBER-2023-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx",
        "size": 1,
        "fetched_at": datetime(2026, 1, 1, tzinfo=UTC),
        "demonstration": False,
    }
    with store.writing() as connection:
        connection.execute(insert(source_file).values(real))
    settings = Settings.model_construct(area=AREA, store=StoreSettings(), fetch=FetchSettings(), schedules={})
    with pytest.raises(DemonstrationError, match="OCTOBER-2023"):
        run_demonstration(store, settings=settings, size=Size.SMALL, today=TODAY)
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM load_run")).scalar() == 0
    store.close()
