"""Files through the pipeline into a store: what loads, what is refused, and what the store holds afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import time
from typing import NoReturn

import pytest
from sqlalchemy import text as sql

from db.domain import FileState, Maturity, Period, RunKind, RunState, Severity
from db.service.runs import create_run
from db.settings import Settings
from db.store import Store
from db.store.data_state import data_state, shown_state
from etl.pipeline.job import Arrival, Job
from etl.pipeline.keep import keep
from etl.pipeline.load_or_hold import load_arrival
from etl.pipeline.progress import Silent
from etl.pipeline.recognise import parsed_file
from etl.pipeline.run import RunSummary, check_files, load_files, refresh_source
from etl.registry import SOURCES, source_by_id
from etl.source import Hints, ParsedFile, RawFile, SourceError
from tests.support.postgresql import in_turn
from tests.support.publications.combined_csv import COLUMNS, line, month, text

Write = Callable[[str, bytes], Path]
NAME = "2024-25-Apr-Mar-Monthly-Combined-CSV-Final.csv"


def one(store: Store, statement: str) -> object:
    with store.reading() as connection:
        return connection.execute(sql(statement)).scalar()


def rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(sql(statement))]


def load(store: Store, settings: Settings, *paths: Path, hints: Hints | None = None) -> RunSummary:
    return load_files(store, paths, settings, requested_by="a test", hints=hints)


def test_a_file_is_kept_by_its_hash_and_every_value_names_it(
    store: Store, settings: Settings, write: Write
) -> None:
    content = text(month())
    summary = load(store, settings, write(NAME, content))
    assert not summary.failed
    (result,) = summary.results
    assert (result.state, result.periods) == (FileState.LOADED, (Period.month(2024, 11),))
    digest = hashlib.sha256(content).hexdigest()
    kept = one(store, "SELECT path FROM source_file")
    assert Path(str(kept)).read_bytes() == content
    assert digest in str(kept)
    assert rows(
        store,
        "SELECT organisation_code, numerator, denominator, source_file, maturity FROM current_observation "
        "WHERE indicator = 'cancer-28-day-faster-diagnosis' AND breakdown = 'all' "
        "AND organisation_code IN ('RVV', 'QKS', 'ENG') ORDER BY organisation_code",
    ) == [
        ("ENG", 6230, 8975, NAME, "final"),
        ("QKS", 5000, 7000, NAME, "final"),
        ("RVV", 2756, 4326, NAME, "final"),
    ]


def test_regions_are_summed_from_their_boards_and_marked(
    store: Store, settings: Settings, write: Write
) -> None:
    load(store, settings, write(NAME, text(month())))
    assert rows(
        store,
        "SELECT organisation_code, numerator, denominator, basis FROM current_observation "
        "WHERE indicator = 'cancer-28-day-faster-diagnosis' AND organisation_type = 'region'",
    ) == [("Y59", 6230, 8975, "commissioner")]


def test_the_same_bytes_again_write_nothing(store: Store, settings: Settings, write: Write) -> None:
    path = write(NAME, text(month()))
    load(store, settings, path)
    version = one(store, "SELECT value FROM store_meta WHERE name = 'data_version'")
    again = load(store, settings, path)
    assert [result.state for result in again.results] == [FileState.UNCHANGED]
    assert again.state is RunState.UNCHANGED
    assert one(store, "SELECT value FROM store_meta WHERE name = 'data_version'") == version


def test_final_over_provisional_whichever_comes_first(store: Store, settings: Settings, write: Write) -> None:
    provisional = write("November-2024-Monthly-Combined-CSV-Provisional.csv", text(month()))
    final = write("November-2024-Monthly-Combined-CSV-Final.csv", text(month(change=40)))
    summary = load(store, settings, final, provisional)
    assert not summary.failed
    assert rows(
        store,
        "SELECT numerator, maturity FROM current_observation WHERE organisation_code = 'RVV' "
        "AND indicator = 'cancer-28-day-faster-diagnosis' AND breakdown = 'all'",
    ) == [(2796, "final")]
    assert summary.totals.counts.superseded > 0


def without_total(period: str = "2024-11-01") -> list[dict[str, object]]:
    return [row for row in month(period) if row["Org_Code"] != "Total"]


BAD = {
    "an empty file": (b"", "empty"),
    "a web page": (b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
    "a column renamed": (
        text(month()).replace(b"Within,After", b"Inside,After", 1),
        "'Within'",
    ),
    "a total below its part": (
        text([*without_total(), line("Provider", "RXX", (12, 10))]),
        "",
    ),
    "a duplicate key": (text([*month(), month()[0]]), "found also at row 2"),
    "an England that is not the sum": (
        text(
            [
                row
                | (
                    {"Total": 9999, "After": 9999 - 6230, "Performance": 6230 / 9999}
                    if row["Org_Code"] == "Total" and row["Standard_or_Item"] == "FDS"
                    else {}
                )
                for row in month()
            ]
        ),
        "reconciles",
    ),
    "a line cut short": (text(month())[:-60], ""),
    "a month that is none": (text(month("soon")), "soon"),
    "another publication": (b"name,score\r\nA,1\r\n", "its content is of none of them"),
}


@pytest.mark.parametrize(
    ("store_url", "case"),
    in_turn(BAD, both=["a duplicate key", "an England that is not the sum"]),
    indirect=["store_url"],
)
def test_a_bad_file_is_refused_whole_and_the_others_load(
    store: Store, settings: Settings, write: Write, case: str
) -> None:
    content, said = BAD[case]
    good = write(NAME, text(month()))
    bad = write("2024-25-Apr-Mar-Monthly-Combined-CSV-Provisional.csv", content)
    summary = load(store, settings, bad, good)
    assert [result.state for result in summary.results] == [FileState.REFUSED, FileState.LOADED]
    assert said in summary.results[0].message
    assert summary.results[0].message
    assert "Traceback" not in summary.results[0].message
    assert summary.state is RunState.FAILED
    assert rows(store, "SELECT name FROM source_file") == [(NAME,)]
    findings = rows(store, "SELECT file_name, severity FROM finding WHERE severity = 'error'")
    assert findings
    assert {name for name, _ in findings} == {bad.name}


def test_an_undatable_file_asks_for_its_period_and_loads_with_it(
    store: Store, settings: Settings, write: Write
) -> None:
    bare = [{key: value for key, value in row.items() if key != "Period"} for row in month()]
    path = write("some-file.csv", text(bare, columns=[name for name in COLUMNS if name != "Period"]))
    refused = load(store, settings, path, hints=Hints(maturity=Maturity.FINAL))
    assert refused.results[0].state is FileState.REFUSED
    assert one(store, "SELECT count(*) FROM observation") == 0
    hints = Hints(Period.month(2024, 11), date(2025, 1, 9), Maturity.FINAL)
    loaded = load(store, settings, path, hints=hints)
    assert loaded.results[0].periods == (Period.month(2024, 11),)
    assert str(one(store, "SELECT published_on FROM source_file")) == "2025-01-09"


def test_an_unknown_organisation_is_a_finding_and_not_a_loss(
    store: Store, settings: Settings, write: Write
) -> None:
    extra = [*without_total(), line("Provider", "ZZ9", (5, 6), name="A Clinic")]
    summary = load(store, settings, write(NAME, text(extra)))
    assert not summary.failed
    (finding,) = [item for item in summary.results[0].findings if item.check == "known organisations"]
    assert finding.severity is Severity.WARNING
    assert "ZZ9 A Clinic" in finding.message
    assert one(store, "SELECT numerator FROM current_observation WHERE organisation_code = 'ZZ9'") == 5


def test_coverage_that_shrinks_is_said_and_coverage_that_collapses_is_refused(
    store: Store, settings: Settings, write: Write
) -> None:
    five = [*without_total(), line("Provider", "RTX", (30, 60))]
    load(store, settings, write("2024-25-Nov-Monthly-Combined-CSV-Final.csv", text(five)))
    fewer = without_total("2024-12-01")
    shrunk = load(store, settings, write("2024-25-Dec-Monthly-Combined-CSV-Final.csv", text(fewer)))
    assert not shrunk.failed
    assert any("about 5 organisations, found 4" in item.message for item in shrunk.results[0].findings)
    alone = [row for row in without_total("2025-01-01") if row["Org_Code"] in {"RVV", "QKS"}]
    collapsed = load(store, settings, write("2024-25-Jan-Monthly-Combined-CSV-Final.csv", text(alone)))
    assert collapsed.failed
    assert "about 4 organisations, found 1" in collapsed.results[0].message


def test_a_total_of_another_magnitude_is_refused(store: Store, settings: Settings, write: Write) -> None:
    load(store, settings, write("2024-25-Nov-Monthly-Combined-CSV-Final.csv", text(month())))
    thousands = [
        row
        | {
            "Total": float(str(row["Total"])) * 1000,
            "Within": float(str(row["Within"])) * 1000,
            "After": float(str(row["After"])) * 1000,
        }
        for row in month("2024-12-01")
    ]
    summary = load(store, settings, write("2024-25-Dec-Monthly-Combined-CSV-Final.csv", text(thousands)))
    assert summary.failed
    assert "magnitude plausible" in summary.results[0].message


def test_check_says_what_load_would_say_and_loads_nothing(store: Store, write: Write) -> None:
    good, bad = write(NAME, text(month())), write("bad.csv", b"")
    summary = check_files(store, [good, bad])
    assert [result.state for result in summary.results] == [FileState.UNCHANGED, FileState.REFUSED]
    assert one(store, "SELECT count(*) FROM observation") == 0
    assert one(store, "SELECT count(*) FROM load_run") == 0


def test_a_run_is_recorded_with_what_it_did(store: Store, settings: Settings, write: Write) -> None:
    load(store, settings, write(NAME, text(month())), write("bad.csv", b""))
    (run,) = rows(
        store, "SELECT state, files_loaded, files_refused, rows_new, requested_by, trigger FROM load_run"
    )
    assert run[:3] == ("failed", 1, 1)
    assert run[3] == one(store, "SELECT count(*) FROM observation")
    assert run[4:] == ("a test", "command")


def test_a_landing_page_that_cannot_be_reached_is_a_failed_run(store: Store, settings: Settings) -> None:
    source = replace(
        SOURCES["cancer_waiting_times"], landing_url="http://127.0.0.1:9/", allowed_hosts=("127.0.0.1",)
    )
    quick = settings.model_copy(update={"fetch": settings.fetch.model_copy(update={"attempts": 1})})
    summary = refresh_source(store, source, quick, trigger="command", requested_by="a test")
    assert summary.failed
    assert "http://127.0.0.1:9/" in summary.message
    assert rows(store, "SELECT state FROM load_run") == [("failed",)]


def test_an_unknown_source_names_those_that_exist() -> None:
    with pytest.raises(SourceError, match="cancer_waiting_times"):
        source_by_id("weather")


def _unforeseen(*_: object) -> NoReturn:
    raise KeyError("a column that nobody thought of")


def test_what_a_source_did_not_foresee_is_said_without_a_traceback(
    store: Store, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    source = replace(SOURCES["cancer_waiting_times"], parse=_unforeseen, discover=_unforeseen)
    with pytest.raises(SourceError, match=r"not of a layout .*: its content is laid out otherwise$"):
        parsed_file(source, RawFile("x.csv", b"a,b"), Hints())
    summary = refresh_source(store, source, settings, trigger="command", requested_by="a test")
    assert summary.failed
    assert "is not laid out as Cancer waiting times's" in summary.message
    assert rows(store, "SELECT state FROM load_run") == [("failed",)]
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_run_that_a_caller_recorded_is_left_for_it_to_end(
    store: Store, settings: Settings, write: Write
) -> None:
    mine = create_run(store, source=None, kind=RunKind.LOAD, trigger="page", requested_by="Operator")
    summary = load_files(store, [write(NAME, text(month()))], settings, run_id=mine)
    assert (summary.run_id, summary.state) == (mine, RunState.SUCCEEDED)
    assert rows(store, "SELECT id, state FROM load_run") == [(mine, "running")]
    assert rows(store, "SELECT load_run_id FROM source_file") == [(mine,)]
    source = replace(
        SOURCES["cancer_waiting_times"], landing_url="http://127.0.0.1:9/", allowed_hosts=("127.0.0.1",)
    )
    quick = settings.model_copy(update={"fetch": settings.fetch.model_copy(update={"attempts": 1})})
    refreshed = refresh_source(store, source, quick, trigger="page", requested_by="Operator", run_id=mine)
    assert (refreshed.run_id, refreshed.state, refreshed.transient) == (mine, RunState.FAILED, True)
    assert rows(store, "SELECT id, state FROM load_run") == [(mine, "running")]


def test_two_processes_that_load_the_same_bytes_at_once_load_them_once(
    store: Store, settings: Settings, write: Write
) -> None:
    path, real = write(NAME, text(month())), SOURCES["cancer_waiting_times"]

    def parse_while_another_loads(raw: RawFile, hints: Hints) -> ParsedFile:
        load(store, settings, path)
        return real.parse(raw, hints)

    slow = replace(real, parse=parse_while_another_loads)
    result = load_arrival(Job(store, settings, None), slow, Arrival(RawFile(NAME, path.read_bytes())))
    assert (result.state, result.message) == (FileState.UNCHANGED, "")
    assert rows(store, "SELECT name FROM source_file") == [(NAME,)]
    assert one(store, "SELECT count(*) FROM held_file") == 0


def test_a_file_that_cannot_be_read_is_refused_and_not_held(store: Store, settings: Settings) -> None:
    summary = load(store, settings, Path("nowhere.csv"))
    assert summary.results[0].message == "the file cannot be read: No such file or directory"
    assert one(store, "SELECT count(*) FROM held_file") == 0


def test_kept_bytes_are_whole_and_their_names_plain(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"1,2").hexdigest()
    kept = Path(keep(RawFile("a.CSV", b"1,2"), digest, tmp_path))
    assert kept == tmp_path / digest[:2] / f"{digest}.csv"
    kept.write_bytes(b"1")
    assert Path(keep(RawFile("a.csv", b"1,2"), digest, tmp_path)).read_bytes() == b"1,2"
    odd = keep(RawFile("a.ending that is none", b"1,2"), digest, tmp_path)
    assert Path(odd).name == digest
    assert len([item for item in tmp_path.rglob("*") if item.is_file()]) == 2


class Watcher(Silent):
    """Notes at the end of each file how many changes there have been, and which of them pages are kept by."""

    def __init__(self, store: Store) -> None:
        self.store, self.seen = store, list[tuple[int, int]]()

    def file_finished(self, name: str, outcome: str) -> None:
        self.look()

    def look(self) -> None:
        with self.store.reading() as connection:
            self.seen.append((data_state(connection), shown_state(connection).at(time())))


def test_figures_of_a_run_are_shown_together_at_its_end(
    store: Store, settings: Settings, write: Write
) -> None:
    load(store, settings, write("2024-25-first-Final.csv", text(month())))
    later = [
        write(f"{name}-Final.csv", text(month(change=change)))
        for name, change in (("b", 1), ("c", 2), ("d", 3))
    ]
    watcher = Watcher(store)
    watcher.look()
    summary = load_files(store, later, settings, progress=watcher)
    watcher.look()
    assert not summary.failed
    assert watcher.seen == [(1, 1), (2, 1), (3, 1), (4, 1), (4, 4)]
