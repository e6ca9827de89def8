"""The practice-level workforce file, from zip to committed rows, against reading the CSV and writing the rows."""

from __future__ import annotations

import io
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time

import numpy as np
import pandas as pd
import pytest

from db.loading.keys import STORED_COLUMNS
from db.settings import Settings
from db.store import open_store
from etl.pipeline.run import load_files
from tests.bench.measuring import alternate, in_own_process, note, peak_megabytes
from tests.support.publications.workforce_files import DETAILED, KENT, ROLES

PRACTICES, WIDTH = 6_500, 805
MONTHS = [(2015 + (8 + n) // 12, (8 + n) % 12 + 1) for n in range(120)]
NAMES = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
LARGEST_PEAK = 800


def month_csv(number: int = 0) -> bytes:
    """One month of 6,500 practices and 805 columns, about as large as the publisher's; each has figures of its own."""
    chance = np.random.default_rng(1)
    table = pd.DataFrame({"PRAC_CODE": [f"G{n:05}" for n in range(PRACTICES)]})
    for name in DETAILED[1:]:
        table[name] = KENT.get(name, "Practice")
    table["TOTAL_PATIENTS"] = chance.integers(1_500, 20_000, PRACTICES)
    whole = table["TOTAL_PATIENTS"] / 2_000 * chance.uniform(0.7, 1.3, PRACTICES) * (1 + number / 1_000)
    for name, share in (
        ("TOTAL_GP_FTE", 1.3),
        ("TOTAL_GP_EXTG_FTE", 1),
        ("TOTAL_GP_EXL_FTE", 1.2),
        ("TOTAL_GP_EXTGL_FTE", 0.9),
    ):
        table[name] = (whole * share).round(6)
    table["TOTAL_NURSES_FTE"] = (whole * 0.6).round(6)
    table[list(ROLES)] = 0.0
    table[ROLES[0]] = table["TOTAL_NURSES_FTE"]
    rest = _other_columns(WIDTH - table.shape[1])
    lines = table.to_csv(index=False, lineterminator="\n").splitlines()
    return "\n".join(f"{own},{other}" for own, other in zip(lines, rest, strict=True)).encode()


@cache
def _other_columns(count: int) -> list[str]:
    """What else a line says, which nobody reads."""
    chance = np.random.default_rng(2)
    table = pd.DataFrame({f"OTHER_{n}": chance.random(PRACTICES).round(4) for n in range(count)})
    return table.to_csv(index=False, lineterminator="\n").splitlines()


def month_zip(folder: Path, content: bytes, year: int, month: int) -> Path:
    path = folder / f"GPWPracticeCSV.{month:02}{year}.zip"
    member = f"1 General Practice – {NAMES[month - 1]} {year} Practice Level - Detailed.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(member, content)
    return path


def load(url: str, path: Path, settings: Settings, clock: Callable[[], float] = process_time) -> float:
    store = open_store(url)
    started = clock()
    summary = load_files(store, [path], settings, requested_by="bench")
    taken = clock() - started
    store.close()
    assert not summary.failed, summary.results[0].message
    return taken


def test_one_month_against_its_parts(tmp_path: Path, sqlite_template: Path, settings: Settings) -> None:
    content = month_csv()
    path = month_zip(tmp_path, content, 2025, 4)
    first = tmp_path / "first.sqlite"
    shutil.copy(sqlite_template, first)
    load(f"sqlite:///{first}", path, settings)
    with sqlite3.connect(first) as connection:
        rows = sorted(connection.execute(f"SELECT {', '.join(STORED_COLUMNS)} FROM observation").fetchall())
    connection.close()

    def fresh(name: str) -> Path:
        for old in tmp_path.glob(f"{name}.sqlite*"):
            old.unlink()
        shutil.copy(sqlite_template, tmp_path / f"{name}.sqlite")
        return tmp_path / f"{name}.sqlite"

    def ours() -> float:
        return load(f"sqlite:///{fresh('ours')}", path, settings)

    def parts() -> float:
        connection = sqlite3.connect(fresh("parts"))
        connection.execute("PRAGMA synchronous = NORMAL")
        started = process_time()
        pd.read_csv(io.BytesIO(content), low_memory=False)
        marks = ", ".join("?" for _ in STORED_COLUMNS)
        updates = ", ".join(f"{name} = excluded.{name}" for name in STORED_COLUMNS[4:])
        connection.executemany(
            f"INSERT INTO observation ({', '.join(STORED_COLUMNS)}) VALUES ({marks}) "
            f"ON CONFLICT (indicator_id, period_id, breakdown_id, organisation_id) DO UPDATE SET {updates}",
            rows,
        )
        connection.commit()
        taken = process_time() - started
        connection.close()
        return taken

    mine, theirs = alternate(ours, parts)
    note(
        "workforce",
        f"a month of practices, {len(rows):,} rows, beside pandas reading and raw upsert",
        mine / theirs,
        most=3,
    )
    assert mine / theirs <= 3


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgresql)])
def two_stores(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[tuple[str, str, str]]:
    """A database's name, and two stores without figures."""
    if request.param == "SQLite":
        made = [Path(shutil.copy(sqlite_template, tmp_path / f"{name}.sqlite")) for name in ("ten", "one")]
        urls = [f"sqlite:///{path}" for path in made]
    else:
        urls = [request.getfixturevalue(f"{name}_postgresql_url") for name in ("new", "other")]
    yield (request.param, *urls)


def test_three_and_ten_years_of_months(
    tmp_path: Path, two_stores: tuple[str, str, str], settings: Settings
) -> None:
    """Every month has the same rows, so seconds a month are seconds a row.

    Minutes lie between the first year and the tenth, so months of the tenth take turns with the same months into a
    store of one year.
    """
    name, ten, one = two_stores
    clock = process_time if name == "SQLite" else perf_counter
    times, of_one = list[float](), list[float]()
    for number, (year, month) in enumerate(MONTHS):
        path = month_zip(tmp_path, month_csv(number), year, month)
        times.append(load(ten, path, settings, clock))
        if number < 12 or number >= len(MONTHS) - 12:
            of_one.append(load(one, path, settings, clock))
    first = mean(times[:12])
    for years in (3, 10):
        what = f"{name}, a first load of {years} years of months, a row of it beside one of the first year"
        whole = note("workforce", what, mean(times[: 12 * years]) / first, most=1.3)
        assert whole.met, times
    what = f"{name}, months of the tenth year, beside the same into a store of one year"
    tenth = note("workforce", what, median(times[-12:]) / median(of_one[-12:]), most=1.3)
    assert tenth.met, (times[-12:], of_one[-12:])


def _peak(url: str, path: Path, settings: Settings) -> float:
    load(url, path, settings)
    return peak_megabytes()


def test_peak_memory(tmp_path: Path, sqlite_url: str, settings: Settings) -> None:
    path = month_zip(tmp_path, month_csv(), 2025, 4)
    peak = in_own_process(_peak, sqlite_url, path, settings)
    note("workforce", "peak memory of a month of practices", peak, "MB", most=LARGEST_PEAK)
    assert peak < LARGEST_PEAK
