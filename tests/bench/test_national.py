"""England's files from end to end, and what ten years of them cost beside one.

The files are a year of the demonstration's national edition, written by its publishers. Ours is `load_files`: bytes
kept, recognised, parsed, checked, summed, and written with their provenance, a transaction a file. The floor reads
the same files with pandas (of a zip the table that we read) and writes the same rows, ready as tuples in the order of
the key, into the same prepared table.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import pandas as pd
import psycopg
import pytest

from db.catalogue import load_catalogue
from db.domain import Period
from db.loading.keys import STORED_COLUMNS
from db.settings import Settings
from db.store import open_store
from db.store.bulk import Row
from db.store.schema import metadata
from etl.demo.cancer_waiting_times.publisher import CancerPublisher, financial_year, year_name
from etl.demo.cancer_waiting_times.tables import CsvFile, combined_csv
from etl.demo.general_practice_workforce.publisher import WorkforcePublisher
from etl.demo.publication import File, Size, months_before
from etl.demo.ssnap.publisher import StrokePublisher
from etl.pipeline.progress import Silent
from etl.pipeline.run import load_files
from etl.reading.demonstration_mark import FILE_SUFFIX
from tests.bench.measuring import forget_peak, in_own_process, memory_megabytes, note, peak_megabytes

TODAY = date(2026, 5, 31)
"""The newest figures are of March (cancer, stroke) and April 2026 (practices): whole years of each."""
MONTHS = 12
MONTHS_OF_MILLIONS = (20, 40)
"""Months of practices that are about two and four million rows."""
HELD = 2.6
"""Two is wanted, and so near that a busy machine decides: what is held leaves it room."""
NEXT_MONTHS = 3
YEARS = (1, 3, 10)
CSVS, EXTRACTS, ZIPS, WORKBOOKS = (
    "combined CSVs",
    "sub-location extracts",
    "practices' zips",
    "stroke workbooks",
)
PUBLISHED_BY_PERIOD = frozenset({"observation", "observation_revision", "published_table", "period_held"})


def written(folder: Path, files: Sequence[File]) -> list[Path]:
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.name).write_bytes(file.content())
    return [folder / file.name for file in files]


def practices_of(folder: Path, months: int) -> list[Path]:
    """The newest months of practices, oldest first."""
    publisher = WorkforcePublisher(folder, load_catalogue(), TODAY, Size.NATIONAL)
    return written(folder, publisher.files(publisher.releases()[-months:]))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """A year of England's files by kind, each kind in the order in which it came out."""
    folder = tmp_path_factory.mktemp("year")
    catalogue = load_catalogue()
    cancer = CancerPublisher(folder, catalogue, TODAY, Size.NATIONAL)
    release = cancer.release(TODAY, cancer.population())
    stroke = StrokePublisher(folder, catalogue, TODAY, Size.NATIONAL)
    return {
        CSVS: written(folder / "csvs", list(release.combined_files())[-2:]),
        EXTRACTS: written(folder / "extracts", list(release.extract_files())[-2:]),
        ZIPS: practices_of(folder / "zips", MONTHS),
        WORKBOOKS: written(folder / "workbooks", stroke.files(stroke.periods()[-4:])),
    }


class Watch(Silent):
    """Progress that adds up the seconds of each kind of file."""

    def __init__(self, kinds: dict[str, str], clock: Callable[[], float]) -> None:
        self.taken = dict.fromkeys(kinds.values(), 0.0)
        self._kinds, self._clock, self._started = kinds, clock, 0.0

    def file_started(self, name: str) -> None:
        self._started = self._clock()

    def file_finished(self, name: str, outcome: str) -> None:
        assert outcome == "loaded", name
        self.taken[self._kinds[name]] += self._clock() - self._started


def read(path: Path) -> None:
    """One file as pandas reads it."""
    if path.suffix == ".csv":
        pd.read_csv(path)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith("Detailed.csv"))
            with archive.open(name) as member:
                pd.read_csv(member, low_memory=False)
    else:
        pd.read_excel(path, sheet_name=None, header=None, engine="calamine")


@dataclass(frozen=True)
class Side:
    """One database: how a new store is had, how raw rows enter it, and which seconds count."""

    name: str
    empty: Callable[[], str]
    write: Callable[[str, list[Row]], None]
    clock: Callable[[], float]

    def ours(self, files: dict[str, list[Path]], settings: Settings) -> tuple[str, dict[str, float]]:
        """The store that all files are loaded into, and the seconds of each kind."""
        url = self.empty()
        kinds = {path.name: kind for kind, paths in files.items() for path in paths}
        watch = Watch(kinds, self.clock)
        paths = [path for own in files.values() for path in own]
        gc.collect()
        with closing(open_store(url)) as store:
            load_files(store, paths, settings, requested_by="bench", progress=watch)
        return url, watch.taken

    def floor(self, files: dict[str, list[Path]], rows: dict[str, list[Row]]) -> dict[str, float]:
        """The seconds of each kind: all its files read, then all its rows written."""
        url, taken = self.empty(), {}
        for kind, paths in files.items():
            gc.collect()
            started = self.clock()
            for path in paths:
                read(path)
            self.write(url, rows[kind])
            taken[kind] = self.clock() - started
        return taken


def executed(url: str, rows: list[Row]) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -32000")
        marks = ", ".join("?" for _ in STORED_COLUMNS)
        connection.executemany(
            f"INSERT INTO observation ({', '.join(STORED_COLUMNS)}) VALUES ({marks})", rows
        )
        connection.commit()


def copied(url: str, rows: list[Row]) -> None:
    statement = f"COPY observation ({', '.join(STORED_COLUMNS)}) FROM STDIN"
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgresql)])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    if request.param == "SQLite":
        template = request.getfixturevalue("sqlite_template")

        def fresh() -> str:
            for old in tmp_path.glob("store.sqlite*"):
                old.unlink()
            return f"sqlite:///{shutil.copy(template, tmp_path / 'store.sqlite')}"

        yield Side(request.param, fresh, executed, process_time)
        return
    server, template = (request.getfixturevalue(f"postgresql_{part}") for part in ("server", "template"))
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:

        def prepared() -> str:
            connection.execute("DROP DATABASE IF EXISTS national WITH (FORCE)")
            connection.execute(f"CREATE DATABASE national TEMPLATE {template}")
            return f"{server}/national"

        yield Side(request.param, prepared, copied, perf_counter)
        connection.execute("DROP DATABASE IF EXISTS national WITH (FORCE)")


def stored(url: str, files: dict[str, list[Path]]) -> dict[str, list[Row]]:
    """The rows that a store holds of each kind of file, in the order of the key."""
    kinds = {path.name: kind for kind, paths in files.items() for path in paths}
    with closing(open_store(url)) as store, store.reading() as connection:
        of_files = {row[0]: row[1] for row in connection.exec_driver_sql("SELECT id, name FROM source_file")}
        names = ", ".join(STORED_COLUMNS)
        found = [tuple(row) for row in connection.exec_driver_sql(f"SELECT {names} FROM observation")]
    place = STORED_COLUMNS.index("source_file_id")
    found.sort(key=lambda row: row[:4])
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        rows[kinds[of_files[row[place]]]].append(row)
    return rows


def test_end_to_end_beside_reading_and_raw_rows(
    side: Side, year: dict[str, list[Path]], settings: Settings
) -> None:
    url, _ = side.ours(year, settings)
    rows = stored(url, year)
    rounds = [(side.ours(year, settings)[1], side.floor(year, rows)) for _ in range(2)]
    mine, floor = ({kind: median(part[n][kind] for part in rounds) for kind in year} for n in (0, 1))
    for kind, paths in year.items():
        what = f"{side.name}, {len(paths)} {kind}, {len(rows[kind]):,} rows, beside pandas and raw rows"
        note("national", what, mine[kind] / floor[kind])
    count = sum(map(len, rows.values()))
    what = f"{side.name}, a year of England, {count:,} rows, beside pandas and raw rows"
    whole = note("national", what, sum(mine.values()) / sum(floor.values()), most=2)
    assert whole.figure <= HELD, f"{mine} beside {floor}"


def _peaks(url: str, parts: Sequence[Sequence[Path]], settings: Settings) -> list[float]:
    """The memory above what the program itself takes, after each part of the files."""
    peaks = []
    with closing(open_store(url)) as store:
        gc.collect()
        forget_peak()
        before = memory_megabytes()
        for paths in parts:
            assert not load_files(store, paths, settings, requested_by="bench").failed
            peaks.append(peak_megabytes() - before)
    return peaks


def test_memory_while_millions_of_rows_come_from_files(
    tmp_path: Path, sqlite_url: str, settings: Settings
) -> None:
    two, four = MONTHS_OF_MILLIONS
    files = practices_of(tmp_path / "files", four)
    peaks = in_own_process(_peaks, sqlite_url, [files[:two], files[two:]], settings)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        count = connection.execute("SELECT count(*) FROM observation").fetchone()[0]
    first = note(
        "national", f"memory above the program's, {two} months of practices", peaks[0], "MB", most=150
    )
    what = f"memory above the program's, {four} months ({count:,} rows) beside {two}"
    growth = note("national", what, peaks[1] / peaks[0], most=1.3)
    assert first.met, f"{peaks[0]:.0f} MB"
    assert growth.met, f"{peaks[1]:.0f} MB beside {peaks[0]:.0f} MB"


def test_memory_of_the_largest_combined_csv(
    year: dict[str, list[Path]], sqlite_url: str, settings: Settings
) -> None:
    largest = max(year[CSVS], key=lambda path: path.stat().st_size)
    (peak,) = in_own_process(_peaks, sqlite_url, [[largest]], settings)
    what = f"memory above the program's, a combined CSV of {largest.stat().st_size / 1e6:.0f} MB"
    note("national", what, peak, "MB")


def newest_years(whole: Path, template: Path, target: Path, years: int) -> Path:
    """A store with the newest years of another, its pages as full as those of any other made like this."""
    shutil.copy(template, target)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -64000")
        connection.execute("ATTACH ? AS whole", (str(whole),))
        (last,) = connection.execute("SELECT max(latest_period_end) FROM whole.source_file").fetchone()
        start = f"{int(last[:4]) - years}{last[4:]}"
        for table in metadata.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            connection.execute(f"DELETE FROM {table.name}")
            kept = (
                'WHERE period_id IN (SELECT id FROM whole.period WHERE "end" > ?)'
                if table.name in PUBLISHED_BY_PERIOD
                else "WHERE ? <> ''"
            )
            connection.execute(
                f"INSERT INTO {table.name} ({names}) SELECT {names} FROM whole.{table.name} {kept}", (start,)
            )
        connection.commit()
    return target


def coming_files(folder: Path, store: Path) -> list[list[Path]]:
    """The zip and the CSV of each of the months that follow upon a store's newest."""
    with closing(sqlite3.connect(store)) as connection:
        ends = dict(
            connection.execute("SELECT source, max(latest_period_end) FROM source_file GROUP BY source")
        )
    practices, cancer = (
        Period.month(int(ends[source][:4]), int(ends[source][5:7]))
        for source in ("general_practice_workforce", "cancer_waiting_times")
    )
    day = months_before(max(practices, cancer), -NEXT_MONTHS - 2).end
    surgeries = WorkforcePublisher(folder, load_catalogue(), day, Size.NATIONAL)
    patients = CancerPublisher(folder, load_catalogue(), day, Size.NATIONAL).population()
    files = []
    for number in range(1, NEXT_MONTHS + 1):
        month = months_before(practices, -number)
        release = next(item for item in surgeries.releases() if item.month == month)
        month = months_before(cancer, -number)
        name = f"{year_name(financial_year(month))}-{month.start:%b}-Monthly-Combined-CSV-Provisional{FILE_SUFFIX}.csv"
        table = partial(
            combined_csv, patients, CsvFile(((month, True),), single_month=True, two_way_from=month)
        )
        both = [*surgeries.files([release]), File(f"/{name}", "", "", month, table)]
        files.append(written(folder / f"{number}", both))
    return files


def test_a_month_into_one_three_and_ten_years(
    national: Path, sqlite_template: Path, tmp_path: Path, settings: Settings
) -> None:
    stores = {
        years: newest_years(national, sqlite_template, tmp_path / f"{years}.sqlite", years) for years in YEARS
    }
    taken: dict[int, list[float]] = {years: [] for years in YEARS}
    for files in coming_files(tmp_path / "coming", national):
        for years, path in stores.items():
            with closing(open_store(f"sqlite:///{path}")) as store:
                gc.collect()
                started = process_time()
                summary = load_files(store, files, settings, requested_by="bench")
                seconds = process_time() - started
            assert not summary.failed, summary.results
            taken[years].append(seconds / summary.totals.counts.new)
    of_one, *others = (median(own) for own in taken.values())
    for years, seconds in zip(YEARS[1:], others, strict=True):
        what = f"SQLite, a month of practices and cancer into {years} years, beside into 1"
        assert note("national", what, seconds / of_one, most=1.3).met, taken
